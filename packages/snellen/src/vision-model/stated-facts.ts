// What a model file says of itself where `describeModel` reads it: how pictures are prepared, and what its classes are called.
import type { Model } from "@snellen/graph";
import { createPreprocessSpec, type PreprocessSpec } from "../images/preprocess-spec.ts";
import { LABELS_KEY } from "./labels.ts";
import { PREPROCESSING_KEY } from "./preprocessing.ts";

/** The same file, saying so; what it said of either before is replaced. */
export const withStatedFacts = (
  model: Model,
  preprocessing: Partial<PreprocessSpec>,
  names: readonly string[] | undefined,
): Model => ({
  ...model,
  metadata: new Map([
    ...model.metadata,
    ...(names === undefined ? [] : [[LABELS_KEY, JSON.stringify(names)] as const]),
    [PREPROCESSING_KEY, JSON.stringify(preprocessing)] as const,
  ]),
});

/** As few fields as give the same again: the short side follows from the size, which may be another the next time. */
export function statedPreprocessing({ dtype: _, ...spec }: PreprocessSpec): Partial<PreprocessSpec> {
  const { shortSide, ...rest } = spec;
  return createPreprocessSpec(rest).shortSide === shortSide ? rest : spec;
}
