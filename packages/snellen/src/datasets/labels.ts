// Names of a network's classes: read from label files, searched by what people type, matched with folder names.
// Text in, data out; the doors read the files.
import { closest, UsageError } from "@snellen/graph";

/** JSON keys under which files keep class names: transformers, timm, and datasets of our own kind. */
const NAME_KEYS = ["id2label", "label_names", "labels", "classes"] as const;

/** A WordNet identifier at the start of a line or name, as ImageNet's files have it. */
const WORDNET_ID = /^n\d{8}\b/;

/**
 * Reads class names from the text of a label file; entry i names class i.
 *
 * Understood: one name a line (with or without its number in front: `0: tench`, `0,tench`), a JSON array, a JSON object from
 * number to name or to [WordNet id, name], and config files that hold one of these under `id2label`, `label_names`,
 * `labels` or `classes`.
 * @param file name for error messages; `.json` decides how the text is read.
 * @throws UsageError `bad-labels`.
 */
export function parseLabels(text: string, file: string): string[] {
  const labels = /\.json$/i.test(file) ? labelsOfJson(parseJson(text, file)) : labelsOfLines(text);
  if (labels === undefined || labels.length === 0) {
    throw new UsageError("bad-labels", "holds no class names.", {
      where: file,
      hint: "Write one name a line, or a JSON array of names.",
    });
  }
  return labels;
}

/** Class names in a parsed JSON document, or undefined where there are none. */
export function labelsOfJson(json: unknown): string[] | undefined {
  if (Array.isArray(json)) return json.length > 0 && json.every(isString) ? json : undefined;
  if (typeof json !== "object" || json === null) return undefined;
  for (const key of NAME_KEYS) {
    const names = key in json ? labelsOfJson((json as Record<string, unknown>)[key]) : undefined;
    if (names !== undefined) return names;
  }
  const numbered = Object.entries(json).map(([index, name]) => [Number(index), nameOf(name)] as const);
  if (!numbered.every((entry): entry is readonly [number, string] => entry[1] !== undefined))
    return undefined;
  return inOrder(numbered);
}

const isString = (value: unknown): value is string => typeof value === "string";

/** A name, or the `[WordNet id, name]` of Keras' class index. */
function nameOf(value: unknown): string | undefined {
  if (isString(value)) return value;
  return Array.isArray(value) && value.length > 0 && value.every(isString) ? value.join(" ") : undefined;
}

/** Names by number, if the numbers are 0 to n - 1. */
function inOrder(numbered: readonly (readonly [number, string])[]): string[] | undefined {
  const names: string[] = [];
  for (const [index, name] of numbered) {
    if (!Number.isInteger(index) || index < 0 || index >= numbered.length) return undefined;
    names[index] = name;
  }
  return Object.keys(names).length === numbered.length ? names : undefined;
}

function labelsOfLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === "") lines.pop();
  const numbered = lines.map((line) => /^(\d+)\s*[:,;\s]\s*(.+)$/.exec(line));
  if (numbered.every((match) => match !== null)) {
    const names = inOrder(numbered.map((match) => [Number(match[1]), match[2]!] as const));
    if (names !== undefined) return names;
  }
  return lines;
}

/**
 * What JSON text holds, whatever that is.
 * @param file what errors call it
 * @throws UsageError `bad-json` with the file's name.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError("bad-json", `not JSON: ${(cause as Error).message}.`, { where: file, cause });
  }
}

const normalized = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[_\s]+/g, " ")
    .trim();

/** The whole name, its WordNet id, and each of its synonyms ("tench, Tinca tinca"), normalized. */
function spellings(label: string): string[] {
  const id = WORDNET_ID.exec(label)?.[0];
  const name = id === undefined ? label : label.slice(id.length);
  return [label, name, ...(id === undefined ? [] : [id]), ...name.split(",")].map(normalized);
}

/**
 * Indices of the classes that `query` names: a whole name, a synonym of a comma-separated list, or a WordNet id; case,
 * underscores and repeated spaces do not count. ImageNet has two "crane", so there may be several.
 */
export function findClasses(labels: readonly string[], query: string): number[] {
  const wanted = normalized(query);
  return labels.flatMap((label, index) => (spellings(label).includes(wanted) ? [index] : []));
}

/** Names that hold `query` as a word, as "tiger cat" holds "cat"; where there are none, the one that is spelled most alike. */
export function namesLike(labels: readonly string[], query: string): readonly string[] {
  const wanted = ` ${normalized(query)} `;
  const holding = labels.filter((label) =>
    ` ${normalized(label).replaceAll(/[^\p{L}\p{N}]+/gu, " ")} `.includes(wanted),
  );
  return holding.length > 0 ? [...new Set(holding)] : [closest(query, labels)];
}

/**
 * Class indices of a labelled set's class names (its folder names).
 *
 * A name counts by the model's labels, else as a number below `classCount`; if no name counts and there are exactly as many
 * names as classes, they count in sorted order, as torchvision's ImageFolder has it. Names that do not count are left out.
 */
export function indexClassNames(
  names: readonly string[],
  labels: readonly string[],
  classCount: number = labels.length,
): Map<string, number> {
  const index = new Map<string, number>();
  const spelled = new Map<string, number[]>();
  labels.forEach((label, i) => {
    for (const spelling of new Set(spellings(label)))
      spelled.set(spelling, [...(spelled.get(spelling) ?? []), i]);
  });
  for (const name of names) {
    const [first, second] = spelled.get(normalized(name)) ?? [];
    if (first !== undefined && second === undefined) index.set(name, first);
    else if (/^\d+$/.test(name) && Number(name) < classCount) index.set(name, Number(name));
  }
  const unique = [...new Set(names)].sort();
  if (index.size === 0 && unique.length === classCount) {
    unique.forEach((name, i) => {
      index.set(name, i);
    });
  }
  return index;
}
