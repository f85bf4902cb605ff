// snellen reproduce dead-pixels with trainings: what it writes and goes on from, on an experiment as small as it gets.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createTerminal } from "../terminal.ts";
import { temporaryFolder } from "../test-support/command-line.ts";
import { runDeadPixels } from "./run-dead-pixels.ts";

const at = await temporaryFolder();

const EFFORT = {
  seeds: 1,
  tasks: {
    "micro-object": { train: 32, test: 10, epochs: 1 },
    classification: { train: 64, test: 10, epochs: 1 },
  },
  side: 32,
  networks: 1,
  family: { train: 64, test: 10, epochs: 1, seeds: 1, widths: [] },
  fieldImages: 5,
};
const FLAGS = { seed: 0, limit: 2, perturb: 1, perturbImages: 0, json: true, resume: true, out: at("out") };

async function run(more: object = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const flags = { ...FLAGS, data: "optotypes:size=32,count=64", ...more };
  const streams = {
    stdout: { write: (t: string) => out.push(t) },
    stderr: { write: (t: string) => err.push(t) },
  };
  const context = { signal: new AbortController().signal, terminal: createTerminal(flags, streams) };
  const code = await runDeadPixels([], flags, context, EFFORT);
  return { code, stdout: out.join(""), stderr: err.join("") };
}

describe("reproduce dead-pixels, trainings", () => {
  it("tells what they gave, with plots in the HTML, and goes on from its journal", async () => {
    const ran = await run();
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { trainings, regime } = JSON.parse(ran.stdout);
    expect(trainings.map((own: { task: string; padded: boolean }) => [own.task, own.padded])).toEqual([
      ["micro-object", false],
      ["micro-object", true],
      ["classification", false],
      ["classification", true],
    ]);
    expect(regime.effort).toEqual(EFFORT);
    const page = await readFile(at("out", "dead-pixels.md"), "utf8");
    expect(page).toContain(
      "Plots, in dead-pixels.html and with their numbers in dead-pixels.json: Accuracy on the",
    );
    expect(await readFile(at("out", "dead-pixels.html"), "utf8")).toContain('<figure class="plot">');

    const journal = await readFile(at("out", "dead-pixels.jsonl"), "utf8");
    expect((await run()).stdout).toBe(ran.stdout);
    expect(await readFile(at("out", "dead-pixels.jsonl"), "utf8")).toBe(journal);
    // trained on other pictures, all is made anew
    expect((await run({ train: false })).stderr).toContain("the journal in");
  }, 120_000);
});
