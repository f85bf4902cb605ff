// The 26 statistics of a corrupted picture that reference distributions are recorded in: means, spreads, differences, and spectra
// of the picture and of what the corruption added, in eight bands of frequency.
import type { Pixels } from "../corruption.ts";

const BANDS = 8;
const LUMA = [0.299, 0.587, 0.114] as const;

/** In the order of the reference's `names`. */
export function pictureStatistics(made: Pixels, clean: Pixels): number[] {
  const channels = [0, 1, 2].map((c) => {
    const values = channel(made, c);
    const before = channel(clean, c);
    const mean = average(values);
    return {
      mean,
      deviation: Math.sqrt(average(values.map((v) => (v - mean) ** 2))),
      difference: average(values.map((v, i) => Math.abs(v - (before[i] as number)))),
    };
  });
  const luma = lumaOf(made);
  const residual = lumaOf(clean).map((v, i) => (luma[i] as number) - v);
  return [
    ...channels.map(({ mean }) => mean),
    ...channels.map(({ deviation }) => deviation),
    ...channels.map(({ difference }) => difference),
    changedShare(made, clean),
    ...bandPowers(luma, made),
    ...bandPowers(residual, made),
  ];
}

const average = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

const channel = ({ data }: Pixels, c: number): Float64Array =>
  Float64Array.from({ length: data.length / 3 }, (_, i) => data[3 * i + c] as number);

const lumaOf = ({ data }: Pixels): Float64Array =>
  Float64Array.from({ length: data.length / 3 }, (_, i) =>
    LUMA.reduce((sum, weight, c) => sum + weight * (data[3 * i + c] as number), 0),
  );

function changedShare(made: Pixels, clean: Pixels): number {
  const pixels = made.data.length / 3;
  let changed = 0;
  for (let i = 0; i < made.data.length; i += 3) {
    if ([0, 1, 2].some((c) => made.data[i + c] !== clean.data[i + c])) changed++;
  }
  return changed / pixels;
}

/** log10 of the mean power in each band of frequency (cycles a pixel, in sixteenths), without the constant part. */
function bandPowers(values: Float64Array, { width, height }: Pixels): number[] {
  const power = powerSpectrum(values, width, height);
  const sums = new Float64Array(BANDS);
  const counts = new Float64Array(BANDS);
  const signed = (k: number, n: number) => (k < n / 2 ? k : k - n) / n;
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      if (u === 0 && v === 0) continue;
      const band = Math.min(BANDS - 1, Math.floor(16 * Math.hypot(signed(u, width), signed(v, height))));
      sums[band] = (sums[band] as number) + (power[v * width + u] as number);
      counts[band] = (counts[band] as number) + 1;
    }
  }
  return Array.from(sums, (sum, band) => Math.log10(sum / (counts[band] as number) + 1e-3));
}

/** |F|² / (W · H) by the plain definition, axis by axis: pictures here are small. */
function powerSpectrum(values: Float64Array, width: number, height: number): Float64Array {
  const zero = new Float64Array(values.length);
  const rows = transform({ re: values, im: zero }, height, width, width, 1);
  const { re, im } = transform(rows, width, height, 1, width);
  return re.map((x, i) => (x ** 2 + (im[i] as number) ** 2) / (width * height));
}

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Fourier transform of `lines` lines of `size` values; line l starts at l * `lineStep`, its values are `step` apart. */
function transform(
  { re, im }: Complex,
  lines: number,
  size: number,
  lineStep: number,
  step: number,
): Complex {
  const out = { re: new Float64Array(re.length), im: new Float64Array(re.length) };
  const cos = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sin = Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  for (let l = 0; l < lines; l++) {
    for (let k = 0; k < size; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let n = 0; n < size; n++) {
        const at = l * lineStep + n * step;
        const [c, s] = [cos[(k * n) % size] as number, sin[(k * n) % size] as number];
        sumRe += (re[at] as number) * c + (im[at] as number) * s;
        sumIm += (im[at] as number) * c - (re[at] as number) * s;
      }
      out.re[l * lineStep + k * step] = sumRe;
      out.im[l * lineStep + k * step] = sumIm;
    }
  }
  return out;
}
