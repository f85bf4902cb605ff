// What models made of images under conditions, one entry an image, in typed arrays: 50,000 images under 96 conditions take
// 58 MB a model. Entries may come in any order, twice, or not at all.
import { InternalError } from "@snellen/graph";
import { type Condition, conditionKey } from "./condition.ts";
import { type Columns, createColumns, writeEntry } from "./observation-columns.ts";

/** What a classifier made of an image. */
export interface ClassObservation {
  /** Index in the list of images. */
  readonly image: number;
  /** Index of the predicted class. */
  readonly predicted: number;
  /** Probability of the predicted class, 0 to 1. */
  readonly confidence: number;
  /** Place of the true class among the scores, 0 for the highest; -1 without a label. */
  readonly rank: number;
  readonly agreement?: undefined;
}

/** How alike an output stayed that is not one class an image. */
export interface AgreementObservation {
  /** Index in the list of images. */
  readonly image: number;
  /** With the clean picture's output, 0 to 1; 1 where the picture is clean. See `outputAgreement`. */
  readonly agreement: number;
}

/** What a model made of one image under one condition. */
export type Observation = ClassObservation | AgreementObservation;

/** A model whose outcomes are kept. */
export interface ObservedModel {
  /** Its name in every table; no two alike. */
  readonly name: string;
  /** `class` for one predicted class an image, `agreement` for outputs that are compared with the clean picture's. */
  readonly outcome: "class" | "agreement";
  /** Classes that are ranked; the five highest are looked at from six on. */
  readonly classes?: number;
}

/** A store of outcomes by model, condition and image. They may come in any order, twice, or not at all. */
export interface Observations {
  readonly models: readonly ObservedModel[];
  /** Texts of the conditions, in the order of reports. */
  readonly conditions: readonly string[];
  /** Images in the list, read or not. */
  readonly imageCount: number;
  /**
   * Keeps outcomes; the same outcome again changes nothing.
   * @throws UsageError `contradicting-outcomes` for another one of the same image (another class or place, or a share that is
   *   more than 0.001 apart); InternalError for a kind that is not the model's, or what is out of range
   */
  record(model: string, condition: Condition | string, entries: readonly Observation[]): void;
  /** Whether the image's outcome is there. */
  has(model: string, condition: Condition | string, image: number): boolean;
  /** How many images have an outcome. */
  count(model: string, condition: Condition | string): number;
  /** Whether every image has every outcome. @param except images that have none, as they could not be read */
  isComplete(except?: ReadonlySet<number>): boolean;
  /** The outcomes as arrays over all images. */
  columns(model: string, condition: Condition | string): Columns;
  /** Takes over what another run of the same models, conditions and images has. @throws what `record` throws */
  merge(other: Observations): void;
}

/** An empty store. @throws InternalError for two models or conditions of one name */
export function createObservations(
  models: readonly ObservedModel[],
  conditions: readonly (Condition | string)[],
  imageCount: number,
): Observations {
  const keys = conditions.map(keyOf);
  requireDistinct(models.map(({ name }) => name));
  requireDistinct(keys);
  const stored = new Map(models.map(({ name }) => [name, new Map<string, Columns>()]));
  const outcomes = new Map(models.map(({ name, outcome }) => [name, outcome]));
  const known = new Set(keys);
  const columns = (model: string, condition: Condition | string): Columns => {
    const [own, outcome, key] = [stored.get(model), outcomes.get(model), keyOf(condition)];
    if (own === undefined || outcome === undefined || !known.has(key))
      throw new InternalError(`no outcomes are kept of "${model}" under "${key}".`);
    const made = own.get(key) ?? createColumns(outcome, imageCount);
    own.set(key, made);
    return made;
  };
  const own: Observations = {
    models,
    conditions: keys,
    imageCount,
    record(model, condition, entries) {
      const target = columns(model, condition);
      for (const entry of entries) writeEntry(target, entry, `${model}, ${keyOf(condition)}`);
    },
    has: (model, condition, image) => columns(model, condition).has(image),
    count: (model, condition) => columns(model, condition).count(),
    isComplete(except = new Set()) {
      const images = Array.from({ length: imageCount }, (_, i) => i).filter((i) => !except.has(i));
      return models.every(({ name }) => keys.every((key) => images.every(columns(name, key).has)));
    },
    columns,
    merge(other) {
      for (const { name } of other.models)
        for (const key of other.conditions) own.record(name, key, [...other.columns(name, key).entries()]);
    },
  };
  return own;
}

const keyOf = (condition: Condition | string): string =>
  typeof condition === "string" ? condition : conditionKey(condition);

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InternalError(`"${twice}" is listed twice.`);
}
