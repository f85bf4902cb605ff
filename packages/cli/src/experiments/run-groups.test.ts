// snellen reproduce groups: what it writes, skips and goes on from, on an experiment as small as it gets.
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { createTerminal } from "../terminal.ts";
import { modelFile, pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";
import { runGroupsExperiment } from "./run-groups.ts";

const at = await temporaryFolder();

/** Eight channels in two groups, twice. */
const GROUPED = `<ir_version: 10, opset_import: ["": 21]>
  g (float[N,3,8,8] image, float[8,3,3,3] w0, float[8,8,3,3] w1, float[8,4] head) => (float[N,4] scores)
  <float[8] gamma = {1,1,1,1,1,1,1,1}, float[8] beta = {0,0,0,0,0,0,0,0}> {
    z0 = Conv <pads = [1,1,1,1]> (image, w0) n0 = GroupNormalization <num_groups = 2> (z0, gamma, beta) o0 = Relu (n0)
    z1 = Conv <pads = [1,1,1,1]> (o0, w1) n1 = GroupNormalization <num_groups = 2> (z1, gamma, beta) o1 = Relu (n1)
    p = GlobalAveragePool (o1) f = Flatten (p) scores = MatMul (f, head) }`;

const EFFORT = { networks: 1, draws: 0.01, depth: 0.1, activations: 1 };
const FLAGS = { n: 4, seed: 0, out: at("out"), json: true, resume: true, preset: "unit" };

beforeAll(async () => {
  await modelFile(at("grouped.onnx"), GROUPED);
  for (const name of ["a", "b"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0), 8, 8);
  await writeFile(at("photos", "c.png"), "no picture");
});

const DATA = "optotypes:size=32,count=64";
const TRAININGS = { kinds: 1, seeds: 1, train: 64, test: 10, epochs: 0.5, numbers: 2 };

async function run(more: object = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const flags = { ...FLAGS, images: [at("photos")], data: DATA, ...more };
  const streams = {
    stdout: { write: (t: string) => out.push(t) },
    stderr: { write: (t: string) => err.push(t) },
  };
  const context = { signal: new AbortController().signal, terminal: createTerminal(flags, streams) };
  const code = await runGroupsExperiment([at("grouped.onnx")], flags, context, EFFORT, TRAININGS);
  return { code, stdout: out.join(""), stderr: err.join("") };
}

describe("reproduce groups", () => {
  it("writes three forms of a page, leaves out what cannot be read, and goes on from its journal", async () => {
    const ran = await run();
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`warning: skipped ${at("photos", "c.png")}`);
    const result = JSON.parse(ran.stdout);
    expect(result.models).toMatchObject([{ name: "grouped", images: 2, kind: "images", refused: null }]);
    expect(result.models[0].layers.map((l: { groups: number }) => l.groups)).toEqual([2, 2]);
    expect(JSON.parse(await readFile(at("out", "groups.json"), "utf8"))).toEqual(result);
    expect(result.trainedOn).toMatchObject({
      data: { name: expect.stringContaining("optotypes"), train: 64 },
    });
    expect(result.trainings.map(({ choice }: { choice: string }) => choice)).toEqual([
      "advised by norm",
      "advised by variance",
      "G = 1",
      "G = 128",
      "G = 32",
      "16 channels a group",
      "G = C",
    ]);
    const page = await readFile(at("out", "groups.md"), "utf8");
    expect(page).toContain("MLP, 12 layers of 128: trainings by choice of groups");
    expect(page).toContain("Plots, in groups.html");
    expect(page).not.toContain("gradient length by layer, geometric mean over networks\n\n|");
    const html = await readFile(at("out", "groups.html"), "utf8");
    expect(html.includes('<figure class="plot">')).toBe(true);

    const journal = await readFile(at("out", "groups.jsonl"), "utf8");
    const [head = ""] = journal.split("\n");
    const { size } = await stat(at("photos", "a.png"));
    expect(JSON.parse(head).networks[0].images[0]).toMatchObject({
      source: at("photos", "a.png"),
      file: { size },
    });
    const again = await run();
    expect(again.stdout).toBe(ran.stdout);
    expect(await readFile(at("out", "groups.jsonl"), "utf8")).toBe(journal);
  }, 240_000);

  it("is defined on the command line, and says what a model lacks", async () => {
    const help = await snellen("reproduce", "groups", "--help");
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("--quick")]);
    const gone = await snellen("reproduce", "groups", at("gone.onnx"), "--json");
    expect([gone.code, JSON.parse(gone.stderr).error.exitCode]).toEqual([2, 2]);
    await mkdir(at("empty"), { recursive: true });
    const none = await snellen("reproduce", "groups", at("grouped.onnx"), "--images", at("empty"));
    expect(none.code).toBe(2);
    expect((await snellen("reproduce", "groups", "--n", "0")).stderr).toContain("--n");
  });
});
