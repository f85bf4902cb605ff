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
 * @throws UsageError `class-count-mismatch`, `unknown-class`
 */
export function alignClasses(
  { logits, labels }: Pick<DescribedModel, "logits" | "labels">,
  { labels: given, name }: Pick<BatchSource["pictures"], "labels" | "name">,
): ClassMap {
  const wanted = logits.classes === 1 ? 2 : logits.classes;
  const numbers = given.map((_, i) => i);
  const own = labels.names;
  if (own !== undefined && logits.classes > 1 && !isNumbered(given)) {
    const byName = given.map((label) => own.indexOf(label));
    const missing = given.filter((_, i) => byName[i] === -1);
    if (missing.length === 0) return byName;
    // other words for the same classes, in the same order
    if (given.length === wanted && missing.length === given.length) return numbers;
    if (missing.length < given.length)
      throw new UsageError("unknown-class", `the network has no class "${missing[0]}".`, {
        where: name,
        hint: `Did you mean "${closest(missing[0] as string, own)}"? Name folders as the network's classes, or give --labels.`,
      });
  }
  if (given.length === wanted) return numbers;
  throw new UsageError(
    "class-count-mismatch",
    `${given.length} classes (${given.slice(0, 3).join(", ")}${given.length > 3 ? ", …" : ""}), where the network scores ${wanted}.`,
    {
      where: name,
      hint: "Give pictures of the network's classes, or make a network for these: snellen network resnet --set classes=…",
    },
  );
}

const isNumbered = (labels: readonly string[]): boolean => labels.every((label) => /^\d+$/.test(label));

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
