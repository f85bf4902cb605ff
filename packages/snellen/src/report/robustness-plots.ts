// What the robustness report draws: which loss of a condition, and calibration as plots.
import type { Plot } from "../exam/result.ts";
import { type Estimate, mapEstimate } from "../robustness/figures/estimates.ts";
import type { ConditionFigures, ModelFigures } from "../robustness/figures/result-types.ts";
import { isLabelled } from "./robustness-text.ts";

/** What is drawn of a condition: the error, or where a model has no labels, how much it strays from the clean picture. */
export function lossOf(models: readonly ModelFigures[]): {
  readonly title: string;
  readonly of: (figures: ConditionFigures) => Estimate;
} {
  return models.every(isLabelled)
    ? { title: "error (%)", of: ({ error }) => error }
    : {
        title: "outputs unlike the clean picture's (%)",
        of: ({ agreement }) => mapEstimate(agreement, (v) => 1 - v),
      };
}

/** Accuracy against confidence, clean and under shift; a calibrated model lies on the diagonal. */
export function reliabilityPlot({ name, calibration }: ModelFigures): Plot {
  const shown = calibration.filter(({ severity, n }) => n > 0 && [0, 1, 3, 5].includes(severity));
  const counts = shown.map(
    ({ severity, n }) => `${n} ${severity === 0 ? "clean" : `at severity ${severity}`}`,
  );
  return {
    kind: "plot",
    caption: `${name}: accuracy by confidence in fifteen bins; outcomes: ${counts.join(", ")}`,
    x: { title: "mean confidence of the bin" },
    y: { title: "accuracy of the bin" },
    series: [
      ...shown.map(({ severity, bins }) => ({
        name: severity === 0 ? "clean" : `severity ${severity}`,
        points: bins.flatMap(({ confidence, accuracy }): [number, number][] =>
          confidence === null || accuracy === null ? [] : [[confidence, accuracy]],
        ),
        style: "line" as const,
      })),
      {
        name: "calibrated",
        points: [
          [0, 0],
          [1, 1],
        ],
        style: "dashed",
      },
    ],
  };
}

/** Expected calibration error of all outcomes of a severity, a line a model. */
export function calibrationPlot(models: readonly ModelFigures[]): Plot {
  const known = models.filter(isLabelled);
  const counts = known.flatMap(({ calibration }) => calibration.map(({ n }) => n));
  return {
    kind: "plot",
    caption: `Expected calibration error by severity, ${Math.min(...counts)} to ${Math.max(...counts)} outcomes a point (images times corruptions)`,
    x: { title: "severity (0 is clean)" },
    y: { title: "expected calibration error (%)" },
    series: known.map(({ name, calibration }) => ({
      name,
      points: calibration.flatMap(({ severity, ece }): [number, number][] =>
        ece === null ? [] : [[severity, 100 * ece]],
      ),
      style: "line",
    })),
  };
}
