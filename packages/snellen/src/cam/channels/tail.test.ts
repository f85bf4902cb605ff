// Oracle: ONNX Runtime; what lies before a layer and the tail behind it, one after the other and for several copies of one
// picture at once, give what the whole network gives; float32, where batches may be summed in another order: 1e-6.
import {
  BATCH,
  canonicalize,
  createBuilder,
  type Model,
  serializeModel,
  type TypedModel,
  takeHead,
  withGraph,
} from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { noise, textModel } from "../../vision-model/test-support/text-model.ts";
import { CHANNELS, ofOnePicture, repeatPicture } from "./repeat-picture.ts";
import { cutBehind } from "./tail.ts";

const PICTURE = "float[N,3,8,8] x";
const HEAD = "p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy)";

/** Name → graph from `x` to `y`, the layer `f`, and what the tail takes besides it. */
const NETWORKS: Readonly<Record<string, readonly [graph: string, besides: readonly string[]]>> = {
  "nothing but the layer": [
    `g (${PICTURE}, float[4,3,3,3] w, float[4,5] wy) => (float[N,5] y) { c = Conv (x, w) f = Relu (c) ${HEAD} }`,
    [],
  ],
  "a skip connection around the layer, and the picture": [
    `g (${PICTURE}, float[4,3,1,1] w, float[4,4,1,1] w2, float[7,5] wy) => (float[N,5] y)
     { c = Conv (x, w) s = Sigmoid (c) f = Conv (c, w2) t = Mul (f, s) v = Concat <axis = 1> (t, x)
       p = GlobalMaxPool (v) r = Flatten (p) y = Gemm (r, wy) }`,
    ["s", "x"],
  ],
  "a value that merges the batch with windows, made anew from one that does not": [
    `g (${PICTURE}, float[4,3,1,1] w, float[4,5] wy) => (float[N,5] y)
       <int64[4] windows = {-1, 2, 8, 8}, int64[4] whole = {-1, 4, 8, 8}>
     { c = Conv (x, w) m = Reshape (c, windows) e = Exp (m) f = Relu (c) fm = Reshape (f, windows) t = Mul (fm, e)
       v = Reshape (t, whole) p = GlobalAveragePool (v) r = Flatten (p) y = Gemm (r, wy) }`,
    ["c"],
  ],
  "the batch size, which its own input tells": [
    `g (${PICTURE}, float[4,3,1,1] w, float[1,4,1,1] token, float[4,5] wy) => (float[N,5] y) <int64[3] rest = {4, 8, 8}>
     { c = Conv (x, w) f = Relu (c) n = Shape <start = 0, end = 1> (x) s = Concat <axis = 0> (n, rest) t = Expand (token, s)
       v = Add (f, t) p = GlobalAveragePool (v) r = Flatten (p) y = Gemm (r, wy) }`,
    [],
  ],
  "another output of the node that makes the layer": [
    `g (${PICTURE}, float[4,3,1,1] w, float[2,5] wy) => (float[N,5] y)
     { c = Conv (x, w) f, o = Split <axis = 1, num_outputs = 2> (c) v = Mul (f, o) p = GlobalAveragePool (v) r = Flatten (p)
       y = Gemm (r, wy) }`,
    ["o"],
  ],
};

async function run(model: Model, feeds: Readonly<Record<string, Tensor>>) {
  const session = await InferenceSession.create(serializeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const found = await session.run(feeds);
  await session.release();
  return found as Readonly<Record<string, Tensor>>;
}

const picture = (seed: number) => Float32Array.from({ length: 192 }, noise(seed));

function tailOf(text: string): { whole: TypedModel; tail: TypedModel } {
  const whole = canonicalize(textModel(text));
  return { whole, tail: cutBehind(whole, "f", "x") };
}

describe.each(Object.entries(NETWORKS))("a tail that takes %s", (_, [text, besides]) => {
  it("gives what the network gives, for copies of a picture at once", async () => {
    const { whole, tail } = tailOf(text);
    const values = tail.model.graph.inputs.map((v) => v.name);
    expect(values).toEqual(["f", ...besides]);
    const x = new Tensor("float32", picture(3), [1, 3, 8, 8]);
    const head = takeHead(
      whole.model,
      values.filter((name) => name !== "x"),
    );
    const found = { ...(await run(head, { x })), x };
    const feeds = Object.fromEntries(values.map((name) => [ofOnePicture(name), found[name as "x"]]));
    const channels = new Tensor("int64", new BigInt64Array(3), [3]);
    const repeated = repeatPicture(tail, new Map());
    const y = (await run(repeated.model, { ...feeds, [CHANNELS]: channels })).y as Tensor;
    const expected = (await run(whole.model, { x })).y as Tensor;
    expect(y.dims).toEqual([3, 5]);
    const once = Array.from(expected.data as Float32Array);
    const worst = Math.max(...[...once, ...once, ...once].map((v, i) => Math.abs(v - Number(y.data[i]))));
    expect(worst).toBeLessThan(1e-6);
  });
});

describe("a tail", () => {
  it("leaves out what computes the layer", async () => {
    const { tail } = tailOf(NETWORKS["nothing but the layer"]?.[0] as string);
    expect(tail.model.graph.nodes.map((node) => node.opType)).toEqual([
      "GlobalAveragePool",
      "Flatten",
      "Gemm",
    ]);
  });

  it("keeps inputs besides the picture, and is not cut at what depends on them", () => {
    const { model, shapes } = canonicalize(textModel(NETWORKS["nothing but the layer"]?.[0] as string));
    const b = createBuilder(withGraph(model, { outputs: [] }), shapes);
    const factor = b.input("factor", "float32", [BATCH, 1]);
    const mean = b.op("ReduceMean", ["x", b.ints([1, 2, 3])], { keepdims: 0 });
    const scaled = b.op("Mul", [b.op("Unsqueeze", [mean, b.ints([1])]), factor]);
    b.output(b.op("Mul", ["y", scaled]), "z");
    const { graph } = cutBehind({ model: b.build(), shapes: b.shapes }, "f", "x").model;
    expect(graph.inputs.map((v) => v.name)).toEqual(["f", "Unsqueeze", "factor"]);
  });

  it("starts at a layer that nothing reads, too", () => {
    const { model, shapes } = canonicalize(textModel(NETWORKS["nothing but the layer"]?.[0] as string));
    const b = createBuilder(withGraph(model, { outputs: [] }), shapes);
    b.output("c", "z");
    const { graph } = cutBehind({ model: b.build(), shapes: b.shapes }, "f", "x").model;
    expect(graph.inputs.map((v) => v.name)).toEqual(["f", "x"]);
  });
});
