// Oracle: ONNX Runtime runs the half-precision model itself; single precision differs by its rounding only.
import { expect, it } from "vitest";
import { canonicalize } from "../canonicalize.ts";
import { tensorNumbers } from "../tensor.ts";
import { raisePrecision } from "./raise-precision.ts";
import { expectClose, graphAt, opTypes, randomFeeds, run } from "./test-support/compare.ts";

const NETWORK = `g (float16[N,3] x, float t) => (float16[N,2] y, float[N,2] z, bool c)
<float16[3,2] w = {0.5, -1, 0.25, 2, -0.125, 1.5}, float16[2] one = {1, 1}, int64[1] two = {2}, float half = {0.5}> {
  a = MatMul (x, w)
  b = LayerNormalization <stash_type = 1> (a, one)
  f = Cast <to = 10> (t)
  s = Mul (b, f)
  k = ConstantOfShape <value = float16[1] {0.5}> (two)
  y = Add (s, k)
  z = Cast <to = 1> (y)
  c = Greater (t, half)
}`;

it("computes in single precision and changes the signature", async () => {
  const model = graphAt(18, NETWORK);
  const raised = raisePrecision(model);
  expect(raised.graph.inputs.map((v) => v.dataType)).toEqual(["float32", "float32"]);
  expect(raised.graph.outputs.map((v) => v.dataType)).toEqual(["float32", "float32", "bool"]);
  expect(tensorNumbers(raised.graph.initializers.get("w")!)).toEqual([0.5, -1, 0.25, 2, -0.125, 1.5]);
  expect(model.graph.initializers.get("w")?.dataType).toBe("float16");
  const [half, single] = [randomFeeds(model, 4), randomFeeds(raised, 4)];
  const rounded = new Map(
    [...half].map(([name, t]) => [
      name,
      name === "x"
        ? { ...single.get(name)!, data: new Uint8Array(Float32Array.from(tensorNumbers(t)).buffer) }
        : t,
    ]),
  );
  const [expected, actual] = [await run(model, half), await run(raised, rounded)];
  expectClose(actual.get("z"), expected.get("z")!, 2e-3);
});

it("keeps the signature behind casts when asked to", async () => {
  const model = graphAt(18, NETWORK);
  const raised = raisePrecision(model, { signature: "kept" });
  expect(raised.graph.inputs).toEqual(model.graph.inputs);
  expect(raised.graph.outputs).toEqual(model.graph.outputs);
  const feeds = randomFeeds(model, 4);
  const [expected, actual] = [await run(model, feeds), await run(raised, feeds)];
  for (const [name, tensor] of expected) expectClose(actual.get(name), tensor, 2e-3, name);
  expect(opTypes(canonicalize(raised).model).filter((op) => op === "Cast")).toHaveLength(2);
});

it("passes an input on that is an output, in sub-graphs and functions too", async () => {
  const model = graphAt(
    18,
    `g (bfloat16[2] x, bool c) => (bfloat16[2] x, bfloat16[2] y) {
      y = If <then_branch = yes () => (bfloat16[2] r) <bfloat16[2] w = {1, 2}> { r = Add (x, w) },
              else_branch = no () => (bfloat16[2] r) { f = Cast <to = 1> (x)  r = Cast <to = 16> (f) }> (c)
    }`,
  );
  const raised = raisePrecision(model);
  const feeds = randomFeeds(raised, 1);
  const x = tensorNumbers(feeds.get("x")!);
  const out = await run(
    { ...raised, graph: { ...raised.graph, outputs: raised.graph.outputs.slice(1) } },
    feeds,
  );
  expect(tensorNumbers(out.get("y")!)[1]).toBeCloseTo(
    (x[1] as number) + (tensorNumbers(feeds.get("c")!)[0] ? 2 : 0),
    6,
  );
});

it("casts weights whose bytes were not read", () => {
  const model = graphAt(18, "g (float16[2] x) => (y) <float16[2] w = {1, 2}> { y = Add (x, w) }");
  const external = {
    dataType: "float16",
    dims: [2],
    data: { location: "weights", offset: 0, length: 4 },
  } as const;
  const raised = raisePrecision({
    ...model,
    graph: { ...model.graph, initializers: new Map([["w", external]]) },
  });
  expect(opTypes(raised)).toEqual(["Cast", "Add"]);
  expect(raised.graph.initializers.get("w/stored")).toBe(external);
});

it("returns the same model when nothing has half precision", () => {
  const model = graphAt(18, "g (float[2] x) => (y) { y = Cast <to = 11> (x) }");
  expect(raisePrecision(model)).toBe(model);
});
