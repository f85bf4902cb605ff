// snellen reproduce extended-cam: what it runs on, what it writes, and what --resume goes on from.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenedModel } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED, PHOTOGRAPHS } from "./embedded.ts";
import { openTrials } from "./extended-cam-trials.ts";
import { createTerminal } from "./terminal.ts";
import { CLASSIFIER, modelFile, pictureFile, snellen, temporaryFolder } from "./test-support/command-line.ts";

const folder = await temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

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

it("skips what cannot be used with exit code 3, and keeps in its journal which annotations they were", async () => {
  const args = [
    "reproduce",
    "extended-cam",
    at("model.onnx"),
    "--images",
    at("photos"),
    "--preset",
    "unit",
    "--limit",
    "3",
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
