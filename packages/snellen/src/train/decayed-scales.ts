// Which normalization scales are regularized beside the weights: those that the plan of arXiv:2205.07260 says, or those of one category.
import { classifyGammas } from "../normalization/gammas/classify-gammas.ts";
import type { GammaCategory } from "../normalization/gammas/judge-reach.ts";
import type { DescribedModel } from "../vision-model/describe.ts";

/** Names of their constants, decided on the graph alone. */
export function decayedScales(info: DescribedModel, which: "plan" | GammaCategory): Set<string> {
  const { gammas } = classifyGammas(info);
  const wanted = gammas.filter(({ decay, category }) => (which === "plan" ? decay : category === which));
  return new Set(wanted.flatMap(({ places }) => places.map(({ constant }) => constant)));
}
