// Parts of pages about receptive fields: what is drawn over R, its profile, its phases, and the layers that read unevenly.
import type { Plot, Table } from "../exam/result.ts";
import type { PhaseMap } from "../receptive-field/dead-pixels/phase-map.ts";
import type { UnevenSampling } from "../receptive-field/dead-pixels/uneven-sampling.ts";
import type { FieldPictureOptions } from "../receptive-field/effective/field-picture.ts";
import type { FieldSummary } from "../receptive-field/effective/field-summary.ts";
import { meanSigma } from "../receptive-field/size/mean-sigma.ts";

/** Of R's values; few pixels that stand out would leave all others dark. */
const BRIGHTEST = 0.995;

/** How R is drawn, in words. */
export const BRIGHTNESS = "dark: none, light: the highest half percent";

/** R as shares of what only the brightest half percent of its pixels exceed, 0 to 1; of its largest value where that is zero. */
export function brightness(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  const high = (sorted[Math.floor(BRIGHTEST * (sorted.length - 1))] as number) || (sorted.at(-1) as number);
  return values.map((v) => (high > 0 ? Math.min(1, v / high) : 0));
}

/** Ellipses at one and two standard deviations, and the theoretical field where it does not hold the whole image anyway. */
export function fieldMarks(summary: FieldSummary): FieldPictureOptions {
  const { converged, centreX, centreY, sigmaX, sigmaY } = summary;
  const isKnown = converged && centreX !== null && centreY !== null && sigmaX !== null && sigmaY !== null;
  return {
    ellipses: isKnown
      ? [1, 2].map((k) => ({ centre: [centreY, centreX], radii: [k * sigmaY, k * sigmaX] }))
      : [],
    frames: theoreticalFrame(summary),
  };
}

function theoreticalFrame({
  theoretical,
  expectedCentre,
  input,
}: FieldSummary): NonNullable<FieldPictureOptions["frames"]> {
  if (theoretical === null || expectedCentre === null) return [];
  const [rows, columns] = ([0, 1] as const).map((axis): [number, number] => {
    const [start, size] = [theoretical.start[axis], theoretical.size[axis]];
    if (start === null || size === null) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const first = start + expectedCentre[axis] - theoretical.centre[axis];
    return [first, first + size - 1];
  }) as [[number, number], [number, number]];
  const isWhole = rows[0] <= 0 && columns[0] <= 0 && rows[1] >= input[0] - 1 && columns[1] >= input[1] - 1;
  return isWhole ? [] : [{ rows, columns }];
}

/** Mean of R by distance, beside a round Gaussian as wide as the fitted one on the whole, and as high. */
export function profilePlot(summary: FieldSummary): Plot {
  const { layer, n, profile } = summary;
  const top = Math.max(...profile.rings.map(({ mean }) => mean)) || 1;
  const gaussian = roundGaussian(summary);
  const line = (value: (radius: number, mean: number) => number): [number, number][] =>
    profile.rings.map(({ radius, mean }) => [radius, value(radius, mean) / top]);
  const fitted = gaussian && {
    name: `Gaussian of σ ${gaussian.sigma.toFixed(1)}`,
    points: line((radius) => gaussian.peak * Math.exp(-0.5 * (radius / gaussian.sigma) ** 2)),
    style: "dashed" as const,
  };
  return {
    kind: "plot",
    caption: `${layer}: R by distance from its centre, ${n} images`,
    x: { title: "distance from the centre (pixels)" },
    y: { title: "mean of R (share of the highest)" },
    series: [
      { name: "R", points: line((_, mean) => mean), style: "line" },
      ...(fitted === undefined ? [] : [fitted]),
    ],
  };
}

function roundGaussian({ converged, sigmaX, sigmaY, amplitude, sum }: FieldSummary) {
  const sigma = converged ? meanSigma({ sigmaX, sigmaY }) : null;
  if (sigma === null || amplitude === null) return undefined;
  return { sigma, peak: (amplitude * sum) / (2 * Math.PI * sigma ** 2) };
}

/** R by a pixel's position under a stride. */
export const phaseTable = ({ stride, means }: PhaseMap): Table => ({
  kind: "table",
  caption: `Mean of R by position modulo ${stride.join("x")} pixels, over the mean of R: 1 everywhere where positions do not matter`,
  columns: [
    { title: "row" },
    ...Array.from({ length: stride[1] }, (_, column) => ({ title: `column ${column}`, digits: 2 })),
  ],
  rows: means.map((row, i) => [String(i), ...row]),
});

/** Layers that `fix kernel-padding` was run on, and what they wait for; empty where there are none. */
export function paddedText(padded: readonly string[]): string {
  if (padded.length === 0) return "";
  const more = padded.length > MOST_NAMES ? ` and ${padded.length - MOST_NAMES} more` : "";
  const names = padded.slice(0, MOST_NAMES).join(", ");
  return `Kernels are padded already, and not trained since (${names}${more}): until fine-tuning, their new weights are zero and pixels count as before.`;
}

const MOST_NAMES = 3;

/** What trains padded kernels. */
export const PADDED_REMEDY = "snellen finetune <model> --data <folder>";

const MENDED: Readonly<Record<UnevenSampling["fixable"], string>> = {
  "kernel-padding": "fix kernel-padding",
  pooling: "its --pooling",
  no: "–",
};

/** A row a layer. */
export const offenderTable = (offenders: readonly UnevenSampling[]): Table => ({
  kind: "table",
  caption: "Layers that read some pixels more often than their neighbours",
  columns: [
    { title: "layer" },
    { title: "operator" },
    { title: "kernel" },
    { title: "stride" },
    { title: "windows over each pixel (rows / columns)" },
    { title: "mended by" },
  ],
  rows: offenders.map(({ node, opType, kernel, stride, coverage, fixable }) => [
    node,
    opType,
    kernel.join("x"),
    stride.join("x"),
    coverage.map((counts) => counts.join(" ")).join(" / "),
    MENDED[fixable],
  ]),
});
