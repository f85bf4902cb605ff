// Which corruptions a summary is over, and what its means are called: mCE is a name for ImageNet-C's fifteen at five severities alone.
import { severities } from "../../corruptions/corruption.ts";
import type { ModelScores, RunCorruption } from "./image-scores.ts";
import type { CeKind } from "./mean-corruption-error.ts";
import { commonCorruptions } from "./reference-errors.ts";

/** ImageNet-C's fifteen where all are there at five severities, else all that were run. */
export function summarySet({ corruptions }: Pick<ModelScores, "corruptions">): RunCorruption[] {
  const common = commonCorruptions.flatMap((id) => corruptions.get(id) ?? []);
  return isImageNetC(common) ? common : [...corruptions.values()];
}

const isImageNetC = (corruptions: readonly RunCorruption[]): boolean =>
  corruptions.length === commonCorruptions.length &&
  corruptions.every((c) => commonCorruptions.includes(c.id) && c.severities.length === severities.length);

/**
 * What the mean of `count` corruption errors is called.
 * @param corruptions the summary's, of which not all may have a reference
 */
export function ceName(kind: CeKind, count: number, corruptions: readonly RunCorruption[]): string {
  const ce = kind === "ce" ? "CE" : "relative CE";
  if (isImageNetC(corruptions) && count === corruptions.length) return kind === "ce" ? "mCE" : "relative mCE";
  return `mean ${ce} over ${count} ${count === 1 ? "corruption" : "corruptions"}`;
}
