// ROAD's pictures: the most or the least relevant pixels replaced by what their neighbours let expect, and a little noise.
// Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022, arXiv:2202.00449.
import { randomStream } from "../../../random.ts";
import type { Perturbation, Subject } from "../measure.ts";
import { normals } from "../normals.ts";
import { imputed } from "./imputer.ts";

/** Shares that stay, in percent. */
const PERCENTILES = [20, 40, 60, 80] as const;

/** Tells the streams of noise from others of the same seed. */
const NOISE = { most: 2, least: 3 } as const;

/** How many of `pixels` stay: those below `numpy.percentile(map, percentile)`, as in pytorch-grad-cam; one at least. */
export const keptCount = (pixels: number, percentile: number): number =>
  Math.max(1, Math.ceil(((pixels - 1) * percentile) / 100));

function* roadInputs(subject: Subject, which: "most" | "least"): Generator<Float32Array, void, void> {
  const pixels = subject.mask.length;
  for (const percentile of PERCENTILES) {
    const keep = keptCount(pixels, percentile);
    const gone =
      which === "most" ? subject.order().subarray(0, pixels - keep) : subject.order().subarray(keep);
    const missing = new Uint8Array(pixels);
    for (const i of gone) missing[i] = 1;
    const filled = imputed(subject.input, missing, subject.map.dims);
    addNoise(
      filled,
      missing,
      subject.units.noise,
      normals(randomStream(subject.seed, NOISE[which], percentile)),
    );
    yield filled;
  }
}

function addNoise(
  values: Float32Array,
  missing: Uint8Array,
  deviations: readonly number[],
  normal: () => number,
): void {
  deviations.forEach((deviation, c) => {
    for (let i = 0, o = c * missing.length; i < missing.length; i++, o++)
      if (missing[i] === 1) values[o] = (values[o] as number) + deviation * normal();
  });
}

/** The most relevant pixels replaced: 80, 60, 40 and 20 % of them. */
export const roadMostRelevant: Perturbation = {
  id: "road-most",
  inputs: (subject) => roadInputs(subject, "most"),
};

/** The least relevant pixels replaced: 80, 60, 40 and 20 % of them. */
export const roadLeastRelevant: Perturbation = {
  id: "road-least",
  inputs: (subject) => roadInputs(subject, "least"),
};
