// Oracle: the comparisons that the masks stand for, at the values where a steep ramp could differ from a step.
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { isBelow, isPositive, isStep } from "./masks.ts";
import { openModel } from "./test-support/run-model.ts";

const inf = Number.POSITIVE_INFINITY;
const data = [
  -inf,
  -3e38,
  -6,
  -1,
  -1e-30,
  -0,
  0,
  1e-37,
  1e-30,
  0.5,
  1,
  5.9999995,
  6,
  6.0000005,
  7,
  3e38,
  inf,
];

async function maskOf(type: "float" | "double") {
  const parsed = parseGraphText(
    `g (${type}[${data.length}] x) => (${type}[${data.length}] x2) { x2 = Identity (x) }`,
  );
  const b = createBuilder(parsed, inferShapes(parsed));
  const names = [isPositive(b, "x"), isBelow(b, "x", 6)];
  for (const [i, name] of names.entries()) b.output(name, `mask${i}`);
  const model = b.build();
  const runnable = await openModel(model);
  const feed = { dataType: type === "float" ? "float32" : "float64", dims: [data.length], data } as const;
  const outputs = await runnable.run({ x: feed });
  await runnable.release();
  return { model, positive: outputs.mask0?.data, below: outputs.mask1?.data };
}

it.each(["float", "double"] as const)("are exact steps in %s", async (type) => {
  const { positive, below } = await maskOf(type);
  expect(positive).toEqual(data.map((v) => (Math.fround(v) > 0 ? 1 : 0)));
  expect(below).toEqual(data.map((v) => (Math.fround(v) < 6 ? 1 : 0)));
});

it("are recognised, and stay in the blocked layout in single precision", async () => {
  const { model } = await maskOf("float");
  const steps = model.graph.nodes.filter((node) => node.opType === "HardSigmoid");
  expect(steps.map(isStep)).toEqual([true, true]);
  expect((await maskOf("double")).model.graph.nodes.some((node) => node.opType === "HardSigmoid")).toBe(
    false,
  );
});
