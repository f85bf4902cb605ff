// snellen reproduce gammas: what it writes and goes on from, on an experiment as small as it gets.
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenedModel } from "snellen/node";
import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../embedded.ts";
import { createTerminal } from "../terminal.ts";
import { snellen, temporaryFolder } from "../test-support/command-line.ts";
import { openGiven } from "./experiment-study.ts";
import { runGammasExperiment } from "./run-gammas.ts";

const at = await temporaryFolder();

const EFFORT = { networks: 1, draws: 1, depth: 0.1, activations: 1 };

const DATA = "optotypes:size=32,count=50";
const TRAININGS = { kinds: 1, strengths: 1, seeds: 1, train: 50, test: 10, epochs: 1 };

async function run(more: object = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const flags = { n: 2, seed: 0, out: at("out"), json: true, resume: true, data: DATA, ...more };
  const streams = {
    stdout: { write: (t: string) => out.push(t) },
    stderr: { write: (t: string) => err.push(t) },
  };
  const context = { signal: new AbortController().signal, terminal: createTerminal(flags, streams) };
  const code = await runGammasExperiment([], flags, context, EFFORT, TRAININGS);
  return { code, stdout: out.join(""), stderr: err.join("") };
}

describe("reproduce gammas", () => {
  it("runs on the embedded ViT too, and goes on from an interrupted run", async () => {
    const ran = await run();
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { models, studies, trainings, trainedOn } = JSON.parse(ran.stdout);
    expect(trainedOn).toMatchObject({ data: { name: expect.stringContaining("optotypes"), train: 50 } });
    expect(trainings.map(({ decayed }: { decayed: string }) => decayed)).toEqual([
      "none",
      "branch-last",
      "shortcut",
      "scale-invariant",
      "all",
      "plan",
    ]);
    expect(models).toMatchObject([{ name: "optotypes-vit", images: 2, refused: null }]);
    // four blocks of attention and MLP, and the normalization before the head
    expect(models[0].plan.gammas).toHaveLength(9);
    expect(studies).toHaveLength(6);
    expect(await readFile(at("out", "gammas.md"), "utf8")).toContain("# Decay of normalization scales");
    expect(await readFile(at("out", "gammas.md"), "utf8")).toContain(
      "decay 0.02: trainings by the γ that decay",
    );
    const html = await readFile(at("out", "gammas.html"), "utf8");
    expect(html.includes('<figure class="plot">')).toBe(true);

    const path = at("out", "gammas.jsonl");
    const lines = (await readFile(path, "utf8")).split("\n");
    // settings, the ViT and five networks; the last line was cut off
    await writeFile(path, `${lines.slice(0, 7).join("\n")}\n`);
    await appendFile(path, lines[7]?.slice(0, 40) ?? "");
    expect(JSON.parse((await run()).stdout)).toEqual(JSON.parse(ran.stdout));
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(lines.length);
  }, 240_000);

  it("keeps a given network apart from the embedded one of the same name", async () => {
    const opened: OpenedModel[] = [];
    const terminal = createTerminal({}, { stdout: { write: () => true }, stderr: { write: () => true } });
    const context = { signal: new AbortController().signal, terminal };
    const path = join(EMBEDDED.folder, "optotypes-vit.onnx");
    const flags = { n: 1, seed: 0, out: at("none") };
    const given = await openGiven([path, path], flags, context, opened, ["optotypes-vit"]);
    for (const model of opened) await model[Symbol.asyncDispose]();
    expect(given.map(({ name }) => name)).toEqual(["optotypes-vit~2", "optotypes-vit~3"]);
  });

  it("is defined on the command line, and refuses a model that is not there", async () => {
    const help = await snellen("reproduce", "gammas", "--help");
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("arXiv:2205.07260")]);
    const gone = await snellen("reproduce", "gammas", at("gone.onnx"), "--json");
    expect([gone.code, JSON.parse(gone.stderr).error.exitCode]).toEqual([2, 2]);
  });
});
