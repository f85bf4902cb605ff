// Names of the classes: given by the user, stored in the model's metadata, or in a config file beside it.
import type { Model } from "@snellen/graph";
import type { Sidecars } from "./preprocessing.ts";

/** Metadata keys under which exporters store class names. */
const KEYS = ["labels", "names", "classes", "class_names", "id2label"];

export function resolveLabels(
  model: Model,
  classes: number,
  given: readonly string[] | undefined,
  sidecars: Sidecars,
): { names: readonly string[] | undefined; origin: string } {
  if (given !== undefined) return { names: given, origin: "given" };
  for (const key of KEYS) {
    const text = model.metadata.get(key);
    const names = text === undefined ? undefined : parseNames(text);
    if (names?.length === classes) return { names, origin: `model metadata "${key}"` };
  }
  if (sidecars.labels?.names.length === classes)
    return { names: sidecars.labels.names, origin: sidecars.labels.file };
  return { names: undefined, origin: "none" };
}

/** A JSON list or index → name object (also with Python's quotes, as some exporters write it), or lines. */
function parseNames(text: string): string[] | undefined {
  for (const candidate of [text, text.replace(/'/g, '"').replace(/([{,]\s*)(\d+)\s*:/g, '$1"$2":')]) {
    try {
      const parsed: unknown = JSON.parse(candidate);
      if (Array.isArray(parsed)) return parsed.map(String);
      if (parsed !== null && typeof parsed === "object") return fromRecord(parsed as Record<string, unknown>);
    } catch {
      // not JSON in this spelling
    }
  }
  const lines = text.split(/[\n,]/).map((line) => line.trim());
  return lines.length > 1 ? lines : undefined;
}

/** Names ordered by their index. */
const fromRecord = (record: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(record)
    .sort((a, c) => Number(a) - Number(c))
    .map((key) => String(record[key]));
