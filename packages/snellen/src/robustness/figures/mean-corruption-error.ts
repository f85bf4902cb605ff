// CE, mCE and their relative forms (Hendrycks & Dietterich 2019, section 4.1): a model's error under a corruption over the
// reference's, and what corruption adds to the clean error over what it adds to the reference's; mCE is the mean over corruptions.
import { type Influenced, meanRatio, type PerImage, type Ratio } from "./estimates.ts";
import { imagesWithAll, type ModelScores, type RunCorruption } from "./image-scores.ts";
import type { Divisor, Reference } from "./reference.ts";

/** What a ratio is made of, and the series that an image must have numbers in. */
interface Part {
  readonly ratio: Ratio;
  readonly needs: readonly Float64Array[];
}

/** Which of the two. */
export type CeKind = "ce" | "relative";

/**
 * The ratios over `corruptions` that have a reference.
 * @param also series that an image must have numbers in beside
 */
export function corruptionErrors(
  kind: CeKind,
  scores: ModelScores,
  corruptions: readonly RunCorruption[],
  reference: Reference,
  also: readonly Float64Array[] = [],
): { readonly images: Int32Array; readonly mean: Influenced | undefined; readonly count: number } {
  const parts = corruptions.flatMap((corruption) => partOf(kind, scores, corruption, reference) ?? []);
  const images =
    parts.length === 0 ? new Int32Array(0) : imagesWithAll([...parts.flatMap(({ needs }) => needs), ...also]);
  return {
    images,
    mean: meanRatio(
      images,
      parts.map(({ ratio }) => ratio),
    ),
    count: parts.length,
  };
}

function partOf(
  kind: CeKind,
  { cleanError, corruptions }: ModelScores,
  corruption: RunCorruption,
  reference: Reference,
): Part | undefined {
  const [own, known] = [corruptions.get(corruption.id), reference.error(corruption)];
  if (own === undefined || known === undefined) return undefined;
  const error: PerImage = (image) => own.error[image] as number;
  if (kind === "ce") return { ratio: { top: error, bottom: known.of }, needs: [own.error, ...known.needs] };
  return {
    ratio: {
      top: (image) => error(image) - (cleanError[image] as number),
      bottom: added(known, reference.clean),
    },
    needs: [own.error, cleanError, ...known.needs, ...reference.clean.needs],
  };
}

function added({ of: error }: Divisor, { of: clean }: Divisor): number | PerImage {
  if (typeof error === "number" && typeof clean === "number") return error - clean;
  const at = (of: number | PerImage, image: number) => (typeof of === "number" ? of : of(image));
  return (image) => at(error, image) - at(clean, image);
}

/** The series that an image must have for all of them, for comparing two models on the same images. */
export const neededBy = (
  kind: CeKind,
  scores: ModelScores,
  corruptions: readonly RunCorruption[],
  reference: Reference,
): Float64Array[] => corruptions.flatMap((c) => [...(partOf(kind, scores, c, reference)?.needs ?? [])]);
