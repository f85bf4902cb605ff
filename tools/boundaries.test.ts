// The walls between packages, checked on every import: graph <- autodiff <- snellen <- cli, and a core of `snellen` that
// knows neither Node nor browser. Oracle: the one-way rule of CONTRIBUTING.md, as a table.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { VERSION } from "../packages/snellen/src/version.ts";

const root = join(import.meta.dirname, "..");

/** Packages of ours that each may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  graph: [],
  autodiff: ["@snellen/graph"],
  snellen: ["@snellen/graph", "@snellen/autodiff"],
  cli: ["@snellen/graph", "@snellen/autodiff", "snellen"],
};
const OURS = /^(@snellen\/\w+|snellen)(\/|$)/;
/** What only the doors may touch. */
const PLATFORM = /^(node:|sharp$|onnxruntime-node|onnxruntime-web|tinyglobby)/;

interface Import {
  readonly file: string;
  readonly from: string;
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|test-support/.test(name))
    .map((name) => join(folder, name));

const importsOf = (name: string): Import[] =>
  sources(join(root, "packages", name, "src")).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => ({
      file: relative(root, file),
      from: match[1] as string,
    })),
  );

describe("packages", () => {
  it.each(Object.keys(MAY_IMPORT))("%s imports only what lies below it", (name) => {
    const allowed = MAY_IMPORT[name] as readonly string[];
    const imports = importsOf(name);
    expect(imports.length).toBeGreaterThan(0);
    const wrong = imports.filter(
      ({ from }) => OURS.test(from) && !allowed.some((a) => from === a || from.startsWith(`${a}/`)),
    );
    expect(wrong).toEqual([]);
  });

  it.each(["graph", "autodiff", "snellen"])(
    "%s runs in Node and browsers alike outside its doors",
    (name) => {
      const door = /^packages\/snellen\/src\/(node|web)\//;
      const wrong = importsOf(name).filter(({ file, from }) => PLATFORM.test(from) && !door.test(file));
      expect(wrong).toEqual([]);
    },
  );

  it("carry the version that results are stamped with", () => {
    for (const name of Object.keys(MAY_IMPORT)) {
      const { version } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      expect(version).toBe(VERSION);
    }
  });
});
