// snellen fix prelayernorm by its contract. Oracles: ONNX Runtime on the written file, the definition of least squares' R², and counts
// of pictures.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { corruptions, preLayerNormModes } from "snellen";
import { beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED } from "../embedded.ts";
import {
  CLASSIFIER,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";
import type { PreLayerNormReport } from "./fix-prelayernorm.ts";

const at = await temporaryFolder();
const [CNN, VIT] = EMBEDDED.models.map((name) => join(EMBEDDED.folder, name)) as [string, string];
const IMAGES = join(EMBEDDED.folder, EMBEDDED.images, "images");
const FEW = ["--n", "3", "--batch", "3", "--workers", "0", "--threads", "1"];

const fix = (...args: string[]) => snellen("fix", "prelayernorm", ...args);

/** Patches of 8x8 of a 32x32 picture; without labels, and with a name for its layer. */
const network = (conv: string, positions: string) =>
  `g (float[N,3,32,32] image, float[6,3,8,8] "embed.weight", float[1,6,4,4] pos, float[6,5] head) => (float[N,5] y)
   { c = Conv <${conv}> (image, "embed.weight") ${positions} a = Abs (z) s = Mul (z, a) m = GlobalAveragePool (s) f = Flatten (m)
     y = MatMul (f, head) }`;

beforeAll(async () => {
  for (const name of ["a", "b"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0), 40, 36);
});

it("takes the library's modes", async () => {
  const { code, stderr } = await fix(VIT, "--mode", "behind");
  expect(code).toBe(2);
  expect(stderr).toContain(`Write one of ${preLayerNormModes.join(", ")}.`);
});

describe("the embedded vision transformer", () => {
  const out = at("fixed.onnx");
  let report: PreLayerNormReport;

  beforeAll(async () => {
    const ran = await fix(
      VIT,
      "-o",
      out,
      "--images",
      IMAGES,
      ...FEW,
      "--snippet",
      "pytorch",
      "--json",
      "--quiet",
    );
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    report = JSON.parse(ran.stdout);
  }, 60_000);

  it("is reported with what was found, measured and written", async () => {
    expect(report).toMatchObject({
      model: "optotypes-vit.onnx",
      files: [out, at("fixed.json"), at("fixed.py")],
      mode: "after-projection",
      embedding: { kind: "conv", patch: [8, 8], grid: [8, 8], width: 96 },
      calibration: { images: 3, patches: 192, before: null, epsilon: 1e-6 },
      effect: { of: "accuracy", clean: { before: { n: 3 }, after: { n: 3 } } },
      skipped: [],
    });
    const colour = corruptions.filter(({ id, family }) => family === "colour" || id === "contrast");
    expect(report.effect?.corruptions.map(({ corruption }) => corruption)).toEqual(
      colour.map(({ id }) => id),
    );
    for (const { severities, before } of report.effect?.corruptions ?? [])
      expect([severities.length, before.n]).toEqual([5, 3]);
    for (const [figure, least, most] of [
      ["r2", 0.5, 1],
      ["z0Error", 0, 0.7],
    ] as const) {
      expect(report.calibration?.[figure]).toBeGreaterThan(least);
      expect(report.calibration?.[figure]).toBeLessThan(most);
    }
    // three pictures tell no gain
    expect(report.verdict?.verdict).not.toBe("mended");
    expect(JSON.parse(await readFile(at("fixed.json"), "utf8"))).toEqual(report);
  });

  it("is written with γ and β under the names that the code reads", async () => {
    const { after } = report.calibration ?? {};
    const code = await readFile(at("fixed.py"), "utf8");
    const { graph, opsets } = parseModel(await readFile(out));
    expect(opsets.get("")).toBe(21);
    for (const name of [after?.scale, after?.bias] as string[]) {
      expect(graph.initializers.get(name)?.dims).toEqual([96]);
      expect(code).toContain(JSON.stringify(name));
    }
    const session = await InferenceSession.create(out, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const { logits } = await session.run({
      image: new Tensor("float32", new Float32Array(2 * 3 * 64 * 64).fill(0.5), [2, 3, 64, 64]),
    });
    const scores = Array.from((logits?.data ?? []) as Float32Array);
    expect([logits?.dims, scores.every(Number.isFinite)]).toEqual([[2, 10], true]);
    await session.release();
  });

  it("once mended is left alone, with a note", async () => {
    const before = await readdir(at());
    const { code, stdout } = await fix(out, "-o", at("again.onnx"), "--images", IMAGES);
    expect([code, stdout]).toEqual([
      0,
      "Nothing was written. Its patches are normalized before positions are added already: PreLayerNorm is there.\n",
    ]);
    expect(await readdir(at())).toEqual(before);
  });
});

it("people get a table and the verdict; without labels, agreement with the clean predictions", async () => {
  const path = await modelFile(at("net.onnx"), network("strides = [8, 8]", "z = Add (c, pos)"));
  const args = ["--images", at("photos"), "--mode", "both", ...FEW];
  const { code, stdout, stderr } = await fix(path, "-o", at("both.onnx"), ...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^patch embedding: embed \(conv, patches of 8x8, .* before and after the projection$/m,
  );
  expect(stdout).toMatch(/│ agreement +│ before │ after │/);
  expect(stdout).toMatch(/│ clean +│ 100\.0 +│/);
  expect(stdout).toMatch(/^(no-gain|needs-fine-tuning): .*[Cc]lean agreement/m);
  expect(stderr).toMatch(/fine-tune the mended model \(snellen finetune\), or .* by the PyTorch snippet\.$/m);
});

describe("is refused", () => {
  const code = async (...args: string[]): Promise<{ code: string; message: string; exitCode: number }> => {
    const ran = await fix(...args, "--json", "--quiet");
    const { error } = JSON.parse(ran.stderr);
    expect([ran.code, ran.stdout]).toEqual([error.exitCode, ""]);
    return error;
  };

  it("for networks without patches or without positions, in a sentence", async () => {
    expect(await code(CNN, "-o", at("no.onnx"), "--images", IMAGES)).toMatchObject({
      code: "no-patch-embedding",
      exitCode: 2,
    });
    const bare = await modelFile(at("bare.onnx"), network("strides = [8, 8]", "z = Relu (c)"));
    expect(await code(bare, "-o", at("no.onnx"), "--images", IMAGES)).toMatchObject({
      code: "no-patch-embedding",
    });
    const small = await modelFile(at("small.onnx"), CLASSIFIER);
    expect(await code(small, "-o", at("no.onnx"))).toMatchObject({ code: "no-patch-embedding" });
  });

  it("without pictures, without --out, onto the model itself", async () => {
    expect(await code(VIT, "-o", at("no.onnx"))).toMatchObject({
      code: "needs-images",
      exitCode: 2,
      message: expect.stringContaining("--images: calibration needs pictures"),
    });
    expect(await code(VIT, "--images", IMAGES)).toMatchObject({ code: "missing-flag" });
    expect(await code(VIT, "-o", VIT, "--images", IMAGES)).toMatchObject({ code: "output-is-input" });
  });

  it("before the projection where patches overlap", async () => {
    const path = await modelFile(
      at("overlap.onnx"),
      network("strides = [8, 8], pads = [1, 1, 1, 1], kernel_shape = [8, 8]", "z = Add (c, pos)"),
    );
    const args = ["-o", at("no.onnx"), "--images", at("photos"), "--mode", "before-projection"];
    expect(await code(path, ...args)).toMatchObject({
      code: "cannot-normalize-patches",
      message: expect.stringContaining("--mode after-projection"),
    });
  });
});
