// PreLayerNorm in a transformer that is to be trained from scratch: the places and names of `fix prelayernorm`, γ = 1 and β = 0.
// Kim et al., arXiv:2111.08413.
import { InternalError, type Model } from "@snellen/graph";
import { findPatchEmbedding } from "../patch-embedding/find-patch-embedding.ts";
import { insertPreLayerNorm } from "../patch-embedding/prelayernorm/insert-prelayernorm.ts";
import {
  type Affine,
  normalizesAfter,
  normalizesBefore,
  PRELAYERNORM_EPSILON,
  type PreLayerNormMode,
  preLayerNormModes,
} from "../patch-embedding/prelayernorm/prelayernorm.ts";
import { describeModel } from "../vision-model/describe.ts";

export const preLayerNorms = ["none", ...preLayerNormModes] as const;

/** @throws what `insertPreLayerNorm` throws */
export function insertUntrained(network: Model, mode: PreLayerNormMode): Model {
  const info = describeModel(network);
  const found = findPatchEmbedding(info);
  if (!found.found) throw new InternalError(`no patch embedding in the network just written: ${found.text}`);
  const { projection, width } = found;
  const weight = network.graph.initializers.get(projection.weight);
  const patch = (weight?.dims ?? []).slice(1).reduce((n, d) => n * d, 1);
  return insertPreLayerNorm(info, found, {
    before: normalizesBefore(mode) ? unit(patch) : null,
    after: normalizesAfter(mode) ? unit(width) : null,
    epsilon: PRELAYERNORM_EPSILON,
  }).model;
}

const unit = (count: number): Affine => ({
  scale: new Float64Array(count).fill(1),
  bias: new Float64Array(count),
});
