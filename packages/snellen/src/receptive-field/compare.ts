// Models side by side: whether the sizes of their fields, their unevenness or their parameters go with their accuracy.
// Kim et al., arXiv:2108.13576, section 3 (size does not tell accuracy); the measures of chance as in `relation`.
import { type Relation, relation } from "../cam/measures/relation.ts";
import { meanSigma } from "./size/mean-sigma.ts";

/** What is compared of one model; null where not known. */
export interface ComparedModel {
  /** Standard deviations of the fitted Gaussian, pixels; null where the fit means nothing. */
  readonly sigmaX: number | null;
  readonly sigmaY: number | null;
  /** Rows and columns in pixels; null for the whole image. */
  readonly theoretical: readonly [number | null, number | null] | null;
  /** L1 of the scores' R over its mean. */
  readonly l1Normalized: number | null;
  readonly parameters: number;
  /** Share of the labelled images whose class has the highest score. */
  readonly accuracy: number | null;
}

/** How one number goes with accuracy over the models that have both. */
export interface AccuracyRelation extends Omit<Relation, "networks"> {
  readonly of: "sigma" | "theoretical size" | "l1Normalized" | "parameters";
  readonly with: "accuracy";
  /** Models that have both numbers. */
  readonly models: number;
}

const NUMBERS: Readonly<Record<AccuracyRelation["of"], (model: ComparedModel) => number | null>> = {
  sigma: meanSigma,
  "theoretical size": ({ theoretical }) => {
    const [rows, columns] = theoretical ?? [null, null];
    return rows === null || columns === null ? null : Math.sqrt(rows * columns);
  },
  l1Normalized: ({ l1Normalized }) => l1Normalized,
  parameters: ({ parameters }) => parameters,
};

/** Orders that stand for chance are drawn alike in every run. */
const SEED = 0;

/**
 * √(σx·σy), √(rows·columns) of the theoretical field, L1 over the mean and the number of parameters, each against accuracy.
 *
 * @returns a row each, its numbers null for fewer than three models, or where one of the two is the same everywhere
 */
export function relateToAccuracy(models: readonly ComparedModel[]): AccuracyRelation[] {
  return (Object.keys(NUMBERS) as AccuracyRelation["of"][]).map((of) => {
    const pairs = models.flatMap((model): [number, number][] => {
      const own = NUMBERS[of](model);
      return own === null || model.accuracy === null ? [] : [[own, model.accuracy]];
    });
    const { networks, ...found } = relation(pairs, SEED);
    return { of, with: "accuracy", models: networks, ...found };
  });
}
