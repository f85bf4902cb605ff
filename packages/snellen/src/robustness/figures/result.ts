// From outcomes to the benchmark's result.
import { corruptions as registry } from "../../corruptions/index.ts";
import { VERSION } from "../../version.ts";
import type { Observations } from "../observations.ts";
import { comparisons } from "./comparisons.ts";
import { modelScores, runCorruptions } from "./image-scores.ts";
import { modelFigures } from "./model-figures.ts";
import { type Reference, referenceOf } from "./reference.ts";
import { ALEXNET_ERRORS, commonCorruptions } from "./reference-errors.ts";
import { type ModelFigures, ROBUSTNESS_VERSION, type RobustnessResult } from "./result-types.ts";

/** What a result is told beside the outcomes. */
export interface RobustnessContext {
  /** Where the images come from, and those of the list that could not be read. */
  readonly images: Pick<RobustnessResult["images"], "name" | "skipped">;
  readonly seed: number;
  /** Name of the model whose errors are the reference; AlexNet's published ones without it, and for `alexnet`. */
  readonly reference?: string | undefined;
  /** ISO 8601; default now. */
  readonly date?: string;
}

/**
 * Everything that is known from the outcomes so far; what is missing is left out of each figure, which tells its number of images.
 * @throws UsageError `unknown-reference`
 */
export function robustnessResult(observations: Observations, context: RobustnessContext): RobustnessResult {
  const scores = observations.models.map((model) => modelScores(observations, model));
  const reference = referenceOf(scores, context.reference);
  const models = scores.map((own) => modelFigures(observations, own, reference));
  return {
    version: ROBUSTNESS_VERSION,
    snellen: VERSION,
    date: context.date ?? new Date().toISOString(),
    images: { ...context.images, count: observations.imageCount },
    seed: context.seed,
    corruptions: runCorruptions(observations.conditions).map(({ id, severities }) => ({
      id,
      family: registry.find((c) => c.id === id)?.family ?? null,
      imagenetC: imagenetSet(id),
      severities,
    })),
    reference: describeReference(reference, models),
    models,
    comparisons: comparisons(scores, reference),
  };
}

function imagenetSet(id: string): "common" | "validation" | null {
  if (commonCorruptions.includes(id)) return "common";
  return id in ALEXNET_ERRORS.errors ? "validation" : null;
}

function describeReference(
  { name, kind, note }: Reference,
  models: readonly ModelFigures[],
): RobustnessResult["reference"] {
  if (kind === "published")
    return { name, kind, note, clean: ALEXNET_ERRORS.clean, errors: ALEXNET_ERRORS.errors };
  const own = models.find((model) => model.name === name);
  const errors = (own?.corruptions ?? []).map(({ corruption, error }) => [corruption, error.value]);
  return {
    name,
    kind,
    note,
    clean: own?.summary.cleanError.value ?? null,
    errors: Object.fromEntries(errors),
  };
}
