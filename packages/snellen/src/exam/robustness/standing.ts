// Who of two breaks more, and whether what the abstract of arXiv:2111.08413 says of vision transformers and convolutional networks shows
// on a pair: as robust or more under most corruptions, worse under contrast enhancement. How it is decided is derived here.
import { type Estimate, mapEstimate } from "../../robustness/estimates.ts";
import type { Contender, NoAnswer, PairedLosses, Rivalry } from "../artifacts.ts";

/** Parts of 1 that one may lose more and count as robust as the other: what a hundred images can tell from nothing. */
export const MARGIN = 0.05;

/**
 * `as-robust`: loses no more than the other by the margin, whole interval; `less-robust`: loses more, whole interval, and not surely
 * within the margin; `open`: the images do not tell.
 */
export type Standing = "as-robust" | "less-robust" | "open";

/** @param difference what the first loses, less what the second does */
export function standing({ low, high }: Pick<Estimate, "low" | "high">): Standing {
  if (low === null || high === null) return "open";
  if (high <= MARGIN) return "as-robust";
  return low > 0 ? "less-robust" : "open";
}

/** `open` where the images do not tell. */
export type ClaimOutcome = "holds" | "does not hold" | "open";

export interface Claim {
  readonly outcome: ClaimOutcome;
  /** Corruptions under which the transformer is as robust as the other, those under which it is less so, and all. */
  readonly asRobust: number;
  readonly lessRobust: number;
  readonly corruptions: number;
  /** Of the transformer under contrast enhancement. */
  readonly contrast: Standing;
}

/** @returns undefined unless one is a vision transformer that does not normalize patches, and the other convolutional */
export function claimOn(own: Contender, { rival, corruptions, contrast }: Rivalry): Claim | undefined {
  const kinds = [own.kind, rival.kind];
  const isPair = kinds.includes("vision-transformer") && kinds.includes("convolutional");
  if (!isPair || isMissing(corruptions) || isMissing(contrast)) return undefined;
  const ofTransformer = (difference: Estimate): Standing =>
    standing(own.kind === "vision-transformer" ? difference : mapEstimate(difference, (v) => -v));
  const each = corruptions.each.map(({ difference }) => ofTransformer(difference));
  const count = (wanted: Standing): number => each.filter((s) => s === wanted).length;
  const [asRobust, lessRobust] = [count("as-robust"), count("less-robust")];
  const underContrast = ofTransformer(contrast.mean.difference);
  const most = each.length / 2;
  const isRefuted = lessRobust >= most || underContrast === "as-robust";
  const isShown = asRobust > most && underContrast === "less-robust";
  return {
    outcome: isRefuted ? "does not hold" : isShown ? "holds" : "open",
    asRobust,
    lessRobust,
    corruptions: each.length,
    contrast: underContrast,
  };
}

const isMissing = (losses: PairedLosses | NoAnswer): losses is NoAnswer => "reason" in losses;
