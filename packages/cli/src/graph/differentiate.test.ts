// snellen differentiate by its contract. Oracles: closed forms of small graphs, run by ONNX Runtime from the written file, and
// onnx's own list of standard operators through the model's domains.
import { readFile, stat, writeFile } from "node:fs/promises";
import { halfToFloat, type Model, parseModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { openModelFile, writeModelFile } from "snellen/node";
import { describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";
import type { DifferentiateReport } from "./differentiate-file.ts";

const at = await temporaryFolder();

/** Differentiates a file; the report and the path of the result. */
async function differentiate(
  path: string,
  ...flags: string[]
): Promise<DifferentiateReport & { path: string }> {
  const out = `${path}.grad.onnx`;
  const { code, stdout, stderr } = await snellen(
    "differentiate",
    path,
    "-o",
    out,
    "--json",
    "--quiet",
    ...flags,
  );
  expect([code, stderr]).toEqual([0, ""]);
  return { ...JSON.parse(stdout), path: out };
}

async function run(path: string, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    return { ...(await session.run(feeds)) };
  } finally {
    await session.release();
  }
}

const floats = (dims: number[], value: (i: number) => number): Tensor =>
  new Tensor(
    "float32",
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
    dims,
  );
const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as Float32Array);
const signature = ({ graph }: Model) => ({
  inputs: graph.inputs
    .filter((v) => !graph.initializers.has(v.name))
    .map(({ name, dataType, dims }) => [name, dataType, dims]),
  outputs: graph.outputs.map(({ name, dataType }) => [name, dataType]),
});

/** y = x², z = x·k: gradients 2·seed·x and seed·k. */
const SQUARE =
  "g (float[N,3] x, float[3] k) => (float[N,3] y, float[N,3] z) { y = Mul (x, x) z = Mul (x, k) }";

describe("the written file", () => {
  it("keeps inputs and outputs, takes the seed as an input and gives seed times the derivative", async () => {
    const report = await differentiate(await modelFile(at("square.onnx"), SQUARE));
    expect(report).toMatchObject({
      of: ["y"],
      wrt: ["x"],
      seeds: { y: "seed_y" },
      gradients: { x: "grad_x" },
      note: null,
    });
    expect(report.files).toEqual([report.path]);
    const model = parseModel(await readFile(report.path));
    expect(signature(model)).toEqual({
      inputs: [
        ["x", "float32", ["N", 3]],
        ["seed_y", "float32", ["N", 3]],
      ],
      outputs: [
        ["y", "float32"],
        ["z", "float32"],
        ["grad_x", "float32"],
      ],
    });
    expect(new Set(model.graph.nodes.map((n) => n.domain))).toEqual(new Set([""]));
    for (const batch of [1, 2, 3]) {
      const [x, seed] = [floats([batch, 3], (i) => i - 2), floats([batch, 3], (i) => 1 + i * i)];
      const { grad_x } = await run(report.path, { x, seed_y: seed });
      expect(numbers(grad_x)).toEqual(numbers(x).map((v, i) => 2 * v * (1 + i * i)));
    }
  });

  it("takes values by name, several at once, weights too, and a constant seed", async () => {
    const path = await modelFile(at("named.onnx"), SQUARE);
    const report = await differentiate(path, "--of", "y", "z", "--wrt", "x", "k", "--seed", "ones");
    expect(report).toMatchObject({ seeds: {}, gradients: { x: "grad_x", k: "grad_k" } });
    const x = floats([2, 3], (i) => i);
    const { grad_x, grad_k, z } = await run(report.path, { x });
    const k = numbers(z)
      .slice(3)
      .map((v, i) => v / (3 + i));
    numbers(grad_x).forEach((g, i) => {
      expect(g).toBeCloseTo(2 * i + (k[i % 3] as number), 5);
    });
    expect(numbers(grad_k)).toEqual([3, 5, 7]);
  });

  it("can be differentiated again", async () => {
    const once = await differentiate(
      await modelFile(at("again.onnx"), SQUARE),
      "--of",
      "y",
      "--seed",
      "ones",
    );
    const twice = await differentiate(once.path, "--of", "grad_x", "--wrt", "x", "--seed", "ones");
    const found = await run(twice.path, { x: floats([1, 3], (i) => i + 5) });
    const [name] = Object.values(twice.gradients);
    expect(numbers(found[name as string])).toEqual([2, 2, 2]);
  });

  it("keeps names through constants, functions of exporters and no-ops that canonicalization takes away", async () => {
    const text = `<ir_version: 8, opset_import: ["" : 11]> g (float[N,4] image) => (float[N,2,2] scores)
      { s = Constant <value = int64[3] {0, 2, 2}> () i = Identity (image) r = Reshape (i, s) scores = Identity (r) }`;
    const report = await differentiate(await modelFile(at("noops.onnx"), text));
    expect(report).toMatchObject({ seeds: { scores: "seed_scores" }, gradients: { image: "grad_image" } });
    const seed = floats([1, 2, 2], (i) => i);
    const found = await run(report.path, { image: floats([1, 4], () => 0), seed_scores: seed });
    expect(numbers(found.grad_image)).toEqual([0, 1, 2, 3]);
  });

  it("fixes open dimensions with --dim", async () => {
    const text = `g (float[N,3,H,W] x, float[2,3,3,3] w) => (float[N,2,1,1] y) { c = Conv (x, w) y = GlobalAveragePool (c) }`;
    const path = await modelFile(at("open.onnx"), text);
    expect(await failure("differentiate", path, "-o", at("g.onnx"))).toMatchObject({ code: "dynamic-axes" });
    const report = await differentiate(path, "--dim", "H=6", "--dim", "W=5");
    const found = await run(report.path, {
      x: floats([2, 3, 6, 5], (i) => i),
      seed_y: floats([2, 2, 1, 1], () => 1),
    });
    expect(found.grad_x?.dims).toEqual([2, 3, 6, 5]);
  });
});

