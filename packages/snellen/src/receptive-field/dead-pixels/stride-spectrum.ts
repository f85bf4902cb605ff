// Whether R repeats with a stride: its power at the stride's frequencies, beside that at frequencies nearby. A smooth field has
// none to speak of there; the checkerboard of Kim et al., arXiv:2108.13576, has. Derived here.
import { type FieldValues, meanOf, medianOf } from "../size/field-values.ts";
import { type Stride, strideSides } from "./stride.ts";

/** R's power at one harmonic of a stride, and at frequencies nearby. */
export interface SpectrumPeak {
  /** Horizontal: along rows. */
  readonly direction: "horizontal" | "vertical";
  /** Pixels, along this direction. */
  readonly stride: number;
  /** The frequency is harmonic / stride. */
  readonly harmonic: number;
  /** Cycles per pixel, up to 0.5. */
  readonly frequency: number;
  /** Of R / mean(R), mean over lines: a wave of amplitude a has a²/4 (a² at 0.5). */
  readonly power: number;
  /** Median of the power 2 to 5 cycles per line beside it; undefined where the line is shorter than four strides. */
  readonly background: number | undefined;
  /** power / background. */
  readonly ratio: number | undefined;
  readonly isPeak: boolean;
}

/** Times the background. Lines of noise average out to about 1; a smooth field has 1 or less, as its power falls. */
const PEAK_RATIO = 5;
/** Power, below which there is only the rounding of float32 gradients: an amplitude of 2e-5 of the mean. */
const ROUNDING = 1e-10;
/** Power of what is rounding even in float64; keeps the ratio finite over a background of nothing. */
const SILENCE = 1e-24;
/** Where a Hann window has let go of a wave, in cycles per line, and a few beyond. */
const BESIDE = [2, 2.5, 3, 3.5, 4, 4.5, 5];
const LET_GO = 2;

/**
 * Lines are freed of their mean and weighted by a Hann window first. Neighbouring frequencies that belong to the next harmonic
 * are left out.
 *
 * @param strides pixels, whole; 1 has no frequencies
 * @returns for each stride, direction and harmonic up to 0.5 cycles per pixel; none where the mean of R is not above zero
 * @throws UsageError `bad-stride`
 */
export function strideSpectrum(field: FieldValues, strides: readonly Stride[]): SpectrumPeak[] {
  const mean = meanOf(field.values);
  const sides = strides.map((stride) => strideSides(stride, field.dims));
  if (!(mean > 0)) return [];
  const [height, width] = field.dims;
  const horizontal = windowed(field.values, { lines: height, length: width, lineStep: width, step: 1 }, mean);
  const vertical = windowed(field.values, { lines: width, length: height, lineStep: 1, step: width }, mean);
  return sides.flatMap(([rows, columns]) => [
    ...peaks(horizontal, "horizontal", columns),
    ...peaks(vertical, "vertical", rows),
  ]);
}

interface Lines {
  readonly values: Float64Array;
  readonly lines: number;
  readonly length: number;
}

interface Layout {
  readonly lines: number;
  readonly length: number;
  readonly lineStep: number;
  readonly step: number;
}

/** Lines, one behind the other, weighted so that a wave's power does not depend on their length. */
function windowed(values: Float64Array, { lines, length, lineStep, step }: Layout, mean: number): Lines {
  const hann = Float64Array.from({ length }, (_, k) => Math.sin((Math.PI * (k + 0.5)) / length) ** 2);
  const weight = hann.reduce((a, v) => a + v, 0);
  const out = new Float64Array(lines * length);
  for (let line = 0; line < lines; line++) {
    const at = (k: number): number => values[line * lineStep + k * step] as number;
    let centre = 0;
    for (let k = 0; k < length; k++) centre += ((hann[k] as number) * at(k)) / weight;
    for (let k = 0; k < length; k++)
      out[line * length + k] = ((hann[k] as number) * (at(k) - centre)) / (weight * mean);
  }
  return { values: out, lines, length };
}

function peaks(lines: Lines, direction: SpectrumPeak["direction"], stride: number): SpectrumPeak[] {
  return Array.from({ length: stride >> 1 }, (_, i): SpectrumPeak => {
    const frequency = (i + 1) / stride;
    const power = powerAt(lines, frequency);
    const farthest = lines.length / stride - LET_GO;
    const beside = BESIDE.filter((cycles) => cycles <= farthest).flatMap((cycles) =>
      [-cycles, cycles].map((shift) => powerAt(lines, frequency + shift / lines.length)),
    );
    const background = beside.length === 0 ? undefined : medianOf(beside);
    const ratio = background === undefined ? undefined : power / Math.max(background, SILENCE);
    const isPeak = ratio !== undefined && ratio >= PEAK_RATIO && power > ROUNDING;
    return { direction, stride, harmonic: i + 1, frequency, power, background, ratio, isPeak };
  });
}

function powerAt({ values, lines, length }: Lines, frequency: number): number {
  const angle = (k: number): number => 2 * Math.PI * frequency * k;
  const cosines = Float64Array.from({ length }, (_, k) => Math.cos(angle(k)));
  const sines = Float64Array.from({ length }, (_, k) => Math.sin(angle(k)));
  let sum = 0;
  for (let line = 0; line < lines; line++) {
    let [real, imaginary] = [0, 0];
    for (let k = 0; k < length; k++) {
      const v = values[line * length + k] as number;
      real += v * (cosines[k] as number);
      imaginary += v * (sines[k] as number);
    }
    sum += real * real + imaginary * imaginary;
  }
  return sum / lines;
}
