// Oracle: sums written as plain loops. Gradients are summed over what broadcasting repeated, in the order that is fast.
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { sumToShape } from "./broadcast.ts";
import { differentiate } from "./differentiate.ts";
import { openModel } from "./test-support/run-model.ts";

/** Dimensions of a gradient (batch first) and of the value that it belongs to, and how many sums it takes. */
const ROWS: readonly (readonly [string, string, sums: number])[] = [
  ["N,3,4", "4", 2],
  ["N,3,4", "1,1,4", 2],
  ["N,3,4", "3,4", 1],
  ["N,3,4", "3,1", 2],
  ["N,3,4", "1", 3],
  ["N,4,3,2", "4,1,1", 2],
  ["N,2,3,4", "4", 2],
  ["N,4", "4", 1],
  ["N,4", "N,1", 1],
];

it.each(ROWS)("sums [%s] down to [%s]", async (from, to, sums) => {
  const model = parseGraphText(`g (float[${from}] g, float[${to}] like) => () { }`);
  const b = createBuilder(model, inferShapes(model));
  b.output(sumToShape(b, "g", "like"), "sum");
  expect(b.build().graph.nodes.filter((n) => n.opType === "ReduceSum")).toHaveLength(sums);
  const sizes = (dims: string) => dims.split(",").map((d) => (d === "N" ? 5 : Number(d)));
  const dims = sizes(from);
  const target = sizes(to);
  const count = dims.reduce((n, d) => n * d, 1);
  const data = Array.from({ length: count }, (_, i) => (i * 7) % 11);
  const expected = new Array<number>(target.reduce((n, d) => n * d, 1)).fill(0);
  for (let i = 0; i < count; i++) {
    let [rest, place, stride] = [i, 0, 1];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = target[axis - dims.length + target.length] ?? 1;
      const index = rest % (dims[axis] as number);
      rest = Math.floor(rest / (dims[axis] as number));
      place += stride * (size === 1 ? 0 : index);
      stride *= size;
    }
    expected[place] = (expected[place] as number) + (data[i] as number);
  }
  const runnable = await openModel(b.build());
  const like = { dataType: "float32" as const, dims: target, data: expected };
  const outputs = await runnable.run({ g: { dataType: "float32", dims, data }, like });
  await runnable.release();
  expect(outputs.sum).toEqual({ dims: target, data: expected });
});

it("sums rows of tokens image by image", async () => {
  const model = parseGraphText(`g (float[N,3,4] x, float[4] c) => (y) <int64[2] s = {-1, 4}> {
    r = Reshape (x, s)  y = Add (r, c)
  }`);
  const { model: derived } = differentiate(model, inferShapes(model), {
    of: ["y"],
    wrt: ["c"],
    seed: "ones",
  });
  expect(derived.graph.nodes.filter((n) => n.opType === "ReduceSum")).toHaveLength(2);
  const runnable = await openModel(derived);
  const outputs = await runnable.run({
    x: { dataType: "float32", dims: [5, 3, 4], data: new Array<number>(60).fill(0) },
    c: { dataType: "float32", dims: [4], data: [0, 0, 0, 0] },
  });
  await runnable.release();
  expect(outputs.grad_c?.data).toEqual([15, 15, 15, 15]);
});

it("multiplies by the gradient of a mean without repeating it first", () => {
  const model = parseGraphText(`g (float[N,3,4] x) => (float[N,1,1] y) <int64[2] axes = {1, 2}> {
    s = Mul (x, x)  y = ReduceMean (s, axes)
  }`);
  const { model: derived } = differentiate(model, inferShapes(model), { of: ["y"], wrt: ["x"] });
  expect(derived.graph.nodes.map((n) => n.opType).filter((op) => /Expand|Add/.test(op))).toEqual([]);
});
