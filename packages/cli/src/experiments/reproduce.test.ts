// snellen reproduce: what its experiments run on, what they write, and what --resume goes on from.
import { readFile, stat, writeFile } from "node:fs/promises";
import type { OpenedModel } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED, PHOTOGRAPHS } from "../embedded.ts";
import { createTerminal } from "../terminal.ts";
import {
  CLASSIFIER,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";
import { openTrials } from "./extended-cam-trials.ts";

const at = await temporaryFolder();

beforeAll(async () => {
  await modelFile(at("model.onnx"), CLASSIFIER);
  for (const name of ["a", "b", "c"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
  await annotate("gone.png");
});

/** The third image has a mask. */
const annotate = (mask: string) =>
  writeFile(
    at("photos", "annotations.json"),
    JSON.stringify({
      images: ["a", "b", "c"].map((name, i) => ({
        file: `${name}.png`,
        classIndex: i,
        ...(i === 2 ? { mask } : { box: [2, 2, 10, 8] }),
      })),
    }),
  );

it("skips what cannot be used with exit code 3, and keeps in its journal which pictures and annotations they were", async () => {
  const args = [
    "reproduce",
    "extended-cam",
    at("model.onnx"),
    "--images",
    at("photos"),
    "--preset",
    "unit",
    "--quick",
    "--measures",
    "energy",
    "--out",
    at("out"),
    "--json",
    "--resume",
  ];
  const ran = await snellen(...args);
  expect(ran.code).toBe(3);
  const { trials } = JSON.parse(ran.stdout);
  expect(trials.map((t: { name: string }) => t.name)).toEqual(["optotypes-cnn", "optotypes-vit", "model"]);
  expect(trials[0].images).toEqual({ development: 3, test: 3 });
  expect(trials[2].images).toEqual({ development: 1, test: 1 });
  expect(trials[2].skipped).toMatchObject([{ source: at("photos", "c.png") }]);
  expect(ran.stderr).toBe(`warning: skipped ${trials[2].skipped[0].reason}\n`);
  expect((await snellen(...args)).stderr).toBe(ran.stderr);
  const [head = ""] = (await readFile(at("out", "extended-cam.jsonl"), "utf8")).split("\n");
  expect(JSON.parse(head).models.map((m: { annotations: unknown }) => m.annotations)).toMatchObject([
    null,
    null,
    { path: at("photos", "annotations.json"), size: (await stat(at("photos", "annotations.json"))).size },
  ]);
  const { size } = await stat(at("photos", "a.png"));
  expect(JSON.parse(head).models[2].images[0]).toMatchObject({
    source: at("photos", "a.png"),
    file: { size },
    label: { classIndex: 0, box: [2, 2, 10, 8] },
  });
});

describe("without a model", () => {
  const trialsOf = async () => {
    const [models, told]: [OpenedModel[], string[]] = [[], []];
    const stream = { write: (text: string) => told.push(text) };
    const terminal = createTerminal({}, { stdout: stream, stderr: stream });
    const { all } = await openTrials(undefined, { limit: 2, seed: 0, out: at("none") }, terminal, models);
    for (const model of models) await model[Symbol.asyncDispose]();
    return { all, told };
  };
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );

  it("runs on the embedded networks, and on photographs where a checkout has them", async () => {
    const { all, told } = await trialsOf();
    const { length } = EMBEDDED.models;
    const hasPhotographs = (await isThere(PHOTOGRAPHS.model)) && (await isThere(PHOTOGRAPHS.images));
    expect(all).toHaveLength(hasPhotographs ? length + 1 : length);
    expect(told.join("")).toMatch(hasPhotographs ? /^photographs are added: .+\n$/ : /^$/);
    expect(all.every(({ entries }) => entries.length === 2)).toBe(true);
    expect(all[length]?.model.info.preprocessing.spec.mean ?? [127, 127, 127]).toEqual([127, 127, 127]);
  });
});

describe("dead-pixels", () => {
  const networks = (file: string, network: object) =>
    writeFile(at(file), JSON.stringify({ networks: [network] })).then(() => at(file));
  const LISTED = { model: "model.onnx", images: ["letters"], dataset: "letters", preset: "unit" };
  const run = (...more: string[]) =>
    snellen(
      ...["reproduce", "dead-pixels", "--limit", "4", "--perturb", "3", "--perturb-images", "1", "--json"],
      ...["--no-train", "--out", at("dead"), "--resume", ...more],
    );

  beforeAll(async () => {
    for (const name of ["0_a", "1_b"])
      await pictureFile(at("letters", `${name}.png`), name.charCodeAt(0), 16, 16);
  });

  it("runs on the embedded networks and on listed ones, whose paths are the file's, and goes on from its journal", async () => {
    const list = await networks("networks.json", LISTED);
    const ran = await run("--networks", list);
    expect([ran.stderr, ran.code]).toEqual(["", 0]);
    const result = JSON.parse(ran.stdout);
    const named = result.networks.map((n: { name: string; dataset: string; images: number }) => [
      n.name,
      n.dataset,
      n.images,
    ]);
    expect(named).toEqual([
      ["optotypes-cnn", "optotypes", 4],
      ["optotypes-vit", "optotypes", 4],
      ["model", "letters", 2],
    ]);
    const page = await readFile(at("dead", "dead-pixels.md"), "utf8");
    expect(page).toContain(
      "That padding kernels leaves the function, and before training L1, as they are: holds.",
    );
    expect(await readFile(at("dead", "dead-pixels.html"), "utf8")).toContain(
      "<title>Dead pixels: what holds here",
    );
    const journal = await readFile(at("dead", "dead-pixels.jsonl"), "utf8");
    // settings; parts of 4, 4 and 2 images; padding and perturbation of each network
    expect(journal.trim().split("\n")).toHaveLength(1 + 10 + 6);
    const again = await run("--networks", list);
    expect(again).toEqual(ran);
    expect(await readFile(at("dead", "dead-pixels.jsonl"), "utf8")).toBe(journal);
    // an interrupted run: the rest is made anew, and the numbers are the same
    await writeFile(at("dead", "dead-pixels.jsonl"), journal.slice(0, journal.length / 2));
    expect((await run("--networks", list)).stdout).toBe(ran.stdout);
    // another picture under the same name
    await pictureFile(at("letters", "1_b.png"), 7, 16, 16);
    const changed = await run("--networks", list);
    expect(changed.stderr).toContain("--resume: the journal in");
    expect(changed.stdout).not.toBe(ran.stdout);
    expect(changed.stdout).toBe((await run("--networks", list, "--out", at("fresh-dead"))).stdout);
  });

  it("leaves out images that cannot be read, with exit code 3", async () => {
    await writeFile(at("letters", "2_c.png"), "no picture");
    const { code, stderr } = await run(at("model.onnx"), "--images", at("letters"), "--preset", "unit");
    expect(code).toBe(3);
    expect(stderr).toContain("--resume: the journal in");
    expect(stderr).toContain(`warning: skipped ${at("letters", "2_c.png")}`);
  });

  it("refuses models without images, and lists with unknown fields", async () => {
    const refusal = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stdout]).toEqual([2, ""]);
      return JSON.parse(stderr).error;
    };
    expect(await refusal(at("model.onnx"))).toMatchObject({ code: "missing-flag", where: "--images" });
    const list = await networks("bad.json", { ...LISTED, means: [1] });
    expect(await refusal("--networks", list)).toMatchObject({ code: "bad-networks", where: list });
    expect(await refusal("--networks", at("gone.json"))).toMatchObject({ code: "unreadable-file" });
  });
});
