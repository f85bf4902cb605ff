// Theorem 1 on one network: perturbed pixels against R, with a bootstrap interval over the pixels.
// Kim et al., arXiv:2108.13576, Theorem 1 and section 5; the interval: Efron 1979, percentile form.
import { pearson } from "../../cam/measures/correlation.ts";
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import { randomStream } from "../../random.ts";
import {
  checkPerturbation,
  type PerturbationCheck,
  type PerturbationOptions,
  type PerturbedPixel,
} from "../../receptive-field/dead-pixels/perturbation.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Estimate } from "../jackknife.ts";

/** Plain data; null where something is not known. */
export interface PerturbationTest extends Pick<PerturbationCheck, "images" | "epsilon" | "pixels"> {
  readonly r2: Estimate | null;
  readonly slope: number | null;
}

const RESAMPLES = 2000;

/** @returns undefined where none of the images can be read */
export async function perturbationTest(
  model: VisionModel,
  sources: readonly Source<ImageInput>[],
  options: PerturbationOptions,
): Promise<PerturbationTest | undefined> {
  const found = await checkPerturbation(model, sources, { onSkip: () => undefined, ...options });
  if (found === undefined) return undefined;
  const { images: count, epsilon, pixels, r2, slope } = found;
  return {
    images: count,
    epsilon,
    pixels,
    r2: r2 === undefined ? null : { value: r2, interval: squaredInterval(pixels, options.seed) },
    slope: slope ?? null,
  };
}

/** 95 % of the squared correlations of pixels drawn again; null where too many draws have none. */
function squaredInterval(pixels: readonly PerturbedPixel[], seed: number): Estimate["interval"] {
  const random = randomStream(seed, pixels.length, 2);
  const squares: number[] = [];
  for (let k = 0; k < RESAMPLES; k++) {
    const drawn = pixels.map(() => random.pick(pixels));
    const r = pearson(
      Float64Array.from(drawn, ({ field }) => field),
      Float64Array.from(drawn, ({ change }) => change),
    );
    if (r !== undefined) squares.push(r * r);
  }
  if (squares.length < RESAMPLES / 2) return null;
  squares.sort((a, b) => a - b);
  const at = (share: number): number => squares[Math.round(share * (squares.length - 1))] as number;
  return [at(0.025), at(0.975)];
}
