// Writes docs/api: the reference, made from the packages' declaration files with their docstrings.
// Usage: npm run docs   or   npx tsx tools/docs/api.ts [--check | --undocumented], after npm run build
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatCode } from "./api/format-code.ts";
import { createLibrary } from "./api/library.ts";
import { makePages } from "./api/page.ts";
import { planPages } from "./api/plan.ts";
import { follow, moduleOf, openingOf, root } from "./api/sources.ts";

const RENEW = "npm run docs";
const folder = join(root, "docs/api");

const library = createLibrary(moduleOf, follow);
const plan = planPages(library);
const exported = plan.pages.flatMap((page) => page.sections.flatMap((s) => s.entries));
const entries = [...exported, ...plan.pages.flatMap((page) => page.mentioned)];

if (process.argv.includes("--undocumented")) listUndocumented();
else {
  const codes = [...new Set(entries.flatMap((e) => e.declarations.map((d) => d.code)))];
  const formatted = formatCode(codes);
  const format = (code: string): string => formatted[codes.indexOf(code)] ?? code;
  const pages = makePages({ plan, library, openingOf, format });
  if (process.argv.includes("--check")) check(pages);
  else write(pages);
}

function written(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md"));
}

function check(pages: ReadonlyMap<string, string>): void {
  const stale = [...pages].filter(([path, text]) => {
    const file = join(folder, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  const left = written().filter((path) => !pages.has(path));
  const wrong = [...stale.map(([path]) => path), ...left];
  if (wrong.length === 0) return;
  console.error(`docs/api is out of date (${wrong.join(", ")}). Renew it: ${RENEW}`);
  process.exitCode = 1;
}

function write(pages: ReadonlyMap<string, string>): void {
  for (const path of written()) if (!pages.has(path)) rmSync(join(folder, path));
  for (const [path, text] of pages) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  console.log(`${pages.size} pages in docs/api`);
}

function listUndocumented(): void {
  for (const { name, file, declarations } of exported)
    if (declarations.length > 0 && declarations.every((d) => d.docstring === ""))
      console.log(`${file} ${declarations[0]?.kind} ${name}`);
}
