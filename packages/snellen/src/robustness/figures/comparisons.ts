// Two models on the same images: differences with paired intervals, which are narrower than those of either model alone.
import { differenceOf, type Estimate, estimateOf, meanEstimate, noEstimate } from "./estimates.ts";
import { type ImageScores, imagesWithAll, type ModelScores, meanAt } from "./image-scores.ts";
import { type CeKind, corruptionErrors, neededBy } from "./mean-corruption-error.ts";
import type { Reference } from "./reference.ts";
import type { Comparison, NamedEstimate } from "./result-types.ts";
import { ceName, summarySet } from "./summary-set.ts";

/** Every two models, in their order. */
export const comparisons = (models: readonly ModelScores[], reference: Reference): Comparison[] =>
  models.flatMap((first, i) => models.slice(i + 1).map((second) => compare(first, second, reference)));

function compare(first: ModelScores, second: ModelScores, reference: Reference): Comparison {
  const set = summarySet(first);
  const over = (field: "error" | "agreement", ids: readonly string[]): Estimate => {
    const of = ({ corruptions }: ModelScores) => ids.map((id) => (corruptions.get(id) as ImageScores)[field]);
    return meanDifference(of(first), of(second));
  };
  const ids = set.map(({ id }) => id);
  return {
    first: first.model.name,
    second: second.model.name,
    cleanError: meanDifference([first.cleanError], [second.cleanError]),
    meanError: over("error", ids),
    mce: ceDifference("ce", first, second, reference),
    relativeMce: ceDifference("relative", first, second, reference),
    agreement: over("agreement", ids),
    corruptions: [...first.corruptions.keys()].map((corruption) => ({
      corruption,
      error: over("error", [corruption]),
      agreement: over("agreement", [corruption]),
    })),
  };
}

/** Of an image's means over two lists of series of shares. */
function meanDifference(first: readonly Float64Array[], second: readonly Float64Array[]): Estimate {
  const images = imagesWithAll([...first, ...second]);
  const [a, b] = [meanAt(first), meanAt(second)];
  return meanEstimate(images, (image) => a(image) - b(image), -1, 1);
}

function ceDifference(
  kind: CeKind,
  first: ModelScores,
  second: ModelScores,
  reference: Reference,
): NamedEstimate {
  const set = summarySet(first);
  const of = (own: ModelScores, other: ModelScores) =>
    corruptionErrors(kind, own, set, reference, neededBy(kind, other, set, reference));
  const [a, b] = [of(first, second), of(second, first)];
  const isKnown = a.mean !== undefined && b.mean !== undefined;
  const estimate = isKnown ? estimateOf(differenceOf(a.mean, b.mean)) : noEstimate(a.images.length);
  return { ...estimate, name: ceName(kind, a.count, set) };
}
