// Oracle: hand literals.
import { expect, it } from "vitest";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { probabilityOf } from "./probability.ts";

const info = (classes: number, skipped?: "Softmax" | "Sigmoid") =>
  ({ logits: { classes, skipped } }) as unknown as DescribedModel;

it.each([
  [info(2), [Math.log(3), 0], 0, 0.75],
  [info(3, "Softmax"), [1, 1, 1], 2, 1 / 3],
  [info(2, "Sigmoid"), [0, 5], 0, 0.5],
  [info(1), [Math.log(4)], 0, 0.8],
  [info(2), [2000, 0], 0, 1],
  [info(2), [2000, 0], 1, 0],
])("is the class's share %#", (model, scores, classIndex, expected) => {
  expect(probabilityOf(model, Float32Array.from(scores), classIndex)).toBeCloseTo(expected, 6);
});
