// Randomized weights on small graphs. Oracle: the graphs themselves, and the standard deviation that was asked for.
import { inferShapes, type Model, type Tensor, tensorValues } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { textModel } from "../../vision-model/test-support/text-model.ts";
import { randomizeWeights, weightedLayers } from "./sanity-check.ts";

const TEXT = `agraph (float[N,3,8,8] image, float[64,3,3,3] w1, float[64,64,1,1] w2, float[64,1,1] s, float[64,10] w3, float[10] c) => (float[N,10] logits)
<int64[2] axes = {2, 3}>
{
  a = Conv <pads = [1, 1, 1, 1]> (image, w1)
  r = Relu (a)
  b = Conv (r, w2)
  n = Mul (b, s)
  m = ReduceMean <keepdims = 0> (n, axes)
  h = MatMul (m, w3)
  logits = Add (h, c)
}`;

const model = textModel(TEXT);
const shapes = inferShapes(model);
const randomized = (fromTop: number, seed = 1, of = model) =>
  randomizeWeights(of, inferShapes(of), { fromTop, seed });

/** The weights that the node which makes `output` reads. */
const weightsOf = (of: Model, output: string, input = 1): Tensor => {
  const node = of.graph.nodes.find((n) => n.outputs[0] === output);
  return of.graph.initializers.get(node?.inputs[input] ?? "") as Tensor;
};

const deviation = (tensor: Tensor): number => {
  const values = [...(tensorValues(tensor) as Float32Array)];
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  return Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
};

describe("weightedLayers", () => {
  it("are products with constants that the scores depend on, from the scores downwards", () => {
    expect(weightedLayers(model, shapes)).toEqual(["h", "b", "a"]);
    expect(weightedLayers(model, shapes, "r")).toEqual(["a"]);
  });

  it("follow weights that are computed from constants, and leave products of two values alone", () => {
    const turned = textModel(`agraph (float[N,4,4] image, float[5,4] w) => (float[N,4,5] logits)
    {
      both = MatMul (image, image)
      t = Transpose <perm = [1, 0]> (w)
      logits = MatMul (both, t)
    }`);
    expect(weightedLayers(turned, inferShapes(turned))).toEqual(["logits"]);
    const { model: after } = randomized(1, 1, turned);
    expect(after.graph.nodes.map((n) => n.opType)).toEqual(["MatMul", "MatMul"]);
    expect(weightsOf(after, "logits").dims).toEqual([4, 5]);
  });
});

describe("randomizeWeights", () => {
  it("changes the top layers and keeps the deeper ones, biases and the model that was given", () => {
    const before = weightsOf(model, "h");
    const { model: after, layers } = randomized(2);
    expect(layers).toEqual(["h", "b"]);
    expect(weightsOf(after, "a")).toBe(weightsOf(model, "a"));
    for (const output of ["h", "b"]) {
      expect(weightsOf(after, output).dims).toEqual(weightsOf(model, output).dims);
      expect(weightsOf(after, output).data).not.toEqual(weightsOf(model, output).data);
    }
    expect(after.graph.initializers.get("c")).toBe(model.graph.initializers.get("c"));
    expect(weightsOf(model, "h")).toBe(before);
    expect(after.graph.initializers.size).toBe(model.graph.initializers.size);
  });

  it("keeps the weights' standard deviation", () => {
    const { model: after } = randomized(3);
    // 640 numbers at least: 3 % standard error.
    for (const output of ["h", "b", "a"])
      expect(deviation(weightsOf(after, output)) / deviation(weightsOf(model, output))).toBeCloseTo(1, 0.6);
  });

  it("cascades: a layer has the same random weights however many follow it", () => {
    const [one, three] = [randomized(1), randomized(3)];
    expect(weightsOf(three.model, "h").data).toEqual(weightsOf(one.model, "h").data);
    expect(randomized(3)).toEqual(three);
    expect(weightsOf(randomized(1, 2).model, "h").data).not.toEqual(weightsOf(one.model, "h").data);
    expect(randomized(99).layers).toEqual(three.layers);
    expect(randomized(0).layers).toEqual([]);
  });

  it("takes He's deviation for weights that are not in memory", () => {
    const elsewhere = { location: "weights.bin", offset: 0, length: 64 * 27 * 4 };
    const initializers = new Map(model.graph.initializers);
    initializers.set("w1", { ...(initializers.get("w1") as Tensor), data: elsewhere });
    const external = { ...model, graph: { ...model.graph, initializers } };
    const { model: after } = randomized(3, 1, external);
    // 1,728 numbers: 1.7 % standard error.
    expect(deviation(weightsOf(after, "a")) / Math.sqrt(2 / 27)).toBeCloseTo(1, 1);
    expect(randomized(2, 1, external).model.graph.initializers.get("w1")?.data).toBe(elsewhere);
  });

  it.each([
    ["Gemm (image, w)", "float[200,300] w", 200],
    ["Gemm <transB = 1> (image, w)", "float[300,200] w", 200],
    ["MatMul (image, w)", "float[200,300] w", 200],
  ])("knows the fan-in of %s", (call, declaration, fanIn) => {
    const text = textModel(`agraph (float[N,200] image, ${declaration}) => (float[N,300] y) { y = ${call} }`);
    const w = text.graph.initializers.get("w") as Tensor;
    const data = { location: "weights.bin", offset: 0, length: 240_000 };
    const external = { ...text, graph: { ...text.graph, initializers: new Map([["w", { ...w, data }]]) } };
    const { model: after } = randomized(1, 1, external);
    expect(deviation(weightsOf(after, "y")) / Math.sqrt(2 / fanIn)).toBeCloseTo(1, 1);
  });

  it("changes a shared weight in the randomized layers only", () => {
    const shared = textModel(`agraph (float[N,4] image, float[4,4] w) => (float[N,4] y)
    { x = MatMul (image, w)  y = MatMul (x, w) }`);
    const { model: after, layers } = randomized(1, 1, shared);
    expect(layers).toEqual(["y"]);
    expect(weightsOf(after, "x")).toBe(weightsOf(shared, "x"));
    expect(weightsOf(after, "y").data).not.toEqual(weightsOf(shared, "y").data);
  });

  it("refuses a part of a layer", () => {
    expect(() => randomized(0.5)).toThrow(expect.objectContaining({ code: "bad-layer-count" }));
  });
});
