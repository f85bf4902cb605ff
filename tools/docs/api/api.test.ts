// Oracle: by hand, what TypeScript's declaration files say and how GitHub names anchors. No built package is needed.
import { posix } from "node:path";
import { expect, it } from "vitest";
import { parseDocstring } from "./docstring.ts";
import { createLibrary } from "./library.ts";
import { createAnchors, firstSentence, prose, table } from "./markdown.ts";
import { readModule } from "./module.ts";

const one = (text: string, name: string) => readModule("x.d.ts", text).declared.get(name);

it("reads what is declared: kind, code, docstring, types that are named", () => {
  const text = `
/** The sum. @throws UsageError \`empty\` */
export declare function sum(of: readonly Part[]): number;
/** Not its docstring. */
import { Part } from "./part.ts";
export declare const half: <T extends Numeric>(x: T, by?: typeof DIVISOR) => Result<T>;
export interface Both extends Left, Omit<Right, "a"> {
    /** A field. */
    readonly a: string;
}
declare class Hidden { }
export declare const LIMIT = 3;`;
  expect(one(text, "sum")).toEqual([
    {
      name: "sum",
      kind: "function",
      code: "function sum(of: readonly Part[]): number;",
      docstring: "The sum. @throws UsageError `empty`",
      mentions: ["Part"],
    },
  ]);
  expect(one(text, "half")).toMatchObject([
    {
      kind: "function",
      code: "function half<T extends Numeric>(x: T, by?: typeof DIVISOR): Result<T>;",
      docstring: "",
      mentions: ["Numeric", "T", "DIVISOR", "Result"],
    },
  ]);
  expect(one(text, "Both")?.[0]?.mentions).toEqual(["Left", "Omit", "Right"]);
  expect(one(text, "Both")?.[0]?.code).toContain("/** A field. */");
  expect(one(text, "LIMIT")?.[0]?.code).toBe("const LIMIT = 3;");
  expect(readModule("x.d.ts", text).exports.has("Hidden")).toBe(false);
  expect(() => readModule("x.d.ts", "export declare const = ;")).toThrow("x.d.ts");
});

it("keeps overloads of a function together", () => {
  expect(one("export declare function f(a: A): B;\nexport declare function f(c: C): D;", "f")).toHaveLength(
    2,
  );
});

it("follows exports through modules, and equal things have equal keys", () => {
  const files: Record<string, string> = {
    "a/index.ts": `export { b as renamed } from "./b.ts"; export * from "./c.ts"; export * as all from "./c.ts"; import { b } from "./b.ts"; export { b };`,
    "a/b.ts": "export declare const b: Own; interface Own { }",
    "a/c.ts": `export * from "./d.ts"; export { x } from "elsewhere";`,
    "a/d.ts": "export declare const d: number; export declare const renamed: string;",
  };
  const library = createLibrary(
    (file) => readModule(file, files[file] ?? ""),
    (file, to) => (to.startsWith(".") ? posix.join(posix.dirname(file), to) : undefined),
  );
  const exported = library.exportsOf("a/index.ts");
  expect(exported.map(({ name, key }) => [name, key])).toEqual([
    ["renamed", "a/b.ts#b"],
    ["all", "a/c.ts#*"],
    ["b", "a/b.ts#b"],
    ["d", "a/d.ts#d"],
  ]);
  expect(exported[1]?.members?.map(({ name }) => name)).toEqual(["d", "renamed"]);
  expect(library.find("a/b.ts", "Own")?.key).toBe("a/b.ts#Own");
  expect(library.find("a/b.ts", "Promise")).toBeUndefined();
});

it("splits docstrings at their tags, wherever these stand", () => {
  const text =
    "What it\ndoes.\n\nMore. @throws A `a`;\nB\n@param x the\n  number\n@param y - other\n@returns nothing";
  expect(parseDocstring(text)).toEqual({
    text: "What it does.\n\nMore.",
    parameters: [
      { name: "x", text: "the number" },
      { name: "y", text: "other" },
    ],
    returns: "nothing",
    throws: ["A `a`; B"],
  });
});

it("lets a docstring begin with a tag", () => {
  expect(parseDocstring("@throws A")).toEqual({
    text: "",
    parameters: [],
    returns: undefined,
    throws: ["A"],
  });
});

it("makes Markdown that shows what was written", () => {
  const anchor = createAnchors();
  expect(["fitGaussian", "FitGaussian", "cam/box.ts", "SCORE_SUM", "Σ_x und π"].map(anchor)).toEqual([
    "fitgaussian",
    "fitgaussian-1",
    "camboxts",
    "score_sum",
    "σ_x-und-π",
  ]);
  expect(prose("of <model> a*b, `<T>` {@link f}")).toBe("of &lt;model> a\\*b, `<T>` `f`");
  expect(table(["a"], [["x|y"]])).toBe("| a |\n| --- |\n| x\\|y |");
  expect(firstSentence("By Kim et al. in 2021: this. And that.")).toBe("By Kim et al. in 2021: this.");
});
