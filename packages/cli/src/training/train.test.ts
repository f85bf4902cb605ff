// snellen train and finetune from the command line. Oracles: a closed task that a linear network can learn, byte equality of trainings with
// and without a break, ONNX Runtime on the written file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openModel, openTrainingData, readCheckpoint, VERSION, writeCheckpoint } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { failure, modelFile, pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
/** A black or a red box at a random place: red less green and blue tells. */
const DATA = "micro-objects:count=240,size=16";
const network = at("net.onnx");
const SMALL = ["--data", DATA, "--batch", "16", "--workers", "0", "--threads", "1", "--seed", "3"];

beforeAll(async () => {
  const options = [
    "--set",
    "widths=8,8",
    "--set",
    "normalization=bn",
    "--set",
    "strides=2,2",
    "--size",
    "16",
  ];
  const { code, stderr } = await snellen(
    "network",
    "plain-cnn",
    "-o",
    network,
    "--labels",
    at("labels.txt"),
    ...options,
  );
  expect([code, stderr]).toEqual([0, ""]);
});
await writeFile(at("labels.txt"), "black\nred\n");

/** Two scores, and nothing said of preprocessing or classes. */
const SILENT = `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,2] wy) => (float[N,2] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

const lines = async (path: string) =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("train", () => {
  it("learns, and writes a model that ONNX Runtime reads as well as the report says", async () => {
    const out = at("learned");
    const flags = [
      ...SMALL,
      "--epochs",
      "8",
      "--lr",
      "0.1",
      "--warmup",
      "0",
      "--test",
      "micro-objects:count=100,size=16,seed=9",
    ];
    const { code, stdout } = await snellen("train", network, "--out", out, "--json", ...flags);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const [before, ...metrics] = await lines(at("learned", "metrics.jsonl"));
    expect(metrics).toHaveLength(8);
    expect(report.epochs).toEqual(metrics);
    const { loss: validationLoss, accuracy: validationAccuracy } = report.before;
    expect(before).toEqual({ epoch: 0, step: 0, validationLoss, validationAccuracy });
    expect(metrics.at(-1).loss).toBeLessThan(0.5 * metrics[0].loss);
    expect(report.test.accuracy).toBeGreaterThan(0.9);
    expect(JSON.parse(await readFile(at("learned", "training.json"), "utf8"))).toEqual(report);
    expect(await readFile(at("learned", "curve.svg"), "utf8")).toContain("<svg");
    await using model = await openModel(at("learned", "net.onnx"));
    const pictures = await openTrainingData("micro-objects:count=100,size=16,seed=9", { split: "test" });
    const all = Array.from({ length: pictures.count }, (_, i) => i);
    const images = await Promise.all(all.map(async (i) => ({ ...(await pictures.read(i)), source: `${i}` })));
    const right = (await model.predict(images)).filter(
      ({ classIndex }, i) => classIndex === pictures.classOf(i),
    );
    expect(right.length / images.length).toBeCloseTo(report.test.accuracy, 6);
  });

  it("ends with the same weights after a kill in the middle as without one", async () => {
    const flags = [...SMALL, "--epochs", "6", "--augment", "flip,crop=2", "--ema", "0.9", "--dropout", "0.2"];
    const process_ = startTrain(["--out", at("killed"), ...flags]);
    await until(async () => (await lines(at("killed", "metrics.jsonl")).catch(() => [])).length >= 3);
    process_.kill("SIGKILL");
    await once(process_, "close");
    expect((await lines(at("killed", "metrics.jsonl"))).length).toBeLessThan(7);
    const resumed = await snellen("train", network, "--out", at("killed"), "--resume", ...flags);
    expect(resumed.code).toBe(0);
    expect((await snellen("train", network, "--out", at("whole"), "--quiet", ...flags)).code).toBe(0);
    for (const file of ["net.onnx", "metrics.jsonl"])
      expect(await readFile(at("killed", file))).toEqual(await readFile(at("whole", file)));
  });

  it("keeps where it stood when a scheduler ends it", async () => {
    const process_ = startTrain(["--out", at("ended"), ...SMALL, "--epochs", "500"]);
    await until(async () => (await lines(at("ended", "metrics.jsonl")).catch(() => [])).length >= 2);
    process_.kill("SIGTERM");
    expect(await once(process_, "close")).toEqual([143, null]);
    const { checkpoint } = await readCheckpoint(at("ended", "checkpoint.safetensors"));
    // of the step under way, not of the last epoch alone
    expect(checkpoint.progress.step).toBeGreaterThan(0);
    const names = await readdir(at("ended"));
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("gives the same weights whatever the number of threads that make batches", async () => {
    const run = async (workers: string) => {
      const flags = [
        ...SMALL.filter((flag, i) => flag !== "--workers" && SMALL[i - 1] !== "--workers"),
        "--workers",
        workers,
      ];
      const { code } = await snellen(
        "train",
        network,
        "--out",
        at(`w${workers}`),
        "--epochs",
        "1",
        "--quiet",
        ...flags,
      );
      expect(code).toBe(0);
      return (await readFile(at(`w${workers}`, "net.onnx"))).toString("base64");
    };
    expect(await run("2")).toBe(await run("0"));
  });

  it("keeps what is frozen, and begins anew from scratch", async () => {
    const flags = [...SMALL, "--epochs", "1", "--quiet"];
    await snellen("train", network, "--out", at("frozen"), "--freeze", "*convs*", ...flags);
    const [before, after] = await Promise.all([weights(network), weights(at("frozen", "net.onnx"))]);
    const changed = [...before].filter(([name, bytes]) => after.get(name) !== bytes).map(([name]) => name);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((name) => name.includes("convs"))).toEqual([]);
    await snellen("train", network, "--out", at("scratch"), "--from-scratch", "--only", "head*", ...flags);
    const anew = await weights(at("scratch", "net.onnx"));
    const kept = [...before].filter(([name, bytes]) => name.includes("convs") && anew.get(name) === bytes);
    expect(kept.map(([name]) => name)).toEqual([]);
  });
});

describe("what train says", () => {
  const run = (out: string, ...more: string[]) =>
    snellen("train", network, ...SMALL, "--epochs", "1", "--out", at(out), ...more);

  it("at the start: how much trains, what an epoch leaves out, and what a flag does not do", async () => {
    // by hand: four convolutions to 8 channels, each with a normalization, and a head of 2 classes
    const head = 8 * 2 + 2;
    const all = (3 + 3 * 8) * 8 * 9 + 4 * 2 * 8 + head;
    const { stderr } = await run("told", "--beta2", "0.9");
    expect(stderr).toContain(`${all.toLocaleString("en")} parameters in 14 tensors are trained.`);
    // 240 pictures, a tenth of them for validation
    expect(stderr).toContain(`--batch 16: ${216 % 16} of 216 pictures are left out of an epoch`);
    expect(stderr).toContain(
      "--warmup 1 takes the whole training: the learning rate rises to its last step, to 0.1.",
    );
    expect(stderr).toContain("--beta2 0.9 was not used: sgd has no second moment.");
    const quiet = await run("told-less", "--only", "head*", "--batch", "27", "--warmup", "0");
    expect(quiet.stderr).toContain(
      `${head} parameters in 2 tensors are trained; ${(all - head).toLocaleString("en")} in 12 stay.`,
    );
    expect(quiet.stderr).not.toMatch(/--batch|--warmup|--beta2/);
  });

  it("of test pictures that are trained on", async () => {
    const { stderr } = await run("shared", "--validation", "0", "--test", `${DATA},first=230`);
    expect(stderr).toContain("--test: 10 of its 240 pictures are trained on");
    expect((await run("apart", "--validation", DATA, "--test", DATA)).stderr).not.toContain("trained on");
  });

  it("at the end: that it stopped early, and why", async () => {
    // steps of nothing make nothing better
    const flags = ["--epochs", "5", "--patience", "2", "--lr", "1e-12", "--freeze-statistics"];
    const { stdout } = await run("early", ...flags);
    expect(stdout).toContain("stopped early after epoch 3 of 5: no better for 2 epochs");
    const { stoppedEarly } = JSON.parse(await readFile(at("early", "training.json"), "utf8"));
    expect(stoppedEarly).toBe("no better for 2 epochs");
  });
});

describe("finetune", () => {
  it("goes on from a folder of pictures, with classes by name, past one that cannot be read", async () => {
    const [photos, path] = [at("photos"), network];
    for (let i = 0; i < 12; i++) {
      await pictureFile(at("photos", "red", `${i}.png`), i);
      await pictureFile(at("photos", "black", `${i}.png`), i + 50);
    }
    await writeFile(at("photos", "red", "broken.png"), "no picture");
    const flags = ["--data", photos, "--batch", "5", "--epochs", "2", "--workers", "0", "--threads", "1"];
    const { code, stderr, stdout } = await snellen(
      "finetune",
      path,
      "--out",
      at("tuned"),
      "--validation",
      "0",
      "--json",
      ...flags,
    );
    expect(code).toBe(3);
    expect(stderr.match(/broken\.png/g)).toHaveLength(1);
    expect(JSON.parse(stdout).skipped).toMatchObject([{ source: expect.stringContaining("broken.png") }]);
  });

  it("says which preprocessing it assumes, and what the model is worth before the first step", async () => {
    const silent = await modelFile(at("silent.onnx"), SILENT);
    const { stderr, stdout } = await snellen(
      "finetune",
      silent,
      ...[...SMALL, "--epochs", "1", "--lr", "1e-9", "--freeze-statistics", "--out", at("silent")],
    );
    expect(stderr).toContain("preprocessing: assumed (ImageNet's); set --preset or --mean and --std");
    // steps of nothing: the epoch ends where it began
    const [, before] =
      /^before: validation loss [\d.]+, accuracy ([\d.]+) %, 24 pictures$/m.exec(stderr) ?? [];
    expect(stdout).toContain(`validation accuracy ${before} % (before ${before} %)`);
    const stated = await snellen("finetune", network, ...SMALL, "--epochs", "1", "--out", at("stated"));
    expect(stated.stderr).not.toContain("preprocessing");
    // what the data's classes are called, and how pictures were prepared, is in the trained file
    await using trained = await openModel(at("silent", "silent.onnx"));
    expect(trained.info.labels.names).toEqual(["black", "red"]);
    expect(trained.info.preprocessing).toMatchObject({ origin: "model metadata", isAssumed: false });
    await using given = await openModel(silent);
    expect(trained.info.preprocessing.spec).toEqual(given.info.preprocessing.spec);
  });
});

describe("mistakes", () => {
  const flags = [...SMALL, "--epochs", "1", "--out", at("never")];
  it.each([
    ["other-settings", ["--resume", "--lr", "0.3", "--out", at("learned")]],
    ["no-checkpoint", ["--resume", "--out", at("nowhere")]],
    ["bad-lr", ["--lr", "0"]],
    ["bad-lr", ["--lr", "-1"]],
    ["unknown-optimizer", ["--optimizer", "adan"]],
    ["unknown-schedule", ["--schedule", "cosin"]],
    ["unknown-augmentation", ["--augment", "flipp"]],
    ["no-such-parameter", ["--freeze", "nothing*"]],
    ["nothing-to-train", ["--freeze", "*"]],
    ["unknown-loss", ["--loss", "binry"]],
    ["bad-validation", ["--validation", "1.5"]],
    ["unknown-dataset", ["--data", "optotyps"]],
    ["too-few-images", ["--batch", "1000"]],
    ["bad-patience", ["--patience", "1", "--validation", "0"]],
    ["bad-keep", ["--keep", "best", "--validation", "0"]],
    ["bad-augmentation", ["--augment", "crop=16"]],
    ["class-count-mismatch", ["--data", "optotypes:count=40"]],
    ["unknown-device", ["--device", "tpu"]],
    ["output-is-input", ["--model", network]],
    ["output-not-writable", ["--model", at("absent", "trained.onnx")]],
    ["output-not-writable", ["--model", at()]],
    ["earlier-training", ["--out", at("learned")]],
  ])("%s", async (code, given) => {
    const error = await failure("train", network, ...flags, ...given);
    expect(error).toMatchObject({ exitCode: 2, code });
  });

  it("goes on neither with other preprocessing nor from what another version of Snellen left", async () => {
    const short = [...SMALL, "--epochs", "1", "--out", at("short")];
    expect((await snellen("train", network, ...short)).code).toBe(0);
    const resumed = async (...more: string[]) => {
      const { code, message } = await failure("train", network, ...short, "--resume", ...more);
      expect(code).toBe("other-settings");
      return message;
    };
    expect(await resumed("--range", "0..255", "--mean", "9,9,9")).toContain("another preprocessing.");
    expect(await resumed("--lr", "0.3", "--ema", "0.9", "--limit", "100")).toContain(
      "made with --lr 0.1 (now 0.3), --ema none (now 0.9), another set of training pictures, set of validation pictures.",
    );
    expect(await resumed("--epochs", "2")).toMatch(/--epochs 1 \(now 2\)\. .* train the trained model/);
    const path = at("short", "checkpoint.safetensors");
    const { settings, checkpoint } = await readCheckpoint(path);
    const { snellen: version, scores: _, preprocessing: __, ...rest } = settings;
    expect(version).toBe(VERSION);
    await writeCheckpoint(path, rest, checkpoint);
    expect(await resumed()).toContain("made with another version of Snellen, scores, preprocessing.");
  });

  it("goes on with the same model from elsewhere, not with other weights, nor from a damaged checkpoint", async () => {
    const short = [...SMALL, "--epochs", "1", "--out", at("moved")];
    expect((await snellen("train", network, ...short)).code).toBe(0);
    await mkdir(at("elsewhere"));
    const moved = at("elsewhere", "net.onnx");
    await copyFile(network, moved);
    const { code, stderr } = await snellen("train", moved, ...short, "--resume");
    expect(code).toBe(0);
    expect(stderr).toContain("the training is finished (epoch 1, step 13): only its results are written.");
    await copyFile(at("moved", "net.onnx"), moved);
    expect((await failure("train", moved, ...short, "--resume")).message).toContain("another model.");
    const path = at("moved", "checkpoint.safetensors");
    await truncate(path, 3000);
    const damaged = await failure("train", network, ...short, "--resume");
    expect(damaged).toMatchObject({ code: "bad-checkpoint", exitCode: 2 });
    expect(damaged.message).toMatch(/or was damaged\. Begin anew/);
  });

  it("says so where nothing can be trained", async () => {
    const fixed = await modelFile(
      at("fixed.onnx"),
      `g (float[N,3,16,16] x) => (float[N,3] y) { p = GlobalAveragePool (x) y = Flatten (p) }`,
    );
    expect(await failure("train", fixed, ...flags)).toMatchObject({
      code: "no-trainable-weights",
      exitCode: 2,
    });
  });

  it("stops where numbers stop being finite, with the step and the last good checkpoint", async () => {
    const given = [...SMALL, "--epochs", "3", "--lr", "1e30", "--warmup", "0", "--out", at("diverged")];
    const error = await failure("train", network, ...given);
    expect(error).toMatchObject({ code: "diverged", exitCode: 2 });
    expect(error.message).toMatch(/at step \d+ of epoch 1: .*There is no checkpoint yet\. .*--lr/);
  });

  it("begins anew in a training's folder only when told to, without leaving its files among others", async () => {
    const given = [...SMALL, "--epochs", "1", "--out", at("again")];
    expect((await snellen("train", network, ...given)).code).toBe(0);
    const before = await readdir(at("again"));
    expect((await failure("train", network, ...given)).message).toBe(
      `${at("again")}: holds a training of 1 epoch. --resume goes on with it, another --out begins anew beside it, --overwrite in its place.`,
    );
    expect(await readdir(at("again"))).toEqual(before);
    const broken = [...given, "--overwrite", "--lr", "1e30", "--warmup", "0"];
    expect((await failure("train", network, ...broken)).code).toBe("diverged");
    expect(await readdir(at("again"))).toEqual([]);
  });

  it("trains nothing twice where the trained model could not be written", async () => {
    const given = [...SMALL, "--epochs", "1", "--out", at("kept")];
    await mkdir(at("kept", "net.onnx"), { recursive: true });
    const { code, stderr } = await snellen("train", network, ...given);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /cannot write: it is a folder\. The last checkpoint holds 1 epoch \(step 13\): .* Make room, and run the same with --resume/,
    );
    await rm(at("kept", "net.onnx"), { recursive: true });
    const again = await snellen("train", network, ...given, "--resume");
    expect(again.code).toBe(0);
    expect(again.stderr).not.toContain("epoch 1/1");
  });

  it("goes on where a checkpoint cannot be written, and says so at once and at the end", async () => {
    await mkdir(at("full", "checkpoint.safetensors"), { recursive: true });
    const { code, stderr } = await snellen("train", network, ...SMALL, "--epochs", "2", "--out", at("full"));
    expect(code).toBe(0);
    expect(stderr.match(/cannot write: it is a folder/g)).toHaveLength(1);
    expect(stderr).toContain("later checkpoints could not be written: there is no checkpoint yet.");
    await rm(at("full", "checkpoint.safetensors"), { recursive: true });
  });
});

async function weights(path: string): Promise<Map<string, string>> {
  await using model = await openModel(path);
  const { initializers } = model.info.original.graph;
  return new Map(
    [...initializers].map(([name, { data }]) => [name, Buffer.from(data as Uint8Array).toString("base64")]),
  );
}

function startTrain(args: readonly string[]) {
  const script = fileURLToPath(new URL("../test-support/process.ts", import.meta.url));
  return spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", script, "train", network, ...args],
    {
      stdio: "ignore",
    },
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it took too long");
}
