// Tables of the docs that are made from the registries, between `<!-- name -->` and `<!-- /name -->` of a page.
// Usage: npx tsx --conditions=source tools/docs-tables.ts   (docs-tables.test.ts fails where they are out of date)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  activations,
  augmentationKinds,
  camMethods,
  corruptions,
  gammaGuidelines,
  measures,
  normalizationForms,
  targetKinds,
  upsamplings,
} from "snellen/registries";

const KINDS = { layer: "one run", pixels: "one run", channels: "a run a channel" } as const;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

type Tables = Readonly<Record<string, () => string>>;

const HEAT_MAPS: Tables = {
  methods: () =>
    table(
      ["id", "a value is", "scale", "cost", "from"],
      camMethods.map((m) => [
        `\`${m.id}\``,
        m.summary,
        m.unit === "score" ? "the score's" : "its own",
        KINDS[m.kind],
        m.paper,
      ]),
    ),
  upsamplings: () =>
    table(
      ["id", "what it does", "keeps the sum"],
      upsamplings.map((u) => [`\`${u.id}\``, u.summary, u.conservative ? "yes" : "no"]),
    ),
  targets: () =>
    table(
      ["`--target`", "explains"],
      targetKinds.map((t) => [`\`${t.syntax}\``, t.summary]),
    ),
  measures: () =>
    table(
      ["id", "says", "better", "from"],
      measures.map((m) => [`\`${m.id}\``, m.summary, m.better, m.paper]),
    ),
};

const NORMALIZATION: Tables = {
  forms: () =>
    table(
      ["form", "in the graph"],
      normalizationForms.map(({ id, title }) => [`\`${id}\``, title]),
    ),
  guidelines: () =>
    table(
      ["category", "L2 regularization", "which γ", "why"],
      gammaGuidelines.map((g) => [g.category, g.decay ? "yes" : "no", g.where, g.reason]),
    ),
  activations: () => activations.map(({ id }) => `\`${id}\``).join(", "),
};

const ROBUSTNESS: Tables = {
  corruptions: () =>
    table(
      ["id", "family", "what it does", "level", "severities 1 to 5", "drawn"],
      corruptions.map((c) => [
        `\`${c.id}\``,
        c.imagenetC === undefined ? c.family : `${c.family}, ${c.imagenetC}`,
        c.summary,
        c.unit,
        c.levels.map(levelText).join(" · "),
        c.draw === undefined ? "no" : "yes",
      ]),
    ),
};

const TRAINING: Tables = {
  augmentations: () =>
    table(
      ["`--augment`", "what it does"],
      augmentationKinds.map(({ usage, summary }) => [`\`${usage}\``, summary]),
    ),
};

const levelText = (level: unknown): string =>
  typeof level === "object" && level !== null
    ? Object.values(level).map(levelText).join(", ")
    : String(level);

/** Page of `docs/` → its tables. */
export const PAGES: Readonly<Record<string, Tables>> = {
  "heat-maps.md": HEAT_MAPS,
  "normalization.md": NORMALIZATION,
  "robustness.md": ROBUSTNESS,
  "training.md": TRAINING,
};

export const pathOf = (page: string): string => fileURLToPath(new URL(`../docs/${page}`, import.meta.url));

/** The page with every table made anew. @throws Error where a table has no place in it */
export function withTables(page: string, text: string): string {
  return Object.entries(PAGES[page] ?? {}).reduce((made, [name, make]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [made.indexOf(open), made.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`docs/${page} has no place "${open} … ${close}"`);
    return `${made.slice(0, start + open.length)}\n${make()}\n${made.slice(end)}`;
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const page of Object.keys(PAGES))
    writeFileSync(pathOf(page), withTables(page, readFileSync(pathOf(page), "utf8")));
