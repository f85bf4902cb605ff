// Every `snellen …` line that the guides print: oracle is the command line's own parser, without running anything.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { commands } from "../../packages/cli/src/commands/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = ["README.md", ...["docs", "docs/methods", "docs/tutorials"].flatMap(pagesIn)];

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}

/** Command lines of a page's shell blocks, continued lines joined, without comments. */
function linesOf(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .flatMap(([, block = ""]) => block.replace(/\s*\\\n\s*/g, " ").split("\n"))
    .flatMap((line) => line.replace(/\s#.*$/, "").split(/&&|\||;|>/))
    .map((line) => line.trim().replace(/^npx /, ""))
    .filter((line) => line.startsWith("snellen "));
}

const wordsOf = (line: string): string[] =>
  (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^["']|["']$/g, ""));

/** The program with commands that do nothing. @throws CommanderError, UsageError for what it does not know */
async function parse(line: string): Promise<void> {
  const program = new Command("snellen")
    .enablePositionalOptions()
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined, writeOut: () => undefined })
    .exitOverride();
  for (const define of commands) define(program, () => async () => undefined);
  await program.parseAsync(wordsOf(line), { from: "user" });
}

describe.each(pages)("%s", (page) => {
  const lines = linesOf(readFileSync(join(root, page), "utf8"));
  it.runIf(lines.length > 0)("prints commands that exist, with flags that exist", async () => {
    for (const line of lines) await expect(parse(line), line).resolves.toBeUndefined();
  });
});

it("finds commands in shell blocks, and refuses what does not exist", async () => {
  expect(linesOf("```sh\nnpm ci && npx snellen cam a.onnx \\\n  --images b   # why\n```\n")).toEqual([
    "snellen cam a.onnx --images b",
  ]);
  expect(wordsOf('snellen cam a.onnx --target "V vs K"')).toEqual(["cam", "a.onnx", "--target", "V vs K"]);
  await expect(parse("snellen cam a.onnx --images b --no-such-flag")).rejects.toThrow("no-such-flag");
  await expect(parse("snellen nonsense a.onnx")).rejects.toThrow();
  await expect(parse("snellen cam --images b")).rejects.toThrow("model");
});
