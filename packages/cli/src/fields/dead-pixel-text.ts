// The dead pixel test as people read it on the terminal: what was found, what causes it, what to do.
import { offenderTable, PADDED_REMEDY, paddedText } from "snellen";
import { tableText } from "../tables.ts";
import type { DeadPixelFile } from "./write-dead-pixels.ts";

const percent = (share: number | null, digits = 1): string =>
  share === null ? "?" : `${(100 * share).toFixed(digits)} %`;
const number = (value: number | null | undefined, digits = 3): string => value?.toFixed(digits) ?? "?";

export function deadPixelText(file: DeadPixelFile, path: string, out: string): string {
  return [
    `R of the score (${file.target}) over ${file.n} images`,
    `L1 ${file.L1.toExponential(3)} (${number(file.L1Normalized)} of the mean), L2 ${file.L2.toExponential(3)} (${number(file.L2Normalized)})`,
    `weak pixels (below half of those around them): ${percent(file.weakShare)}; R is zero in ${percent(file.weak.deadShare)}`,
    ...file.phaseMaps.map(
      ({ stride, contrast, weak }) =>
        `modulo ${stride.join("x")}: phases differ by ${percent(contrast, 0)} of the mean${weak.length === 0 ? "" : `, ${weak.length} of ${stride[0] * stride[1]} below half of it`}`,
    ),
    peaksLine(file),
    ...perturbationLine(file),
    "",
    ...offenderLines(file, path),
    `Pictures and numbers in ${out}`,
  ].join("\n");
}

function peaksLine({ peaks }: DeadPixelFile): string {
  const [strongest] = peaks;
  if (strongest === undefined) return "spectrum: no peak at a stride's frequency";
  const { direction, frequency, stride, ratio } = strongest;
  return `spectrum: ${peaks.length} peaks at strides' frequencies, the strongest ${direction} at ${frequency.toFixed(3)} cycles a pixel (stride ${stride}), ${number(ratio, 0)} times its surroundings`;
}

function perturbationLine({ perturbation }: DeadPixelFile): string[] {
  if (perturbation === null) return [];
  const { r2, slope, pixels, images } = perturbation;
  return [
    `${pixels.length} pixels perturbed in ${images} images: change and R have R² ${number(r2, 2)}, slope ${number(slope, 2)}`,
  ];
}

function offenderLines({ offenders, padded }: DeadPixelFile, path: string): string[] {
  const trained = padded.length === 0 ? [] : [paddedText(padded), PADDED_REMEDY.replace("<model>", path)];
  if (offenders.length === 0)
    return padded.length > 0 ? trained : ["No layer reads some pixels more often than others."];
  const { columns, rows } = offenderTable(offenders);
  const isFixable = offenders.some(({ fixable }) => fixable === "kernel-padding");
  return [
    "Layers that read some pixels more often than others:",
    tableText(
      columns.map(({ title }) => title),
      rows.map((row) => row.map(String)),
      { ruled: true },
    ),
    ...(isFixable ? [`Mend them: snellen fix kernel-padding ${path} -o fixed.onnx`] : []),
    ...trained,
  ];
}
