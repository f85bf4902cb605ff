// snellen cam --export as people use it: what it writes and prints, and what it refuses.
// Oracles: the .npy maps that the same flags write for the same pictures, ONNX Runtime on the written file.
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { parseModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readNpy, writeModelFile, writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";

const at = await temporaryFolder();
const model = at("model.onnx");
const BATCH = Float32Array.from({ length: 3 * 768 }, (_, i) => Math.sin(i * 1.7));

beforeAll(async () => {
  await modelFile(model, CLASSIFIER);
  await writeNpy(at("batch.npy"), { shape: [3, 3, 16, 16], values: BATCH });
  await pictureFile(at("photos", "cat.png"));
});

/** Exports the model; the printed report. */
async function exportTo(out: string, ...flags: string[]) {
  const ran = await snellen("cam", model, "--export", at(out), "--json", "--quiet", ...flags);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  return JSON.parse(ran.stdout);
}

async function run(path: string): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    return { ...(await session.run({ x: new Tensor("float32", BATCH, [3, 3, 16, 16]) })) };
  } finally {
    await session.release();
  }
}

/** Another graph may sum in another order: six digits. */
function expectRow(tensor: Tensor | undefined, row: number, expected: Float32Array): void {
  const values = tensor?.data as Float32Array;
  for (const [i, v] of expected.entries()) expect(values[row * expected.length + i]).toBeCloseTo(v, 6);
}

const FLAGS = ["--method", "extended-cam", "--upsampling", "gaussian", "--sigma", "1", "--target", "top1"];

describe("the file", () => {
  it("gives in ONNX Runtime the maps that cam writes, without images", async () => {
    const report = await exportTo("plain.onnx", ...FLAGS);
    expect(report).toEqual({
      files: [at("plain.onnx")],
      targetInput: null,
      outputs: [
        { name: "heatmap", holds: "map", method: "extended-cam", target: "top1" },
        { name: "heatmap_cells", holds: "cells", method: "extended-cam", target: "top1" },
        { name: "heatmap_class", holds: "class", method: null, target: "top1" },
        { name: "heatmap_score", holds: "score", method: null, target: "top1" },
      ],
      nodes: expect.any(Number),
      notes: [],
    });
    const images = ["--images", at("batch.npy"), "--out", at("maps"), ...FLAGS];
    expect((await snellen("cam", model, ...images)).code).toBe(0);
    const { heatmap, heatmap_cells, y } = await run(at("plain.onnx"));
    expect(y?.data).toEqual((await run(model)).y?.data);
    for (let i = 0; i < 3; i++) {
      const map = await readNpy(at("maps", `batch-${i}__extended-cam.npy`));
      const cells = await readNpy(at("maps", `batch-${i}__extended-cam.cells.npy`));
      expectRow(heatmap, i, map.values);
      expectRow(heatmap_cells, i, cells.values);
    }
    expect((await readdir(at())).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("comes with maps of images where these are given too, in one document", async () => {
    const images = ["--images", at("photos"), "--out", at("both"), "--preset", "unit"];
    const printed = await exportTo("both.onnx", ...images, ...FLAGS);
    expect(printed.export.files).toEqual([at("both.onnx")]);
    expect(printed.maps).toHaveLength(1);
    const { export: _, ...manifest } = printed;
    expect(JSON.parse(await readFile(at("both", "manifest.json"), "utf8"))).toEqual(manifest);
    const told = await snellen("cam", model, "--export", at("both.onnx"), ...images, "--quiet");
    expect(told.stdout).toMatch(
      /both\.onnx \(\d+ nodes\)\n {2}heatmap: map of top1 by grad-cam\n[\s\S]*1 maps of/,
    );
  });

  it("takes classes through an input with --target input", async () => {
    const { targetInput } = await exportTo("open.onnx", "--target", "input");
    expect(targetInput).toBe("target");
    const told = await snellen("cam", model, "--export", at("open.onnx"), "--target", "input");
    expect(told.stdout).toContain("takes target: int64 [N], class indices, or -k for the k-th highest score");
  });

  it("takes the place of an older one, and holds weights that lay in a file of their own", async () => {
    await writeFile(at("old.onnx"), "old");
    const outside = at("outside.onnx");
    expect(await writeModelFile(outside, textModel(CLASSIFIER), { maxBytes: 100 })).toHaveLength(2);
    expect((await snellen("cam", outside, "--export", at("old.onnx"))).code).toBe(0);
    await exportTo("inside.onnx");
    expect((await run(at("old.onnx"))).heatmap?.data).toEqual((await run(at("inside.onnx"))).heatmap?.data);
    expect(parseModel(await readFile(at("old.onnx"))).graph.initializers.get("w")?.data).toBeInstanceOf(
      Uint8Array,
    );
  });

  it("says what half precision became", async () => {
    const half = CLASSIFIER.replaceAll("float[", "float16[");
    const ran = await snellen("cam", await modelFile(at("half.onnx"), half), "--export", at("raised.onnx"));
    expect([ran.code, ran.stderr]).toEqual([
      0,
      `${at("raised.onnx")}: half precision was raised to single: x, y hold float32 in the file.\n`,
    ]);
  });
});

describe("mistakes", () => {
  const refused = (out: string, ...flags: string[]) => failure("cam", model, "--export", out, ...flags);

  it("never write over the model, nor through a link to it", async () => {
    const before = await readFile(model);
    await symlink(model, at("link.onnx"));
    for (const out of [model, at("photos", "..", "model.onnx"), at("link.onnx")])
      expect(await refused(out)).toMatchObject({
        code: "output-is-input",
        exitCode: 2,
        message: `--export ${out}: is the model itself. Give another name.`,
      });
    expect(await readFile(model)).toEqual(before);
  });

  it("leave an older file as it was", async () => {
    await writeFile(at("kept.onnx"), "kept");
    expect(await refused(at("kept.onnx"), "--layer", "nothing")).toMatchObject({ code: "unknown-layer" });
    expect(await refused(at("kept.onnx"), "--target", "label")).toMatchObject({
      code: "target-needs-image",
      message: expect.stringContaining('--target: "label" differs from image to image.'),
    });
    expect(await refused(at("kept.onnx"), "--aug-smooth")).toMatchObject({ code: "not-one-graph" });
    expect(await readFile(at("kept.onnx"), "utf8")).toBe("kept");
  });

  it("of folders that cannot be written name the flag", async () => {
    const hint = "Give another --export.";
    expect(await refused(at("no", "such", "e.onnx"))).toMatchObject({
      code: "output-not-writable",
      message: `${at("no", "such", "e.onnx")}: cannot write: the folder does not exist. ${hint}`,
    });
    expect(await refused(at("photos"))).toMatchObject({
      code: "output-not-writable",
      message: expect.stringContaining(hint),
    });
    await mkdir(at("locked"));
    await chmod(at("locked"), 0o500);
    if (process.getuid?.() !== 0)
      expect(await refused(at("locked", "e.onnx"))).toMatchObject({ code: "output-not-writable" });
  });

  it("of targets: a class left open has no maps of images", async () => {
    const images = ["--images", at("photos"), "--target", "input"];
    expect(await refused(at("e.onnx"), ...images)).toMatchObject({
      code: "open-target",
      message:
        "--target input: leaves the class open, which maps of images cannot do. Export without --images.",
    });
    expect(await refused(at("e.onnx"), "--target", "9")).toMatchObject({ code: "target-out-of-range" });
  });
});