describe("other kinds of numbers", () => {
  it("half precision keeps its inputs and outputs, and gives gradients that float16 could not hold", async () => {
    const text = `g (float16[N,2] x) => (float16[N,2] y) <float16 tiny = {0.0000005}> { y = Mul (x, tiny) }`;
    const report = await differentiate(await modelFile(at("half.onnx"), text));
    expect(signature(parseModel(await readFile(report.path)))).toEqual({
      inputs: [
        ["x", "float16", ["N", 2]],
        ["seed_y", "float16", ["N", 2]],
      ],
      outputs: [
        ["y", "float16"],
        ["grad_x", "float32"],
      ],
    });
    const half = (bits: number[]) => new Tensor("float16", Uint16Array.from(bits), [1, 2]);
    const found = await run(report.path, { x: half([0x3c00, 0x4000]), seed_y: half([0x0400, 0x3c00]) });
    // seeds 2^-14 and 1; the constant as float16 has it
    const tiny = halfToFloat(8);
    expect(numbers(found.grad_x)).toEqual([tiny * 2 ** -14, tiny]);
  });

  it("quantized images and scores are taken as the real numbers that they stand for", async () => {
    const text = `g (uint8[N,4] x) => (uint8[N,4] y) <float s = {0.5}, uint8 zero = {0}, float three = {3}>
      { r = DequantizeLinear (x, s, zero) m = Mul (r, three) y = QuantizeLinear (m, s, zero) }`;
    const path = await modelFile(at("quantized.onnx"), text);
    const report = await differentiate(path);
    expect(report).toMatchObject({
      of: ["m"],
      wrt: ["x"],
      note: expect.stringMatching(/no output.*took m.*no input.*took x/),
    });
    const x = new Tensor("uint8", Uint8Array.from([1, 2, 3, 4]), [1, 4]);
    const found = await run(report.path, { x, seed_m: floats([1, 4], (i) => i) });
    expect(numbers(found.grad_x)).toEqual([0, 1.5, 3, 4.5]);
    const told = await snellen("differentiate", path, "-o", at("q.onnx"));
    expect(told.stderr).toBe(`${report.note}\n`);
  });

  it("integers alone have no gradient", async () => {
    const path = await modelFile(at("integers.onnx"), "g (int64[N,4] x) => (int64[N,4] y) { y = Neg (x) }");
    expect(await failure("differentiate", path, "-o", at("g.onnx"))).toMatchObject({
      code: "no-floating-output",
    });
  });
});

describe("weights in a file of their own", () => {
  it("are read from there, also by rules and passes, and the result holds them itself", async () => {
    const inside = await modelFile(at("inside.onnx"), CLASSIFIER);
    const outside = at("outside.onnx");
    expect(await writeModelFile(outside, textModel(CLASSIFIER), { maxBytes: 100 })).toHaveLength(2);
    const [a, b] = [await differentiate(inside), await differentiate(outside)];
    expect(b.files).toEqual([b.path]);
    expect((await stat(b.path)).size).toBeGreaterThan(8 * 27 * 4);
    const feeds = { x: floats([2, 3, 16, 16], (i) => Math.sin(i)), seed_y: floats([2, 5], (i) => i) };
    const [x, y] = [await run(a.path, feeds), await run(b.path, feeds)];
    expect(numbers(y.grad_x)).toEqual(numbers(x.grad_x));
    expect((await openModelFile(outside)).model.graph.initializers.size).toBeGreaterThan(0);
  });
});

describe("mistakes", () => {
  it("never write over the model", async () => {
    const path = await modelFile(at("same.onnx"), SQUARE);
    const before = await readFile(path);
    expect(await failure("differentiate", path, "-o", path)).toMatchObject({ code: "output-is-input" });
    expect(await readFile(path)).toEqual(before);
  });

  it.each([
    [
      ["--of", "yy"],
      "unknown-value",
      '--of: the canonical graph has no value "yy" of known shape. Did you mean "y"?',
    ],
    [
      ["--wrt", "xx"],
      "unknown-value",
      '--wrt: the canonical graph has no value "xx" of known shape. Did you mean "x"?',
    ],
    [["--of", "z", "--wrt", "y"], "no-gradient-path", 'no gradient reaches "y"'],
  ])("%j: %s", async (flags, code, message) => {
    const path = await modelFile(at("mistakes.onnx"), SQUARE);
    const found = await failure("differentiate", path, "-o", at("g.onnx"), ...flags);
    expect(found).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(message) });
  });

  it("leave an older result as it was", async () => {
    await writeFile(at("old.onnx"), "old");
    const path = await modelFile(at("mistaken.onnx"), SQUARE);
    await snellen("differentiate", path, "-o", at("old.onnx"), "--of", "nothing");
    expect(await readFile(at("old.onnx"), "utf8")).toBe("old");
  });
});
