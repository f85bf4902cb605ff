// Pages of the reference as Markdown: contents, then every name with its docstring, its signature and links to its types.
import { posix } from "node:path";
import { parseDocstring } from "./docstring.ts";
import { type Door, doors } from "./doors.ts";
import type { Exported, Library } from "./library.ts";
import { firstSentence, prose, table } from "./markdown.ts";
import { type Entry, mentionedBy, OTHER_TYPES, type Page, type Plan, type Section } from "./plan.ts";

const NOTE = "<!-- Made by `npm run docs` from the sources' docstrings: edit those. -->";

export interface PageContext {
  readonly plan: Plan;
  readonly library: Library;
  /** What a source file is, by its opening comment. */
  readonly openingOf: (file: string) => string;
  /** A declaration's code, broken into lines. */
  readonly format: (code: string) => string;
}

/** Path under docs/api → text. */
export function makePages(context: PageContext): Map<string, string> {
  const made = new Map<string, string>([["README.md", indexPage()]]);
  for (const door of doors) if (door.folders !== undefined) made.set(door.page, foldersPage(door, context));
  for (const page of context.plan.pages) made.set(page.path, namesPage(page, context));
  return made;
}

const blocks = (parts: readonly string[]): string => parts.filter((part) => part !== "").join("\n\n");
const file = (parts: readonly string[]): string => `${blocks([NOTE, ...parts])}\n`;
const linkTo = (from: string, to: string): string => posix.relative(posix.dirname(from), to);
const importLine = ({ id, summary }: Door): string => `\`import { … } from "${id}"\`: ${summary}.`;

function indexPage(): string {
  return file([
    "# Reference",
    "What can be imported, from where, with signatures and docstrings; made from the sources. Each source file has a section, which opens with what the file is. Types that a signature needs but that have no name outside stand at the end of a page.",
    table(
      ["from", "what it is"],
      doors.map(({ id, page, summary }) => [`[\`${id}\`](${page})`, summary]),
    ),
    "Back to [the documentation](../README.md).",
  ]);
}

/** The page of a door whose names lie on pages by folder. */
function foldersPage(door: Door, { plan }: PageContext): string {
  const rows = plan.pages
    .filter((page) => page.door === door)
    .map(({ path, folder = "", sections }) => {
      const to = linkTo(door.page, path);
      const values = sections.flatMap((s) => s.entries).filter(({ declarations }) => !areTypes(declarations));
      const names = values.map((e) => `[\`${e.name}\`](${to}#${e.anchor})`);
      return [`[${folder}](${to})`, door.folders?.[folder] ?? "", names.join(", ")];
    });
  return file([
    `# ${door.id}`,
    importLine(door),
    door.intro,
    table(["folder", "what it is about", "functions and constants (types are on the pages)"], rows),
    "Back to [the reference](README.md).",
  ]);
}

const areTypes = (declarations: Exported["declarations"]): boolean =>
  declarations.length > 0 && declarations.every(({ kind }) => kind === "type");

function namesPage(page: Page, context: PageContext): string {
  const { door, folder, path, sections, mentioned } = page;
  const up = `[\`${door.id}\`](${linkTo(path, door.page)})`;
  const head =
    folder === undefined
      ? [`# ${door.id}`, importLine(door), door.intro, handedOn(page, context.plan)]
      : [`# ${door.id}: ${folder}`, `Part of ${up}: ${door.folders?.[folder]}.`];
  const others =
    mentioned.length === 0
      ? []
      : [
          `## ${OTHER_TYPES}`,
          "Signatures above name these; they are not exported.",
          ...mentioned.map((e) => entry(e, page, context)),
        ];
  return file([
    ...head,
    contents(page, context),
    ...sections.map((s) => section(s, page, context)),
    ...others,
  ]);
}

/** What a door exports that another one owns. */
function handedOn({ door, path }: Page, plan: Plan): string {
  const others = (plan.exported.get(door) ?? []).filter(({ key }) => plan.places.get(key)?.path !== path);
  const keys = new Set(others.map(({ key }) => key));
  const whole = doors.find(
    (d) => d.folders !== undefined && plan.exported.get(d)?.every((one) => keys.has(one.key)),
  );
  if (whole !== undefined)
    return `It also exports everything of [\`${whole.id}\`](${linkTo(path, whole.page)}).`;
  if (others.length === 0) return "";
  return `It also hands on ${others.map(({ name, key }) => linked(name, key, path, plan)).join(", ")}.`;
}

function linked(name: string, key: string, from: string, plan: Plan): string {
  const place = plan.places.get(key);
  if (place === undefined) return `\`${name}\``;
  return `[\`${name}\`](${place.path === from ? "" : linkTo(from, place.path)}#${place.anchor})`;
}

function contents({ sections }: Page, { openingOf }: PageContext): string {
  if (sections.length < 2) return "";
  const rows = sections.map(({ title, file, anchor, entries }) => [
    `[${title}](#${anchor})`,
    prose(firstSentence(openingOf(file))),
    entries.map((e) => `[\`${e.name}\`](#${e.anchor})`).join(", "),
  ]);
  return blocks(["## Contents", table(["source", "what it is", "exports"], rows)]);
}

const section = ({ title, file, entries }: Section, page: Page, context: PageContext): string =>
  blocks([`## ${title}`, prose(context.openingOf(file)), ...entries.map((e) => entry(e, page, context))]);

function entry(one: Entry, page: Page, context: PageContext): string {
  if (one.members !== undefined) return namespace(one, one.members, page, context);
  const said = one.declarations.map((d) => parseDocstring(d.docstring));
  const notes = said.flatMap(({ parameters, returns, throws }) => [
    ...parameters.map(({ name, text }) => `- \`${name}\`: ${prose(text)}`),
    ...(returns === undefined ? [] : [`- returns ${prose(returns)}`]),
    ...throws.map((text) => `- throws ${prose(text)}`),
  ]);
  const names = mentionedBy(context.library, one)
    .filter(({ key }) => key !== one.key && context.plan.places.has(key))
    .map(({ key, name }) => linked(name, key, page.path, context.plan));
  const code = one.declarations.map((d) => context.format(d.code)).join("\n");
  return blocks([
    `### ${one.name}`,
    ...said.map(({ text }) => prose(text)),
    `\`\`\`ts\n${code}\n\`\`\``,
    notes.join("\n"),
    names.length > 0 ? `See ${[...new Set(names)].join(", ")}.` : "",
  ]);
}

const namespace = (
  one: Entry,
  members: readonly Exported[],
  page: Page,
  { openingOf, plan }: PageContext,
): string =>
  blocks([
    `### ${one.name}`,
    `Everything of this file under one name: ${prose(openingOf(one.file))}`,
    `${members.map(({ key, name }) => linked(`${one.name}.${name}`, key, page.path, plan)).join(", ")}.`,
  ]);
