// Every relative link of the documentation leads to a file and, where it names one, to a heading there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createAnchors } from "./api/markdown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "models/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path.replaceAll("\\", "/")}`),
];

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "");

const anchorsOf = (text: string): Set<string> => {
  const anchorOf = createAnchors();
  const headings = [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((h) => anchorOf(h.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, ""))),
  );
};

const texts = new Map<string, { readonly text: string; readonly anchors: Set<string> }>();
function pageOf(path: string): { readonly text: string; readonly anchors: Set<string> } {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, path), "utf8");
  const made = { text, anchors: anchorsOf(text) };
  texts.set(path, made);
  return made;
}

/** What is wrong with a link; undefined where it leads somewhere. */
function fault(from: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(root, target))) return `${from}: no ${link}`;
  if (anchor === undefined || !target.endsWith(".md") || pageOf(target).anchors.has(anchor)) return undefined;
  return `${from}: no heading ${link}`;
}

const linksOf = (text: string): string[] =>
  [
    ...withoutCode(text)
      .replace(/`[^`\n]*`/g, "`")
      .matchAll(/(?<!\\)\]\(([^()\s]+)\)/g),
  ].map(([, link = ""]) => link);

it("links lead somewhere", () => {
  expect(
    pages.flatMap((page) => linksOf(pageOf(page).text).flatMap((link) => fault(page, link) ?? [])),
  ).toEqual([]);
});

it("would tell links that do not", () => {
  expect(fault("README.md", "docs/nowhere.md")).toContain("nowhere");
  expect(fault("README.md", "CONTRIBUTING.md#nowhere")).toContain("heading");
  expect(linksOf("[a](b.md) `[c](d)`\n```\n[e](f)\n```\n")).toEqual(["b.md"]);
});
