// One declaration file of a package as data: what it declares, imports and hands on, with docstrings.
// Parsed by Oxc, which vite brings along; nothing is resolved or checked here.
import { parseSync } from "vite";
import { docstringOf } from "./docstring.ts";

export type Kind = "function" | "constant" | "type" | "class";

export interface Declaration {
  readonly name: string;
  readonly kind: Kind;
  /** As declared, in TypeScript, without its own docstring; those of fields are inside. */
  readonly code: string;
  /** Without comment marks; "" where there is none. */
  readonly docstring: string;
  /** Types and values that it names, each once. */
  readonly mentions: readonly string[];
}

/** What an export or an import stands for: a name of another module, or all of it under one name. */
export interface Elsewhere {
  readonly from: string;
  /** undefined: the whole module, as a namespace. */
  readonly name: string | undefined;
}

export interface Module {
  /** By name; overloads of one function behind each other. */
  readonly declared: ReadonlyMap<string, readonly Declaration[]>;
  /** Exported name → local name, or where it comes from. */
  readonly exports: ReadonlyMap<string, string | Elsewhere>;
  /** Local name → where it comes from. */
  readonly imports: ReadonlyMap<string, Elsewhere>;
  /** Modules whose exports are all handed on. */
  readonly stars: readonly string[];
}

type Statement = ReturnType<typeof parseSync>["program"]["body"][number];
type Part = Extract<Statement, { type: "ExportNamedDeclaration" }>["declaration"];

/** @throws Error where the text is no TypeScript declaration file */
export function readModule(file: string, text: string): Module {
  const { program, comments, errors } = parseSync(file, text, { lang: "dts" });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const declared = new Map<string, Declaration[]>();
  const exports = new Map<string, string | Elsewhere>();
  const imports = new Map<string, Elsewhere>();
  const stars: string[] = [];
  const declare = (part: Part, statement: Statement): string[] => {
    const comment = comments.findLast(({ end }) => end <= statement.start);
    const beside = comment !== undefined && text.slice(comment.end, statement.start).trim() === "";
    const docstring = beside && comment.type === "Block" ? docstringOf(comment.value) : "";
    const found = declarationsOf(part, text).map((d) => ({ ...d, docstring }));
    for (const one of found) declared.set(one.name, [...(declared.get(one.name) ?? []), one]);
    return found.map((d) => d.name);
  };
  for (const statement of program.body) {
    if (statement.type === "ExportNamedDeclaration") {
      for (const name of declare(statement.declaration, statement)) exports.set(name, name);
      for (const { local, exported } of statement.specifiers)
        exports.set(
          nameOf(exported),
          statement.source === null ? nameOf(local) : { from: statement.source.value, name: nameOf(local) },
        );
    } else if (statement.type === "ExportAllDeclaration") {
      const from = statement.source.value;
      if (statement.exported === null) stars.push(from);
      else exports.set(nameOf(statement.exported), { from, name: undefined });
    } else if (statement.type === "ImportDeclaration") {
      for (const specifier of statement.specifiers)
        imports.set(specifier.local.name, {
          from: statement.source.value,
          name: specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined,
        });
    } else declare(statement as Part, statement);
  }
  return { declared, exports, imports, stars };
}

const nameOf = (node: { readonly name: string } | { readonly value: unknown }): string =>
  "name" in node ? node.name : String(node.value);

const KINDS: Readonly<Record<string, Kind | undefined>> = {
  TSDeclareFunction: "function",
  FunctionDeclaration: "function",
  ClassDeclaration: "class",
  TSInterfaceDeclaration: "type",
  TSTypeAliasDeclaration: "type",
};

function declarationsOf(part: Part, text: string): Omit<Declaration, "docstring">[] {
  if (part === null) return [];
  const code = text.slice(part.start, part.end).replace(/^declare /, "");
  const mentions = mentionsOf(part);
  if (part.type === "VariableDeclaration")
    return part.declarations.map(({ id, end }) =>
      constantOf(id as unknown as Identifier, end, text, mentions),
    );
  const kind = KINDS[part.type];
  if (kind === undefined || !("id" in part) || part.id === null) return [];
  return [{ name: nameOf(part.id as { readonly name: string }), kind, code, mentions }];
}

interface Identifier {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly typeAnnotation: { readonly typeAnnotation: { type: string; start: number; end: number } } | null;
}

/** A constant; where it holds a function, as a function. */
function constantOf(
  id: Identifier,
  end: number,
  text: string,
  mentions: readonly string[],
): Omit<Declaration, "docstring"> {
  const type = id.typeAnnotation?.typeAnnotation as
    | {
        type: string;
        start: number;
        end: number;
        returnType?: { start: number; typeAnnotation: { start: number } };
      }
    | undefined;
  if (type?.type === "TSFunctionType" && type.returnType !== undefined) {
    const parameters = text.slice(type.start, type.returnType.start).trim();
    const result = text.slice(type.returnType.typeAnnotation.start, type.end);
    return {
      name: id.name,
      kind: "function",
      code: `function ${id.name}${parameters}: ${result};`,
      mentions,
    };
  }
  return { name: id.name, kind: "constant", code: `const ${text.slice(id.start, end)};`, mentions };
}

/** Names in types: what is referred to, asked for with typeof, or extended. */
function mentionsOf(node: unknown): string[] {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return;
    const { type, typeName, exprName, expression, superClass } = value as Record<string, unknown>;
    if (type === "TSTypeReference") leftmost(typeName);
    if (type === "TSTypeQuery") leftmost(exprName);
    if (type === "TSInterfaceHeritage" || type === "TSClassImplements") leftmost(expression);
    if (type === "ClassDeclaration" && superClass) leftmost(superClass);
    Object.values(value).forEach(visit);
  };
  const leftmost = (name: unknown): void => {
    const { left, name: own } = (name ?? {}) as { left?: unknown; name?: string };
    if (left !== undefined) leftmost(left);
    else if (own !== undefined) names.add(own);
  };
  visit(node);
  return [...names];
}
