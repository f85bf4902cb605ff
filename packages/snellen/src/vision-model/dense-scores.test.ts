// Oracle: shapes of outputs as classifiers, segmentation models and detectors have them.
import { expect, it } from "vitest";
import { denseScoresText } from "./dense-scores.ts";

const textOf = (classAxis: number, ...shape: number[]) =>
  denseScoresText({
    value: "z",
    output: "y",
    skipped: undefined,
    classAxis,
    shape,
    classes: shape[classAxis - 1] ?? 1,
  });

it("is silent where there is one score a class", () => {
  for (const shape of [[10], [10, 1, 1], [], [1]]) expect(textOf(1, ...shape)).toBeUndefined();
  expect(textOf(3, 1, 1, 10)).toBeUndefined();
});

it("says that masks and boxes count by their strongest place", () => {
  expect(textOf(1, 21, 64, 128)).toBe(
    'Output "y" has scores at 64x128 places of a picture, as segmentation models have. A class counts here by its highest score over all of them: predictions, confidence and accuracy are about the strongest place, not about whole masks.',
  );
  expect(textOf(3, 64, 128, 21)).toContain("64x128 places");
  expect(textOf(2, 4420, 2)).toContain(
    "at 4420 places of a picture, as detectors have for their boxes. A class",
  );
});
