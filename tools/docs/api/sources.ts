// Reads what the generator goes by: declaration files that `tsc -b` wrote, and the opening comments of their sources.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { doors } from "./doors.ts";
import { type Declaration, type Module, readModule } from "./module.ts";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The source of a declaration file: packages/x/src/y.ts, or .tsx. */
const sourceText = (file: string): string => {
  const path = join(root, file);
  return readFileSync(existsSync(path) ? path : `${path}x`, "utf8");
};

const modules = new Map<string, Module>();

/** @throws Error where the packages have not been built */
export function moduleOf(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const path = join(root, file.replace("/src/", "/dist/").replace(/\.ts$/, ".d.ts"));
  if (!existsSync(path)) throw new Error(`${path} is not there: run "npm run build" first`);
  const made = withSchemas(file, readModule(path, readFileSync(path, "utf8")));
  modules.set(file, made);
  return made;
}

/** Where an import leads, for our own packages. */
export function follow(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(file), specifier).replace(/\.tsx$/, ".ts");
  const door = doors.find(({ id }) => id === specifier);
  return door === undefined ? undefined : `${door.folder}/src/${door.entry}.ts`;
}

/** The comment that a source opens with: what the file is. */
export function openingOf(file: string): string {
  const lines = sourceText(file).split("\n");
  const end = lines.findIndex((line) => !/^\/\/(?!\/)/.test(line));
  return lines
    .slice(0, Math.max(0, end))
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join(" ");
}

/** Schemas say more in their source than in their types, which spell every field out: constants `z.…` are shown as written. */
function withSchemas(file: string, module: Module): Module {
  const isSchema = ({ code }: Declaration): boolean => /^const \w+: z\./.test(code);
  if (![...module.declared.values()].flat().some(isSchema)) return module;
  const text = sourceText(file);
  const written = new Map<string, string>();
  for (const statement of parseSync(file, text, { lang: "ts" }).program.body) {
    const part = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (part?.type === "VariableDeclaration" && part.declarations[0]?.id.type === "Identifier")
      written.set(part.declarations[0].id.name, text.slice(part.start, part.end));
  }
  const declared = [...module.declared].map(
    ([name, parts]) => [name, parts.map((part) => asWritten(part, isSchema(part), written))] as const,
  );
  return { ...module, declared: new Map(declared) };
}

const asWritten = (part: Declaration, schema: boolean, written: ReadonlyMap<string, string>): Declaration => {
  const code = schema ? written.get(part.name) : undefined;
  if (code === undefined) return part;
  const mentions = [...new Set(code.match(/\b\w+\b/g))].filter((w) => w !== part.name && written.has(w));
  return { ...part, code, mentions };
};
