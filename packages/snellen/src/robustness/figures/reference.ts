// What corruption errors are divided by: published errors, which are numbers, or those of one of the models on the same images.
import { closest, UsageError } from "@snellen/graph";
import { severities } from "../../corruptions/corruption.ts";
import type { PerImage } from "./estimates.ts";
import type { ModelScores, RunCorruption } from "./image-scores.ts";
import { ALEXNET_ERRORS } from "./reference-errors.ts";

/** An error known as a number, or image by image. */
export interface Divisor {
  readonly of: number | PerImage;
  /** What an image must have a number in. */
  readonly needs: readonly Float64Array[];
}

export interface Reference {
  readonly name: string;
  readonly kind: "published" | "model";
  readonly note: string;
  readonly clean: Divisor;
  /** Mean over the run's severities; undefined where it is not known. */
  readonly error: (corruption: RunCorruption) => Divisor | undefined;
}

/** What AlexNet's published errors are called, which are the default. */
const PUBLISHED = "alexnet";

/**
 * Checks, before anything is run, the name of what corruption errors are to be measured against.
 * @param name undefined for AlexNet's published errors
 * @param names of the models
 * @throws UsageError `unknown-reference` for what is neither a model nor `alexnet`
 */
export function requireReference(name: string | undefined, names: readonly string[]): void {
  if (name === undefined || name === PUBLISHED || names.includes(name)) return;
  throw new UsageError("unknown-reference", `none of the models is called "${name}".`, {
    where: "--reference",
    hint: `Did you mean "${closest(name, [PUBLISHED, ...names])}"? Write ${PUBLISHED} or one of ${names.join(", ")}.`,
  });
}

/**
 * @param name one of the models, or `alexnet`; AlexNet's published errors without it
 * @throws UsageError `unknown-reference`
 */
export function referenceOf(models: readonly ModelScores[], name: string | undefined): Reference {
  const names = models.map(({ model }) => model.name);
  requireReference(name, names);
  return name === undefined || name === PUBLISHED
    ? published()
    : ofModel(models[names.indexOf(name)] as ModelScores);
}

/** AlexNet's errors are means over five severities, and say nothing of fewer. */
function published(): Reference {
  const { name, note, clean, errors } = ALEXNET_ERRORS;
  return {
    name,
    kind: "published",
    note,
    clean: { of: clean, needs: [] },
    error: ({ id, severities: run }) => {
      const known = errors[id];
      return known === undefined || run.length !== severities.length ? undefined : { of: known, needs: [] };
    },
  };
}

function ofModel({ model, cleanError, corruptions }: ModelScores): Reference {
  const series = (values: Float64Array): Divisor => ({
    of: (image) => values[image] as number,
    needs: [values],
  });
  return {
    name: model.name,
    kind: "model",
    note: `Errors of ${model.name} on the same images.`,
    clean: series(cleanError),
    error: ({ id }) => {
      const own = corruptions.get(id);
      return own === undefined ? undefined : series(own.error);
    },
  };
}
