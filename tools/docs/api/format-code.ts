// Breaks declarations into lines with the repository's own formatter, all in one run.
import { spawnSync } from "node:child_process";
import { root } from "./sources.ts";

const MARK = "// ---- snippet";

/** @throws Error where the formatter does not take a snippet */
export function formatCode(snippets: readonly string[]): string[] {
  const input = snippets.map((code) => `${MARK}\n${ambient(code)}\n`).join("\n");
  const run = spawnSync(
    process.execPath,
    [
      "node_modules/@biomejs/biome/bin/biome",
      "format",
      "--line-width=100",
      "--stdin-file-path=snippets.d.ts",
    ],
    { cwd: root, input, encoding: "utf8", maxBuffer: 1 << 27 },
  );
  if (run.status !== 0) throw new Error(`biome: ${run.stderr.slice(0, 2000)}`);
  const parts = run.stdout.split(`${MARK}\n`).slice(1);
  if (parts.length !== snippets.length) throw new Error("biome: snippets were lost");
  return parts.map((part) => part.trim().replace(/^declare /gm, ""));
}

/** Functions, constants and classes need a word in declaration files that readers do without. */
const ambient = (code: string): string =>
  code.replace(/^(?=(?:function|abstract class|class) |const \w+:)/gm, "declare ");
