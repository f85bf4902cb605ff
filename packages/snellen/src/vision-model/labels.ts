// Names of the classes: given by the user, stored in the model's metadata, or in a config file beside it.
import { type Model, UsageError } from "@snellen/graph";
import { labelsOfJson } from "../datasets/labels.ts";
import type { Sidecars } from "./preprocessing.ts";

/** Metadata key under which Snellen states class names. */
export const LABELS_KEY = "labels";
/** Metadata keys under which exporters store class names. */
const KEYS = [LABELS_KEY, "names", "classes", "class_names", "id2label"];

export function resolveLabels(
  model: Model,
  classes: number,
  given: readonly string[] | undefined,
  sidecars: Sidecars,
): { names: readonly string[] | undefined; origin: string } {
  if (given !== undefined) return { names: fitting(given, classes), origin: "given" };
  for (const key of KEYS) {
    const text = model.metadata.get(key);
    const names = text === undefined ? undefined : parseNames(text);
    if (names?.length === classes) return { names, origin: `model metadata "${key}"` };
  }
  if (sidecars.labels?.names.length === classes)
    return { names: sidecars.labels.names, origin: sidecars.labels.file };
  return { names: undefined, origin: "none" };
}

/** @throws UsageError `wrong-label-count`: names of another list would be off by some classes all along */
function fitting(names: readonly string[], classes: number): readonly string[] {
  if (names.length === classes) return names;
  throw new UsageError("wrong-label-count", `${names.length} names for a model with ${classes} classes.`, {
    where: "--labels",
    hint: "Give one name for each class, in the order of the scores (some models have a background class first).",
  });
}

/** JSON, also with Python's quotes and bare numbers as keys, as some exporters write it; or names between commas. */
function parseNames(text: string): string[] | undefined {
  const asJson = text.replace(/'/g, '"').replace(/([{,]\s*)(\d+)\s*:/g, '$1"$2":');
  for (const spelling of [text, asJson]) {
    try {
      return labelsOfJson(JSON.parse(spelling));
    } catch {
      // not JSON in this spelling
    }
  }
  const names = text.split(/[\n,]/).map((name) => name.trim());
  return names.length > 1 ? names : undefined;
}
