// Whether what the abstract of arXiv:2111.08413 says of vision transformers and convolutional networks shows on a pair of an exam.
import { type Estimate, mapEstimate } from "../../robustness/figures/estimates.ts";
import {
  both,
  type ClaimOutcome,
  losesMore,
  type MostCorruptions,
  mostCorruptions,
  type Standing,
  standing,
} from "../../robustness/figures/standing.ts";
import type { Contender, NoAnswer, PairedLosses, Rivalry } from "../artifacts.ts";

export interface AbstractClaim {
  readonly outcome: ClaimOutcome;
  readonly most: MostCorruptions;
  /** Of the transformer under contrast enhancement. */
  readonly contrast: Standing;
}

/** @returns undefined unless one is a vision transformer that does not normalize patches, and the other convolutional */
export function abstractClaim(
  own: Contender,
  { rival, corruptions, contrast }: Rivalry,
): AbstractClaim | undefined {
  const kinds = [own.kind, rival.kind];
  const isPair = kinds.includes("vision-transformer") && kinds.includes("convolutional");
  if (!isPair || isMissing(corruptions) || isMissing(contrast)) return undefined;
  const ofTransformer = (difference: Estimate): Standing =>
    standing(own.kind === "vision-transformer" ? difference : mapEstimate(difference, (v) => -v));
  const most = mostCorruptions(corruptions.each.map(({ difference }) => ofTransformer(difference)));
  const underContrast = ofTransformer(contrast.mean.difference);
  return { outcome: both(most.outcome, losesMore(underContrast)), most, contrast: underContrast };
}

const isMissing = (losses: PairedLosses | NoAnswer): losses is NoAnswer => "reason" in losses;
