import type { EpochMetrics, Evaluation } from "snellen";
import { expect, it } from "vitest";
import { validationText } from "./training-files.ts";

it("says that a model was better before its training", () => {
  const before: Evaluation = { loss: 1, accuracy: 0.8, n: 50 };
  const kept = (validationAccuracy: number | null) => ({ validationAccuracy }) as EpochMetrics;
  expect(validationText(before, kept(0.9))).toBe(", validation accuracy 90.0 % (before 80.0 %)");
  expect(validationText(before, kept(0.7))).toMatch(/70\.0 % \(before 80\.0 %\): it was better as it was/);
  expect(validationText(before, kept(null))).toBe("");
  expect(validationText(undefined, kept(0.7))).toBe("");
});
