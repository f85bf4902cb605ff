// How z₀ of a vision transformer follows the scale of colours: enhanced as in arXiv:2111.08413, and faded by the same factors, where
// no value is cut off and what changes is the scale alone. Derived here.
import { ModelError } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import { type EmbeddingScaleOptions, measureEmbeddingScale } from "../../patch-embedding/embedding-scale.ts";
import type { Grip } from "../../patch-embedding/embedding-scale-result.ts";
import { FLAT_COSINE, FLAT_GROWTH } from "../../patch-embedding/grip.ts";
import { type ScaleAlteration, scaleAlterations } from "../../patch-embedding/scale-families.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { ScaleDirection, ScaleResult } from "./result.ts";

/** Contrast towards the mean grey, colours towards black. */
const faded: readonly ScaleAlteration[] = scaleAlterations.map(({ id, title, apply }) => ({
  id,
  title: `loss of ${title}`,
  apply: (pixels, factor) => apply(pixels, 1 / factor),
}));

const ALTERATIONS: readonly (readonly [ScaleDirection, readonly ScaleAlteration[]])[] = [
  ["enhanced", scaleAlterations],
  ["faded", faded],
];

/** @throws what `measureEmbeddingScale` throws, and ModelError where there is no positional embedding */
export async function measureScales(
  model: VisionModel,
  entries: readonly Source<ImageInput>[],
  options: Pick<EmbeddingScaleOptions, "signal" | "batch"> & { readonly onProgress?: (done: number) => void },
): Promise<ScaleResult[]> {
  const results: ScaleResult[] = [];
  for (const [i, [direction, alterations]] of ALTERATIONS.entries()) {
    const measured = await measureEmbeddingScale(model, entries, {
      alterations,
      signal: options.signal,
      batch: options.batch,
      // told of by those who ran them for their predictions
      onSkip: () => {},
      onProgress: (n) => options.onProgress?.((i + n / entries.length) / ALTERATIONS.length),
    });
    if (!("rows" in measured)) throw new ModelError("no-patch-embedding", measured.text);
    results.push({ direction, rows: measured.rows, grips: measured.grips });
  }
  return results;
}

/** The ends of an interval; without one, it may be anything. */
export const endsOf = ({ low, high }: Estimate): readonly [low: number, high: number] => [
  low ?? Number.NEGATIVE_INFINITY,
  high ?? Number.POSITIVE_INFINITY,
];

export type Yes = boolean | undefined;

/** Whether patches keep their size beside E_pos: with the whole interval, undefined where it lies on both sides. */
export function keepsRatio({ growth, shrinkage }: Pick<Grip, "growth" | "shrinkage">): Yes {
  const [up, down] = [endsOf(growth), endsOf(shrinkage)];
  if (up[0] > FLAT_GROWTH || down[1] < 1 / FLAT_GROWTH) return false;
  return up[1] <= FLAT_GROWTH && down[0] >= 1 / FLAT_GROWTH ? true : undefined;
}

/** Whether z₀ keeps its direction, in the same way. */
export function keepsDirection({ leastCosine }: Pick<Grip, "leastCosine">): Yes {
  const [low, high] = endsOf(leastCosine);
  return low >= FLAT_COSINE ? true : high < FLAT_COSINE ? false : undefined;
}
