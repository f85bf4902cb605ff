// Oracle: the registries themselves; update with `npx tsx --conditions=source tools/docs-tables.ts`.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PAGE, withTables } from "./docs-tables.ts";

it("docs/heat-maps.md lists every method, upsampling, target and measure as registered", () => {
  const text = readFileSync(PAGE, "utf8");
  expect(withTables(text)).toBe(text);
});
