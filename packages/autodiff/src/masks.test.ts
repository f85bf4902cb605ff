// Oracle: the comparisons that the masks stand for, at the values where a steep ramp could differ from a step.
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { isAbove, isBelow, isStep } from "./masks.ts";
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

const bounds = [0, 6, -6, 1e-12, 0.5, 1, -3e38, 3e38, 1e-30, inf];

async function masksOf(type: "float" | "double") {
  const parsed = parseGraphText(
    `g (${type}[${data.length}] x) => (${type}[${data.length}] same) { same = Identity (x) }`,
  );
  const b = createBuilder(parsed, inferShapes(parsed));
  for (const [i, bound] of bounds.entries()) {
    b.output(isAbove(b, "x", bound), `above${i}`);
    b.output(isBelow(b, "x", bound), `below${i}`);
  }
  const model = b.build();
  const runnable = await openModel(model);
  const feed = { dataType: type === "float" ? "float32" : "float64", dims: [data.length], data } as const;
  const outputs = await runnable.run({ x: feed });
  await runnable.release();
  return { model, outputs };
}

it.each(["float", "double"] as const)("are exact steps in %s", async (type) => {
  const { outputs } = await masksOf(type);
  const round = type === "float" ? Math.fround : (v: number) => v;
  for (const [i, bound] of bounds.entries()) {
    const at = round(bound);
    expect(outputs[`above${i}`]?.data, `above ${bound}`).toEqual(data.map((v) => (round(v) > at ? 1 : 0)));
    expect(outputs[`below${i}`]?.data, `below ${bound}`).toEqual(data.map((v) => (round(v) < at ? 1 : 0)));
  }
});

it("are recognised, and stay in the blocked layout in single precision", async () => {
  const { model } = await masksOf("float");
  const steps = model.graph.nodes.filter((node) => node.opType === "HardSigmoid");
  expect(steps).toHaveLength(2 * 6);
  expect(steps.every(isStep)).toBe(true);
  expect((await masksOf("double")).model.graph.nodes.some((node) => node.opType === "HardSigmoid")).toBe(
    false,
  );
});
