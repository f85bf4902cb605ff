// Oracle: the registries themselves; update with `npx tsx --conditions=source tools/docs-tables.ts`.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PAGES, pathOf, withTables } from "./docs-tables.ts";

it.each(Object.keys(PAGES))("docs/%s lists what is registered", (page) => {
  const text = readFileSync(pathOf(page), "utf8");
  expect(withTables(page, text)).toBe(text);
});
