// All declaration files together: what a door exports, where a name is declared, which file a name leads to.
import type { Declaration, Elsewhere, Module } from "./module.ts";

/** One thing that can be imported. Equal `key`s are the same thing. */
export interface Exported {
  readonly name: string;
  readonly key: string;
  /** Source file that declares it, under the repository. */
  readonly file: string;
  /** Overloads behind each other. */
  readonly declarations: readonly Declaration[];
  /** Of a namespace (`export * as`): what is in it. */
  readonly members?: readonly Exported[];
}

export interface Library {
  /** What a module exports, in the order of its text. */
  readonly exportsOf: (file: string) => readonly Exported[];
  /** What a name inside a module stands for; undefined where it is no declaration of ours. */
  readonly find: (file: string, name: string) => Exported | undefined;
}

/**
 * @param read a module by its source file
 * @param follow the source file that an import from another leads to; undefined outside of our packages
 */
export function createLibrary(
  read: (file: string) => Module,
  follow: (file: string, specifier: string) => string | undefined,
): Library {
  const found = new Map<string, readonly Exported[]>();
  const exportsOf = (file: string): readonly Exported[] => {
    const known = found.get(file);
    if (known !== undefined) return known;
    const { exports, stars } = read(file);
    const own = [...exports].flatMap(([name, target]) => {
      const one = typeof target === "string" ? find(file, target) : elsewhere(file, target);
      return one === undefined ? [] : [{ ...one, name }];
    });
    const more = stars.flatMap((from) => {
      const next = follow(file, from);
      return next === undefined ? [] : exportsOf(next);
    });
    const all = [...own, ...more.filter(({ name }) => !exports.has(name))];
    found.set(file, all);
    return all;
  };
  const elsewhere = (file: string, { from, name }: Elsewhere): Exported | undefined => {
    const next = follow(file, from);
    if (next === undefined) return undefined;
    if (name !== undefined) return exportsOf(next).find((one) => one.name === name) ?? find(next, name);
    return { name: from, key: `${next}#*`, file: next, declarations: [], members: exportsOf(next) };
  };
  const find = (file: string, name: string): Exported | undefined => {
    const { declared, imports } = read(file);
    const declarations = declared.get(name);
    if (declarations !== undefined) return { name, key: `${file}#${name}`, file, declarations };
    const imported = imports.get(name);
    return imported === undefined ? undefined : elsewhere(file, imported);
  };
  return { exportsOf, find };
}
