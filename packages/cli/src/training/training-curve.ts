// The curve of a training: losses over the epochs, and accuracies below them, each on an axis of its own.
import type { EpochMetrics, Plot } from "snellen";

type Metrics = readonly Partial<EpochMetrics>[];
type Point = Plot["series"][number]["points"][number];

/** Losses that differ by more are drawn by their powers of ten. */
const WIDE = 100;

export const curvePlots = (metrics: Metrics): readonly [loss: Plot, accuracy: Plot] => [
  lossPlot(metrics),
  {
    kind: "plot",
    caption: "Accuracy over the epochs",
    x: { title: "epoch" },
    y: { title: "accuracy (%)" },
    series: seriesOf(metrics, "accuracy", "validationAccuracy", (share) => 100 * share),
  },
];

function lossPlot(metrics: Metrics): Plot {
  const series = seriesOf(metrics, "loss", "validationLoss", (loss) => loss);
  const losses = series.flatMap(({ points }) => points.map(([, loss]) => loss));
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const scale = least > 0 && most > WIDE * least ? "log" : "linear";
  return {
    kind: "plot",
    caption: "Loss over the epochs",
    x: { title: "epoch" },
    y: { title: "loss", scale },
    series,
  };
}

/** Training first, so that both plots have the same colours. */
function seriesOf(
  metrics: Metrics,
  training: "loss" | "accuracy",
  validation: "validationLoss" | "validationAccuracy",
  shown: (value: number) => number,
): Plot["series"] {
  const named = [
    ["training", training],
    ["validation", validation],
  ] as const;
  return named.flatMap(([name, key]) => {
    const points = metrics.flatMap(({ epoch, [key]: value }): Point[] =>
      epoch === undefined || value == null ? [] : [[epoch, shown(value)]],
    );
    // a line of one point could hardly be seen
    return points.length === 0 ? [] : [{ name, points, style: points.length === 1 ? "points" : "line" }];
  });
}
