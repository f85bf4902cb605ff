// Which thing goes to which page and section: by the door that owns it, then by the source file that declares it.
import { posix } from "node:path";
import { type Door, doors } from "./doors.ts";
import type { Exported, Library } from "./library.ts";
import { createAnchors } from "./markdown.ts";

export interface Entry extends Exported {
  readonly anchor: string;
}

export interface Section {
  /** Heading: the source file's path on the page. */
  readonly title: string;
  readonly file: string;
  readonly anchor: string;
  readonly entries: readonly Entry[];
}

export interface Page {
  /** Under docs/api. */
  readonly path: string;
  readonly door: Door;
  /** Folder of sources, where the door has a page for each. */
  readonly folder: string | undefined;
  readonly sections: readonly Section[];
  /** What signatures of exported names mention and no door exports: shown for its fields. */
  readonly mentioned: readonly Entry[];
}

export interface Place {
  readonly path: string;
  readonly anchor: string;
}

export interface Plan {
  readonly pages: readonly Page[];
  /** Where a thing is described, by its key. */
  readonly places: ReadonlyMap<string, Place>;
  /** What a door exports, in its order. */
  readonly exported: ReadonlyMap<Door, readonly Exported[]>;
}

interface Owned {
  readonly one: Exported;
  readonly door: Door;
  readonly exported: boolean;
}

export const OTHER_TYPES = "Other types";

const entryOf = ({ folder, entry }: Door): string => `${folder}/src/${entry}.ts`;

export function planPages(library: Library): Plan {
  const exported = new Map(doors.map((door) => [door, library.exportsOf(entryOf(door))]));
  const owned = new Map<string, Owned>();
  for (const [door, all] of exported)
    for (const one of [...all, ...all.flatMap(membersOf)])
      if (!owned.has(one.key)) owned.set(one.key, { one, door, exported: true });
  // a Map's iteration goes on over what is added; of those without a door, only the constants that they are made of follow
  for (const { one, exported: isExported } of owned.values())
    for (const named of mentionedBy(library, one))
      if (!owned.has(named.key) && (isExported || isConstant(named)))
        owned.set(named.key, { one: named, door: homeOf(named.file), exported: false });
  const all = [...owned.values()];
  const pages = doors.flatMap((door) =>
    pagesOf(
      door,
      all.filter((o) => o.door === door),
    ),
  );
  return { pages, places: new Map(pages.flatMap(placesOn)), exported };
}

/** What is in a namespace, by its name there. */
const membersOf = ({ name, members = [] }: Exported): Exported[] =>
  members.map((member) => ({ ...member, name: `${name}.${member.name}` }));

/** What a thing's signature names, of ours. */
export const mentionedBy = (library: Library, { file, declarations }: Exported): Exported[] =>
  [...new Set(declarations.flatMap((d) => d.mentions))].flatMap((name) => library.find(file, name) ?? []);

const isConstant = ({ declarations }: Exported): boolean => declarations.some((d) => d.kind === "constant");

/** The door whose folder a file lies in, the innermost; a door of a single file has that alone. */
function homeOf(file: string): Door {
  const single = doors.find((door) => entryOf(door) === file);
  const around = doors
    .filter((door) => door.entry.endsWith("index") && file.startsWith(`${posix.dirname(entryOf(door))}/`))
    .sort((a, b) => b.entry.length - a.entry.length);
  const door = single ?? around[0];
  if (door === undefined) throw new Error(`no door leads to ${file}`);
  return door;
}

function pagesOf(door: Door, owned: readonly Owned[]): Page[] {
  if (door.folders === undefined) return [pageOf(door, door.page, undefined, owned)];
  const folders = [...new Set(owned.map(({ one }) => folderOf(one.file)))].sort();
  return folders.map((folder) => {
    if (door.folders?.[folder] === undefined) throw new Error(`doors.ts does not say what ${folder} is`);
    const here = owned.filter(({ one }) => folderOf(one.file) === folder);
    return pageOf(door, `${door.page.replace(/\.md$/, "")}/${folder}.md`, folder, here);
  });
}

/** The path of a source below `src`. */
const pathOf = (file: string): string => file.split("/src/")[1] ?? file;

/** First folder below `src`; files that lie there themselves are "general". */
const folderOf = (file: string): string => {
  const [folder = "", ...rest] = pathOf(file).split("/");
  return rest.length === 0 ? "general" : folder;
};

function pageOf(door: Door, path: string, folder: string | undefined, owned: readonly Owned[]): Page {
  const anchorOf = createAnchors();
  anchorOf("contents");
  const named = ({ one }: Owned): Entry => ({ ...one, anchor: anchorOf(one.name) });
  const titleOf = (file: string): string => pathOf(file).replace(`${folder}/`, "");
  const ours = owned.filter((o) => o.exported);
  const files = [...new Set(ours.map(({ one }) => one.file))].sort(byPath);
  const sections = files.map((file) => {
    const title = titleOf(file);
    const anchor = anchorOf(title);
    return { title, file, anchor, entries: ours.filter(({ one }) => one.file === file).map(named) };
  });
  anchorOf(OTHER_TYPES);
  const others = owned.filter((o) => !o.exported).sort((a, b) => (a.one.name < b.one.name ? -1 : 1));
  return { path, door, folder, sections, mentioned: others.map(named) };
}

const placesOn = ({ path, sections, mentioned }: Page): [string, Place][] =>
  [...sections.flatMap((s) => s.entries), ...mentioned].map(({ key, anchor }) => [key, { path, anchor }]);

/** Files before folders, each by name; by code points, so that no machine's language counts. */
function byPath(a: string, b: string): number {
  const [folderA, folderB] = [posix.dirname(a), posix.dirname(b)];
  if (folderA !== folderB) return folderA < folderB ? -1 : 1;
  return a < b ? -1 : 1;
}
