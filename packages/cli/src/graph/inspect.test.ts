// snellen inspect as people and as programs read it. Oracle: models written here, of which everything is known, and the facts
// recorded beside the shared models where these lie next to the checkout.
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseGraphText, serializeModel } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { CLASSIFIER, modelFile, snellen, temporaryFolder, textModel } from "../test-support/command-line.ts";

const at = await temporaryFolder();

async function inspect(path: string, ...flags: string[]) {
  const { code, stdout, stderr } = await snellen("inspect", path, "--json", ...flags);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

describe("inspect --json", () => {
  it("tells what the file holds, where the image goes in and where the scores come out", async () => {
    const named = CLASSIFIER.replace("y = Gemm (r, wy)", "z = Gemm (r, wy) y = Softmax (z)");
    const model = {
      ...textModel(named),
      producer: "by hand",
      metadata: new Map([["names", "{0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e'}"]]),
    };
    const path = at("softmax.onnx");
    await writeFile(path, serializeModel(model));
    expect(await inspect(path)).toMatchObject({
      model: "softmax.onnx",
      producer: "by hand",
      opset: 20,
      nodes: 6,
      operators: { Conv: 1, Relu: 1, GlobalAveragePool: 1, Flatten: 1, Gemm: 1, Softmax: 1 },
      inputs: [{ name: "x", dataType: "float32", dims: ["N", 3, 16, 16] }],
      outputs: [{ name: "y", dataType: "float32", dims: ["N", 5] }],
      input: { name: "x", layout: "NCHW", channels: 3, size: [16, 16], dataType: "float32", batch: "any" },
      preprocessing: { range: "0..1", mean: [0.485, 0.456, 0.406], assumed: true },
      logits: { value: "z", output: "y", shape: ["N", 5], classes: 5, skipped: "Softmax" },
      labels: { origin: 'model metadata "names"', names: ["a", "b", "c", "d", "e"] },
      defaultLayer: "f",
      layers: [
        {
          value: "c",
          operator: "Conv",
          kind: "map",
          grid: [14, 14],
          channels: 8,
          stride: [1, 1],
          field: { size: [3, 3], stride: [1, 1], start: [0, 0], centre: [1, 1] },
        },
        { value: "f", operator: "Relu", kind: "map", grid: [14, 14], channels: 8, prefixTokens: 0 },
      ],
    });
  });

  it("counts normalizations, and says where they were folded", async () => {
    const norm = CLASSIFIER.replace(
      "f = Relu (c)",
      "n = InstanceNormalization (c, s, o) f = Relu (n)",
    ).replace("float[8,5] wy", "float[8] s, float[8] o, float[8,5] wy");
    const kept = await inspect(await modelFile(at("norm.onnx"), norm));
    expect(kept).toMatchObject({ normalizations: { instance: 1 }, foldedNormalization: null });
    const nameless = CLASSIFIER.replace(
      "float[8,3,3,3] w",
      `float[8,3,3,3] "onnx::Conv_7", float[8] "onnx::Conv_8"`,
    ).replace("Conv (x, w)", `Conv (x, "onnx::Conv_7", "onnx::Conv_8")`);
    const folded = await inspect(await modelFile(at("folded.onnx"), nameless));
    expect(folded).toMatchObject({
      normalizations: {},
      foldedNormalization: expect.stringContaining("1 of 1"),
    });
  });

  it("tells the opset of the file, a batch that was freed, and the axis of classes of a dense output", async () => {
    const path = await modelFile(
      at("mask.onnx"),
      `<ir_version: 8, opset_import: ["" : 11]>
       g (float[1,16,16,3] x, float[4,3,3,3] w) => (float[1,4,14,14] y)
       { t = Transpose <perm = [0, 3, 1, 2]> (x) c = Conv (t, w) y = Sigmoid (c) }`,
    );
    expect(await inspect(path)).toMatchObject({
      opset: 11,
      input: { layout: "NHWC", batch: "any", batchFreedFrom: 1, batchRefusal: null },
      logits: {
        value: "c",
        shape: ["N", 4, 14, 14],
        classes: 4,
        skipped: "Sigmoid",
        dense: expect.stringContaining("14x14 places"),
      },
    });
  });

  it("takes sizes for open axes, and says when a size was not used", async () => {
    const open = CLASSIFIER.replace("float[N,3,16,16]", "float[N,3,H,W]");
    const path = await modelFile(at("open.onnx"), open);
    expect((await inspect(path)).input.size).toEqual([224, 224]);
    expect((await inspect(path, "--size", "40x48")).input.size).toEqual([40, 48]);
    const fixed = await modelFile(at("fixed.onnx"), CLASSIFIER);
    const ran = await snellen("inspect", fixed, "--size", "32");
    expect([ran.code, ran.stderr]).toEqual([
      0,
      "warning: --size 32x32 was not used: the model takes 16x16 only.\n",
    ]);
  });
});

describe("inspect", () => {
  it("prints a table, and every layer with --layers", async () => {
    const path = await modelFile(at("table.onnx"), CLASSIFIER);
    const [plain, layers] = [await snellen("inspect", path), await snellen("inspect", path, "--layers")];
    expect(plain.stdout).toMatch(/default layer\s+│ f \(Relu, map 14x14, 8 channels\)/);
    expect(plain.stdout).not.toContain("f (default)");
    expect(layers.stdout).toMatch(/│ f \(default\)\s+│ Relu\s+│ map\s+│ 14x14\s+│ 8\s+│ 1\s+│/);
  });

  it("prints the canonical graph as text that can be read back", async () => {
    const path = await modelFile(
      at("constants.onnx"),
      `<ir_version: 8, opset_import: ["" : 11]> g (float[N,3,4,4] x) => (float[N,48] y)
       { s = Constant <value = int64[2] {0, -1}> () i = Identity (x) y = Reshape (i, s) }`,
    );
    const { stdout } = await snellen("inspect", path, "--graph");
    const { graph, opsets } = parseGraphText(stdout);
    expect(graph.nodes.map((n) => n.opType)).toEqual(["Reshape"]);
    expect(opsets.get("")).toBeGreaterThanOrEqual(18);
    const json = JSON.parse((await snellen("inspect", path, "--graph", "--json")).stdout);
    expect(json).toEqual({ graph: stdout.slice(0, -1) });
  });

  it("does not let names steer the terminal", async () => {
    const path = at("hostile.onnx");
    await writeFile(path, serializeModel({ ...textModel(CLASSIFIER), producer: "\x1b[2J\x1b]0;owned\x07" }));
    const ran = await snellen("inspect", path);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(ran.stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
  });
});

const shared = join(import.meta.dirname, "../../../../../shared/models");

describe.skipIf(!existsSync(join(shared, "models.json")))("the shared models", () => {
  const recorded = existsSync(shared) ? JSON.parse(readFileSync(join(shared, "models.json"), "utf8")) : {};

  it.each(Object.keys(recorded))("%s is what is recorded of it", async (name) => {
    const facts = recorded[name];
    const found = await inspect(join(shared, name));
    const { layout, size, dtype } = facts.preprocess;
    expect(found.input).toMatchObject({
      name: facts.inputs[0].name,
      layout,
      size,
      dataType: dtype,
      batch: "any",
    });
    expect(found).toMatchObject({ opset: facts.opset, operators: facts.operators, producer: facts.producer });
    expect(found.outputs.map((v: { name: string }) => v.name)).toEqual(
      facts.outputs.map((v: { name: string }) => v.name),
    );
    expect(found.logits.skipped).toBe(/^(logits|boxes)/.test(facts.output) ? null : "Softmax");
    expect(found.logits.classes).toBe(facts.outputs[0].shape.at(-1));
    expect(found.defaultLayer).not.toBeNull();
  });
});
