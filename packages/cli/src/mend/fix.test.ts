// snellen fix kernel-padding by its contract. Oracles: ONNX Runtime on the written file, the file system, and Python's
// safetensors by its format.
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { externalizeWeights, parseModel, serializeModel } from "@snellen/graph";
import { writeModelFile } from "snellen/node";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  CLASSIFIER,
  modelFile,
  pictureFile,
  scores,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";
import type { KernelPaddingReport } from "./fix-kernel-padding.ts";

const at = await temporaryFolder();

const STRIDED = `g (float[N,3,16,16] image, float[8,3,3,3] "stem.weight", float[8,8,1,1] "down.weight", float[8,5] wy) => (float[N,5] y)
  { c = Conv <pads=[1,1,1,1], strides=[2,2]> (image, "stem.weight") f = Relu (c) d = Conv <strides=[2,2]> (f, "down.weight")
    m = MaxPool <kernel_shape=[3,3], strides=[2,2]> (d) p = GlobalAveragePool (m) r = Flatten (p) y = Gemm (r, wy) }`;

beforeAll(async () => {
  await modelFile(at("net.onnx"), STRIDED);
  for (const name of ["a", "b", "c"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
});

const fix = (...args: string[]) => snellen("fix", "kernel-padding", ...args);

/** Runs a command line that must fail. */
async function refusal(...args: string[]): Promise<{ code: string; message: string; exitCode: number }> {
  const { code, stdout, stderr } = await fix(...args, "--json", "--quiet");
  const { error } = JSON.parse(stderr);
  expect([code, stdout]).toEqual([error.exitCode, ""]);
  return error;
}

/** Equal but for rounding. */
const expectClose = (found: readonly number[], expected: readonly number[]) => {
  const largest = Math.max(...expected.map(Math.abs));
  const apart = found.map((value, i) => Math.abs(value - (expected[i] as number)) / largest);
  expect([found.length, Math.max(...apart) < 1e-6]).toEqual([expected.length, true]);
};

/** Makes models differ that do not: no model is known whose outputs change. */
const broken = vi.hoisted(() => ({ isOn: false }));
vi.mock("../../../snellen/src/mend/compare-outputs.ts", async (original) => {
  const real = await original<typeof import("../../../snellen/src/mend/compare-outputs.ts")>();
  const compareOutputs: typeof real.compareOutputs = async (...args) => {
    const compared = await real.compareOutputs(...args);
    const differences = compared.differences.map((d) => ({ ...d, relative: 1.1e-5 }));
    return broken.isOn ? { ...compared, differences } : compared;
  };
  return { ...real, compareOutputs };
});

describe("what is written", () => {
  it("a model with the same outputs, the report and the code beside it, its weights", async () => {
    const [out, weights] = [at("fixed.onnx"), at("fixed.safetensors")];
    const args = [
      "--images",
      at("photos"),
      "--snippet",
      "pytorch",
      "--safetensors",
      weights,
      "--json",
      "--quiet",
    ];
    const { code, stdout, stderr } = await fix(at("net.onnx"), "-o", out, ...args);
    expect([code, stderr]).toEqual([0, ""]);
    const report: KernelPaddingReport = JSON.parse(stdout);
    expect(report).toMatchObject({
      model: "net.onnx",
      files: [out, at("fixed.json"), at("fixed.py"), weights],
      changes: [
        { node: "c", weight: "stem.weight", module: "stem", kernel: { before: [3, 3], after: [4, 4] } },
        { node: "d", weight: "down.weight", module: "down", kernel: { before: [1, 1], after: [2, 2] } },
      ],
      left: [{ node: "m", operator: "MaxPool" }],
      check: { images: 3, input: "images", poolingDifference: null, poolingProblem: null },
      skipped: [],
      notes: [],
    });
    expect(report.check?.maxRelativeDifference).toBeLessThan(1e-6);
    expect(JSON.parse(await readFile(at("fixed.json"), "utf8"))).toEqual(report);
    expect(await readFile(at("fixed.py"), "utf8")).toContain('"stem": ((0, 1, 0, 1), (0, 0, 0, 0)),');
    expectClose(await scores(out), await scores(at("net.onnx")));
    const { graph } = parseModel(await readFile(out));
    expect([...graph.initializers].map(([name, { dims }]) => [name, dims])).toEqual([
      ["stem.weight", [8, 3, 4, 4]],
      ["down.weight", [8, 8, 2, 2]],
      ["wy", [8, 5]],
    ]);
    const bytes = await readFile(weights);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
    expect(header["stem.weight"]).toEqual({ dtype: "F32", shape: [8, 3, 4, 4], data_offsets: [0, 1536] });
    expect(Object.keys(header)).toEqual(["stem.weight", "down.weight", "wy"]);
  });

  it("people get a table, the difference, and what was left", async () => {
    const { code, stdout, stderr } = await fix(at("net.onnx"), "-o", at("table.onnx"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/c +│ stem\.weight +│ 3x3 → 4x4 │ 2x2 +│ 1,1,1,1/);
    expect(stdout).toMatch(/^left: MaxPool m: /m);
    expect(stdout).toMatch(/^outputs: largest difference .+, 8 runs on seeded noise$/m);
    expect(stdout).toContain(`written: ${at("table.onnx")}, ${at("table.json")}`);
    expect(stderr).toBe("compared on seeded noise; give --images to compare on pictures.\n");
  });

  it("nothing where there is nothing to mend", async () => {
    const path = await modelFile(at("even.onnx"), CLASSIFIER);
    const before = await readdir(at());
    const { code, stdout } = await fix(path, "-o", at("none.onnx"));
    expect([code, stdout]).toEqual([
      0,
      "No convolution with an odd kernel and an even stride; nothing was written.\n",
    ]);
    expect(await readdir(at())).toEqual(before);
  });

  it("enlarged pooling only when asked for, and by how much the outputs change", async () => {
    const { stdout, stderr } = await fix(at("net.onnx"), "-o", at("pooled.onnx"), "--pooling", "--json");
    const { check, changes }: KernelPaddingReport = JSON.parse(stdout);
    expect(changes.map(({ node, weight }) => [node, weight])).toEqual([
      ["c", "stem.weight"],
      ["d", "down.weight"],
      ["m", null],
    ]);
    expect(check?.maxRelativeDifference).toBeLessThan(1e-6);
    expect(check?.poolingDifference).toBeGreaterThan(1e-3);
    expect(stderr).toContain("enlarged pooling windows change the outputs by up to");
  });
});

describe("pictures to compare on", () => {
  it("are taken evenly from all classes of a sorted folder; unreadable ones are left out and named", async () => {
    const names = ["a", "b"].flatMap((c) =>
      Array.from({ length: 8 }, (_, i) => at("classes", c, `${i}.png`)),
    );
    for (const [i, name] of names.entries()) await pictureFile(name, i);
    const bad = at("classes", "b", "4.png");
    await writeFile(bad, "no picture");
    const out = at("classes.onnx");
    const ran = await fix(at("net.onnx"), "-o", out, "--images", at("classes"), "--json");
    const { code, stdout, stderr } = ran;
    expect(code).toBe(3);
    const report: KernelPaddingReport = JSON.parse(stdout);
    expect(report).toMatchObject({ check: { images: 7, input: "images" } });
    expect(report.skipped).toEqual([
      { source: bad, reason: expect.stringContaining(`${bad}: cannot be decoded`) },
    ]);
    expect(stderr).toContain(`warning: skipped ${bad}: cannot be decoded`);
    expect(stderr).toContain("compared on 7 of 16 pictures.\n");
  });

  it("are all unreadable: an error, and nothing is written", async () => {
    await mkdir(at("junk"));
    for (const name of ["a.png", "b.png"]) await writeFile(at("junk", name), "no picture");
    const before = await readdir(at());
    expect(await refusal(at("net.onnx"), "-o", at("junk.onnx"), "--images", at("junk"))).toMatchObject({
      code: "no-readable-image",
      exitCode: 2,
      message: expect.stringContaining(`${at("junk", "a.png")}: cannot be decoded`),
    });
    expect(await readdir(at())).toEqual(before);
  });
});

describe("outputs that no number tells apart", () => {
  const ROOT = `g (float[N,3,16,16] image, float[8,3,3,3] w) => (float[N,8] y, float[N,8] z)
    { c = Conv <pads=[1,1,1,1], strides=[2,2]> (image, w) p = GlobalAveragePool (c) z = Flatten (p) a = Abs (z) n = Neg (a) y = Sqrt (n) }`;

  it("NaN alone is nothing to compare, and not a difference of 0", async () => {
    const path = await modelFile(at("nan.onnx"), ROOT.replace(", float[N,8] z", ""));
    const before = await readdir(at());
    expect(await refusal(path, "-o", at("nan.fixed.onnx"))).toMatchObject({
      code: "nothing-to-compare",
      exitCode: 2,
      message: expect.stringMatching(/output "y" holds no finite number on seeded noise.*--images/),
    });
    expect(await readdir(at())).toEqual(before);
  });

  it("is named where other outputs can be compared", async () => {
    const path = await modelFile(at("half-nan.onnx"), ROOT);
    const { code, stdout } = await fix(path, "-o", at("half-nan.fixed.onnx"), "--json");
    const { check, notes }: KernelPaddingReport = JSON.parse(stdout);
    expect([code, (check?.maxRelativeDifference as number) < 1e-6]).toEqual([0, true]);
    expect(notes).toContain('output "y" holds no finite number and was not compared.');
  });

  // pooling sees rows and columns 0 to 6 of 8, as the single window of 7 does; enlarged it sees the last ones too
  const ZERO = `g (float[N,3,8,8] image) => (float[N,3] y)
    { m = MaxPool <kernel_shape=[3,3], strides=[2,2]> (image) a = GlobalMaxPool (m)
      b = MaxPool <kernel_shape=[7,7], strides=[3,3]> (image) d = Sub (a, b) y = Flatten (d) }`;

  it("a change by enlarged pooling is told in words", async () => {
    const path = await modelFile(at("zero.onnx"), ZERO);
    const problem = 'output "y" is zero everywhere before, and not after';
    const args = [path, "-o", at("zero.fixed.onnx"), "--pooling"];
    const { code, stdout } = await fix(...args, "--json", "--quiet");
    const { check, notes }: KernelPaddingReport = JSON.parse(stdout);
    expect([code, check?.poolingDifference, check?.poolingProblem]).toEqual([0, null, problem]);
    expect(notes).toContain(`enlarged pooling windows change the outputs: ${problem}.`);
    expect((await fix(...args)).stdout).toContain(`; with enlarged pooling ${problem}\n`);
  });
});

describe("other models", () => {
  it("with weights in a file of their own, too large to be read at once", async () => {
    const text = `g (float[N,3,16,16] image, float[64,3,3,3] "stem.weight", float[300,64,1,1] "mid.weight", float[64,300,1,1] "down.weight",
      float[64,5] wy) => (float[N,5] y)
      { c = Conv <pads=[1,1,1,1], strides=[2,2]> (image, "stem.weight") f = Relu (c) e = Conv (f, "mid.weight")
        d = Conv <strides=[2,2]> (e, "down.weight") p = GlobalAveragePool (d) r = Flatten (p) y = Gemm (r, wy) }`;
    const [inside, outside] = [at("inside.onnx"), at("outside.onnx")];
    expect(await writeModelFile(inside, textModel(text))).toHaveLength(1);
    expect(await writeModelFile(outside, textModel(text), { maxBytes: 100 })).toHaveLength(2);
    for (const path of [inside, outside]) {
      const out = `${path}.fixed.onnx`;
      const { code, stderr } = await fix(path, "-o", out, "--safetensors", `${path}.st`, "--quiet");
      expect([code, stderr]).toEqual([0, ""]);
      expectClose(await scores(out), await scores(path));
    }
    expect(await readFile(`${outside}.st`)).toEqual(await readFile(`${inside}.st`));
  });

  it("with a fixed batch, half precision, or an open size", async () => {
    const variants = {
      batch: STRIDED.replace("float[N,3", "float[2,3"),
      half: STRIDED.replaceAll("float[", "float16["),
      open: STRIDED.replace("16,16", "H,W"),
      same: STRIDED.replace("16,16", "H,W").replace("pads=[1,1,1,1]", 'auto_pad = "SAME_UPPER"'),
    };
    for (const [name, text] of Object.entries(variants)) {
      const path = await modelFile(at(`${name}.onnx`), text);
      const out = at(`${name}.fixed.onnx`);
      const args = [path, "-o", out, "--images", at("photos"), "--json", "--quiet", "--size", "16"];
      const { code, stdout, stderr } = await fix(...args);
      expect([code, stderr], name).toEqual([0, ""]);
      const report: KernelPaddingReport = JSON.parse(stdout);
      expect(
        report.changes.map((c) => c.weight),
        name,
      ).toEqual(["stem.weight", "down.weight"]);
      expect(report.check, name).toMatchObject({ images: 3 });
    }
    const { stdout } = await fix(at("same.onnx"), "-o", at("same2.onnx"), "--json", "--quiet");
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [{ weight: "down.weight" }],
      left: [{ node: "c", reason: expect.stringContaining("--size") }, { node: "m" }],
    });
  });
});

describe("mistakes", () => {
  it("outputs that do not stay are our fault, and nothing is written", async () => {
    const before = await readdir(at());
    broken.isOn = true;
    const found = await refusal(at("net.onnx"), "-o", at("changed.onnx"), "--snippet", "pytorch");
    broken.isOn = false;
    expect(found).toMatchObject({
      code: "internal",
      exitCode: 1,
      message: expect.stringMatching(/output "y" changed by/),
    });
    expect(await readdir(at())).toEqual(before);
  });

  it("never write over the model, and leave an older result as it was", async () => {
    const before = await readFile(at("net.onnx"));
    for (const flags of [
      ["-o", at("net.onnx")],
      ["-o", at("new.onnx"), "--safetensors", at("net.onnx")],
    ])
      expect(await refusal(at("net.onnx"), ...flags)).toMatchObject({ code: "output-is-input", exitCode: 2 });
    expect(await readFile(at("net.onnx"))).toEqual(before);
    await writeFile(at("old.onnx"), "old");
    await fix(at("net.onnx"), "-o", at("old.onnx"), "--images", at("nowhere"));
    expect(await readFile(at("old.onnx"), "utf8")).toBe("old");
  });

  it("never write two results to one file", async () => {
    await symlink(at(), at("link"));
    const before = await readdir(at());
    const out = at("fx.onnx");
    for (const [weights, what] of [
      [out, "the mended model"],
      [at("fx.onnx.data"), "the mended model's weights"],
      [at("fx.json"), "the report"],
      [at("FX.json"), "the report"],
      [at("fx.py"), "the PyTorch code"],
      [at("link", "fx.json"), "the report"],
    ] as const) {
      const found = await refusal(
        at("net.onnx"),
        ...["-o", out, "--snippet", "pytorch", "--safetensors", weights],
      );
      expect(found, weights).toMatchObject({ code: "same-output", exitCode: 2, where: weights });
      expect(found.message).toContain(`the safetensors file would overwrite ${what}.`);
    }
    expect(await readdir(at())).toEqual(before);
  });

  it("never write over the weights of the model, however small they are", async () => {
    const { model, pieces } = externalizeWeights(textModel(STRIDED), "apart.json", 1);
    const [path, data] = [at("outside.model.onnx"), at("apart.json")];
    await writeFile(path, serializeModel(model));
    await writeFile(data, Buffer.concat(pieces as Uint8Array[]));
    const before = [await readdir(at()), await readFile(data)];
    for (const [flags, title] of [
      [["-o", data], "the mended model"],
      [["-o", at("apart.onnx")], "the report"],
      [["-o", at("new.onnx"), "--safetensors", data], "the safetensors file"],
    ] as const)
      expect(await refusal(path, ...flags)).toMatchObject({
        code: "output-is-input",
        message: expect.stringContaining(`${title} would overwrite the model's weights.`),
      });
    expect([await readdir(at()), await readFile(data)]).toEqual(before);
  });

  it("are named", async () => {
    expect(await refusal(at("net.onnx"))).toMatchObject({ code: "missing-flag" });
    expect(await refusal(at("net.onnx"), "-o", at("x.onnx"), "--snippet", "keras")).toMatchObject({
      code: "bad-snippet",
    });
    const unknown = await snellen("fix", "kernelpadding", at("net.onnx"));
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'error: fix: no repair "kernelpadding". Did you mean "kernel-padding"? Known: kernel-padding, groups, prelayernorm.\n',
    ]);
  });
});
