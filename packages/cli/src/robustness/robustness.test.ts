// `snellen robustness` as people run it. Oracles: predictions of the runtime itself, and files of a run that was never cut off.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RobustnessResult } from "snellen";
import { corrupt, corruption } from "snellen";
import { decodeImage, openModel, writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { failure, modelFile, pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
const classifier = (side: number) =>
  `g (float[N,3,${side},${side}] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
   { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;
const IMAGES = ["a", "b", "c", "d", "e"];

beforeAll(async () => {
  await modelFile(at("model.onnx"), classifier(32));
  await modelFile(at("small.onnx"), classifier(16));
  for (const name of IMAGES) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0), 48, 40);
  await writeFile(at("labels.csv"), IMAGES.map((name, i) => `${name}.png,${i}`).join("\n"));
});

const args = (out: string, ...flags: string[]) => [
  "robustness",
  at("model.onnx"),
  "--images",
  at("photos"),
  "--image-labels",
  at("labels.csv"),
  "--corruptions",
  "gaussian_noise,contrast",
  "--severity",
  "1,4",
  "--batch",
  "2",
  "--workers",
  "0",
  "--out",
  at(out),
  ...flags,
];

async function robustness(out: string, ...flags: string[]): Promise<RobustnessResult> {
  const { code, stdout } = await snellen(...args(out, "--json", ...flags));
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const tableOf = (out: string) => readFile(at(out, "robustness.csv"), "utf8");

describe("snellen robustness", () => {
  it("counts what the model predicts for the corrupted pictures, each in its row", async () => {
    const { models } = await robustness("whole");
    await using model = await openModel(at("model.onnx"), { size: [32, 32] });
    const rows = models[0]?.conditions ?? [];
    expect(rows.map(({ corruption, severity }) => [corruption, severity])).toEqual([
      [null, null],
      ["gaussian_noise", 1],
      ["gaussian_noise", 4],
      ["contrast", 1],
      ["contrast", 4],
    ]);
    const { preprocessing } = model.info;
    const { fitImage } = await import("snellen");
    let correct = 0;
    for (const [label, name] of IMAGES.entries()) {
      const fitted = fitImage(await decodeImage(at("photos", `${name}.png`)), preprocessing.spec);
      const shown = corrupt(fitted, corruption("gaussian_noise"), { severity: 4, seed: 0 });
      const [found] = await model.predict([shown]);
      correct += Number(found?.classIndex === label);
    }
    expect(rows[2]).toMatchObject({ images: 5, accuracy: { n: 5 } });
    expect(rows[2]?.accuracy.value).toBeCloseTo(correct / 5, 12);
    expect((await stat(at("whole", "robustness.html"))).size).toBeGreaterThan(5000);
  });

  it("goes on where a run stood, and ends in the same table", async () => {
    await robustness("cut");
    const whole = await tableOf("cut");
    const journal = await readFile(at("cut", "robustness.jsonl"), "utf8");
    const lines = journal.split("\n");
    // the last line was being written when the machine went down
    await writeFile(
      at("cut", "robustness.jsonl"),
      `${lines.slice(0, 7).join("\n")}\n${lines[7]?.slice(0, 30)}`,
    );
    await robustness("cut", "--resume");
    expect(await tableOf("cut")).toBe(whole);
    expect((await readFile(at("cut", "robustness.jsonl"), "utf8")).split("\n")).toHaveLength(lines.length);
  });

  it("starts anew, and says so, where the settings differ", async () => {
    await robustness("other");
    const { stderr } = await snellen(...args("other", "--resume", "--seed", "1"));
    expect(stderr).toContain("is of other settings and kept as robustness.jsonl.old; all is run anew");
    expect(await readFile(at("other", "robustness.jsonl.old"), "utf8")).toContain('"seed":0');
  });

  it("gives one table from shards, in any order", async () => {
    await robustness("one");
    for (const shard of ["1/3", "2/3", "3/3"]) await robustness(`part${shard[0]}`, "--shard", shard);
    const merge = ["robustness", "merge", at("part3"), at("part1"), at("part2"), "--out", at("merged")];
    const { code } = await snellen(...merge);
    expect(code).toBe(0);
    expect(await tableOf("merged")).toBe(await tableOf("one"));
    const partial = await snellen("robustness", "merge", at("part3"), "--out", at("partial"));
    expect(partial.stderr).toContain("20 outcomes are in none of the folders");
  });

  it("runs a picture anew that was replaced, and one that was mended, and forgets that it was broken", async () => {
    await pictureFile(at("changing", "a.png"), 1, 48, 40);
    await writeFile(at("changing", "b.png"), "no picture yet, but as many bytes");
    const run = (out: string, ...flags: string[]) =>
      snellen(
        ...args(out, "--json", ...flags).map((arg) => (arg === at("photos") ? at("changing") : arg)),
        "--image-labels",
        at("changing.csv"),
      );
    await writeFile(at("changing.csv"), "a.png,0\nb.png,1\n");
    expect((await run("changed")).code).toBe(3);
    await pictureFile(at("changing", "b.png"), 2, 48, 40);
    const { code, stderr } = await run("changed", "--resume");
    expect([code, stderr]).toEqual([0, expect.stringContaining("of other settings")]);
    const merged = await snellen(
      "robustness",
      "merge",
      at("changed"),
      "--out",
      at("changed-merged"),
      "--json",
    );
    expect([merged.code, JSON.parse(merged.stdout).images.skipped]).toEqual([0, []]);
  });

  it("says which line of a journal is damaged", async () => {
    await robustness("damaged");
    const path = at("damaged", "robustness.jsonl");
    const lines = (await readFile(path, "utf8")).split("\n");
    for (const line of ["garbage{{{", "null", '{"model":"x"}']) {
      await writeFile(path, lines.map((own, i) => (i === 3 ? line : own)).join("\n"));
      expect(await failure(...args("damaged", "--resume"))).toMatchObject({
        code: "bad-journal",
        exitCode: 2,
        message: expect.stringContaining("line 4"),
      });
      const merge = await failure("robustness", "merge", at("damaged"), "--out", at("never"));
      expect(merge.code).toBe("bad-journal");
    }
  });

  it("tells two classes apart by a single score", async () => {
    await modelFile(
      at("single.onnx"),
      `g (float[N,3,32,32] x, float[1,3,32,32] w) => (float[N,1] y)
       { c = Conv (x, w) f = Flatten (c) y = Sigmoid (f) }`,
    );
    await writeFile(at("sides.csv"), IMAGES.map((name, i) => `${name}.png,${i % 2}`).join("\n"));
    const given = args("single", "--json", "--image-labels", at("sides.csv"));
    const { stdout } = await snellen(
      ...given.map((arg) => (arg === at("model.onnx") ? at("single.onnx") : arg)),
    );
    const [clean] = (JSON.parse(stdout) as RobustnessResult).models[0]?.conditions ?? [];
    await using model = await openModel(at("single.onnx"));
    const scores = await Promise.all(
      IMAGES.map(async (name) => (await model.predict([await decodeImage(at("photos", `${name}.png`))]))[0]),
    );
    const correct = scores.filter((score, i) => Number((score?.logits[0] as number) > 0) === i % 2).length;
    expect(clean?.accuracy.n).toBe(5);
    expect(clean?.accuracy.value).toBeCloseTo(correct / 5, 12);
  });

  it("measures agreement with the clean prediction where no image has a label", async () => {
    const { code, stdout, stderr } = await snellen(
      ...args("unlabelled", "--json").filter((arg) => arg !== "--image-labels" && arg !== at("labels.csv")),
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining("no image has a class that the model knows")]);
    const [, noisy] = (JSON.parse(stdout) as RobustnessResult).models[0]?.conditions ?? [];
    expect(noisy).toMatchObject({ accuracy: { value: null, n: 0 }, agreement: { n: 5 } });
    expect(noisy?.agreement.value).toBeGreaterThan(0);
  });

  it("compares whole outputs of a network that gives a class a pixel", async () => {
    await modelFile(
      at("mask.onnx"),
      `g (float[N,3,32,32] x, float[4,3,3,3] w) => (float[N,4,32,32] y) { y = Conv <pads = [1,1,1,1]> (x, w) }`,
    );
    const given = args("mask", "--json").map((arg) => (arg === at("model.onnx") ? at("mask.onnx") : arg));
    const { stdout } = await snellen(
      ...given.filter((arg) => arg !== "--image-labels" && arg !== at("labels.csv")),
    );
    const [clean, light, heavy] = (JSON.parse(stdout) as RobustnessResult).models[0]?.conditions ?? [];
    expect(clean?.agreement.value ?? 1).toBe(1);
    expect(light?.agreement.value).toBeLessThan(1);
    expect(heavy?.agreement.value).toBeLessThan(light?.agreement.value as number);
  });

  it("leaves out what cannot be read, and ends with 3", async () => {
    await pictureFile(at("mixed", "a.png"), 1, 48, 40);
    await writeFile(at("mixed", "broken.png"), "no picture");
    await writeNpy(at("mixed", "tensor.npy"), { shape: [1, 3, 32, 32], values: new Float32Array(3072) });
    const { code, stderr, stdout } = await snellen(
      "robustness",
      at("model.onnx"),
      "--images",
      at("mixed"),
      "--corruptions",
      "contrast",
      "--workers",
      "0",
      "--json",
      "--out",
      at("mixed-out"),
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/skipped .*broken\.png.*\n[\s\S]*skipped .*tensor\.npy.*preprocessed tensor/);
    const { images, models } = JSON.parse(stdout) as RobustnessResult;
    expect(images.skipped).toHaveLength(2);
    expect(models[0]?.conditions[0]?.images).toBe(1);
  });
});

describe("snellen robustness refuses", () => {
  const refused = async (...flags: string[]) => (await failure(...args("refused", ...flags))).code;

  it("unknown corruptions, with the nearest", async () => {
    const error = await failure(...args("refused", "--corruptions", "gausian_noise"));
    expect(error).toMatchObject({ code: "unknown-corruption", exitCode: 2 });
    expect(error.message).toContain('Did you mean "gaussian_noise"?');
  });

  it("severities, shards and references that there are not", async () => {
    expect(await refused("--severity", "0-3")).toBe("bad-severity");
    expect(await refused("--severity", "6")).toBe("bad-severity");
    expect(await refused("--shard", "4/3")).toBe("bad-shard");
    expect(await refused("--reference", "resnet")).toBe("unknown-reference");
  });

  it("labels beyond the model's classes", async () => {
    await writeFile(at("beyond.csv"), IMAGES.map((name) => `${name}.png,12`).join("\n"));
    expect(await refused("--image-labels", at("beyond.csv"))).toBe("label-out-of-range");
  });

  it("networks whose input is too small, unless pictures are corrupted before", async () => {
    const given = args("small").map((arg) => (arg === at("model.onnx") ? at("small.onnx") : arg));
    expect(await failure(...given)).toMatchObject({
      code: "input-too-small",
      message: expect.stringContaining("--at picture"),
    });
    expect((await snellen(...given, "--at", "picture")).code).toBe(0);
  });

  it("to merge runs of other settings, or folders without a run", async () => {
    await robustness("seed0");
    await robustness("seed1", "--seed", "1");
    const merge = (...folders: string[]) => failure("robustness", "merge", ...folders, "--out", at("never"));
    expect(await merge(at("seed0"), at("seed1"))).toMatchObject({
      code: "other-settings",
      message: expect.stringContaining("other draws (--seed)"),
    });
    expect((await merge(at("photos"))).code).toBe("no-journal");
  });
});

it("loses a batch at most when it is killed, and ends in the same table", async () => {
  await robustness("calm", "--corruptions", "gaussian_noise,contrast,snow", "--severity", "1-5");
  const source = fileURLToPath(new URL("../test-support/process.ts", import.meta.url));
  const flags = ["--corruptions", "gaussian_noise,contrast,snow", "--severity", "1-5"];
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", source, ...args("killed", ...flags)],
    { stdio: "ignore" },
  );
  const closed = once(child, "close");
  const lines = async () =>
    (await readFile(at("killed", "robustness.jsonl"), "utf8").catch(() => "")).split("\n");
  while ((await lines()).length < 5 && child.exitCode === null) await delay(2);
  child.kill("SIGKILL");
  await closed;
  const before = (await lines()).length;
  await robustness("killed", "--resume", ...flags);
  expect(before).toBeGreaterThanOrEqual(5);
  expect(await tableOf("killed")).toBe(await tableOf("calm"));
  expect(await lines()).toHaveLength(1 + 1 + 3 * 16);
});
