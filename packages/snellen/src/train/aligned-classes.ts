// Which of the network's classes a data set's classes are: by name where both have names, by number otherwise.
import { closest, UsageError } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Batch, BatchSource } from "./batch.ts";

/** Class of the data set → class of the network. */
export type ClassMap = readonly number[];

/**
 * Which of the network's classes each class of a data set is: by name where both have names, else by number. A network with a single
 * score has two.
 * @returns index of the network's class, by that of the data set's
 * @throws UsageError `class-count-mismatch`, `unknown-class`, `other-classes` where no name is one of the network's
 */
export function alignClasses(
  { logits, labels }: Pick<DescribedModel, "logits" | "labels">,
  { labels: given, name }: Pick<BatchSource["pictures"], "labels" | "name">,
): ClassMap {
  const wanted = logits.classes === 1 ? 2 : logits.classes;
  const numbers = given.map((_, i) => i);
  const own = labels.names;
  if (own !== undefined && logits.classes > 1 && ![own, given].some(isNumbered)) {
    const byName = given.map((label) => own.indexOf(label));
    const missing = given.filter((_, i) => byName[i] === -1);
    if (missing.length === 0) return byName;
    // the same number of classes says nothing: letters are no animals
    if (given.length === wanted && missing.length === given.length)
      throw new UsageError(
        "other-classes",
        `its classes are ${few(given)}, where the network's are ${few(own)}.`,
        {
          where: name,
          hint: "If the network is to tell these, or they are the same in other words, give their names in the order of the scores with --labels.",
        },
      );
    if (missing.length < given.length)
      throw new UsageError("unknown-class", `the network has no class "${missing[0]}".`, {
        where: name,
        hint: `Did you mean "${closest(missing[0] as string, own)}"? Name folders as the network's classes, or give --labels.`,
      });
  }
  if (given.length === wanted) return numbers;
  throw new UsageError(
    "class-count-mismatch",
    `${given.length} classes (${few(given)}), where the network scores ${wanted}.`,
    {
      where: name,
      hint: `Give pictures of some of the network's classes under their names, which --labels gives a network without, or a network with ${given.length} scores: one that is exported so, or a new one by snellen network.`,
    },
  );
}

/** Numbers in the place of names, as exporters write them too. */
const isNumbered = (labels: readonly string[]): boolean =>
  labels.every((label) => /^(label|class)?[ _-]?\d+$/i.test(label));

const few = (labels: readonly string[]): string =>
  `${labels.slice(0, 3).join(", ")}${labels.length > 3 ? ", …" : ""}`;

/** What the classes of a network are called that was trained on a data set: as before, or where they had no names as the data's. */
export function trainedNames(
  { logits, labels: { names } }: Pick<DescribedModel, "logits" | "labels">,
  { labels: given }: Pick<BatchSource["pictures"], "labels">,
): readonly string[] | undefined {
  const isNamed = names !== undefined && !isNumbered(names);
  return isNamed || given.length !== logits.classes || isNumbered(given) ? names : given;
}

/** The same batches with the network's classes. @throws UsageError `label-out-of-range` for a picture of no class of the set */
export function withClasses(source: BatchSource, map: ClassMap): BatchSource {
  const { count, classOf, name, labels } = source.pictures;
  for (let i = 0; i < count; i++)
    if (map[classOf(i)] === undefined)
      throw new UsageError(
        "label-out-of-range",
        `picture ${i} has class ${classOf(i)} of ${labels.length}.`,
        {
          where: name,
          hint: "Classes count from 0. Check the labels.",
        },
      );
  if (map.every((to, from) => to === from)) return source;
  return {
    ...source,
    pictures: { ...source.pictures, classOf: (i) => map[classOf(i)] as number },
    async batch(...order): Promise<Batch> {
      const batch = await source.batch(...order);
      return { ...batch, classes: batch.classes.map((given) => map[given] as number) };
    },
  };
}
