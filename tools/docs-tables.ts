// Tables of the docs that are made from the registries, between `<!-- name -->` and `<!-- /name -->` in docs/heat-maps.md.
// Usage: npx tsx --conditions=source tools/docs-tables.ts   (docs-tables.test.ts fails where they are out of date)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { camMethods, measures, targetKinds, upsamplings } from "snellen/registries";

export const PAGE = fileURLToPath(new URL("../docs/heat-maps.md", import.meta.url));

const KINDS = { layer: "one run", pixels: "one run", channels: "a run a channel" } as const;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

const TABLES: Readonly<Record<string, () => string>> = {
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

/** The page with every table made anew. @throws Error where a table has no place in it */
export function withTables(text: string): string {
  return Object.entries(TABLES).reduce((page, [name, make]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [page.indexOf(open), page.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`docs/heat-maps.md has no place "${open} … ${close}"`);
    return `${page.slice(0, start + open.length)}\n${make()}\n${page.slice(end)}`;
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8")));
