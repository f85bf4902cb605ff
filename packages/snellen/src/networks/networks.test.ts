// Networks as they are built. Oracles: outputs and numbers of parameters of torchvision's, timm's and plain PyTorch's modules with the
// same weights (tools/reference/network_outputs.py); what Snellen reads in the file is what was asked for.
import { readFile } from "node:fs/promises";
import { elementCount, floatTensor, type Model, tensorValues, withGraph } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { findNormalizations } from "../normalization/find-normalizations.ts";
import { findPatchEmbedding } from "../patch-embedding/find-patch-embedding.ts";
import { describeModel } from "../vision-model/describe.ts";
import { network } from "./index.ts";
import { resnet } from "./resnet.ts";
import { logitsOf } from "./test-support/logits-of.ts";
import { vit } from "./vit.ts";

interface Recorded {
  readonly name: string;
  readonly network: string;
  readonly options: Readonly<Record<string, unknown>> & { readonly channels: number };
  readonly seed: number;
  readonly parameters: number;
  readonly logits: readonly (readonly number[])[];
}

const recorded: { readonly parameters: Record<string, number>; readonly outputs: readonly Recorded[] } =
  JSON.parse(await readFile(new URL("fixtures/pytorch-outputs.json", import.meta.url), "utf8"));

const floats = ({ graph }: Model) =>
  [...graph.initializers].filter(([, { dataType }]) => dataType === "float32");
const parameterCount = (model: Model): number =>
  floats(model)
    .filter(([name]) => !/running_(mean|var)$/.test(name))
    .reduce((sum, [, { dims }]) => sum + elementCount(dims), 0);
const valuesOf = (model: Model, name: string) => tensorValues(model.graph.initializers.get(name)!);

/** Adds to every parameter and kept statistic what the recording script adds. */
function moved(model: Model): Model {
  const changed = floats(model).map(([name, tensor]) => {
    const values = Float32Array.from(
      tensorValues(tensor) as Float32Array,
      (v, j) => v + 0.3 * Math.sin(j * j + name.length),
    );
    return [name, floatTensor(tensor.dims, values)] as const;
  });
  return withGraph(model, { initializers: new Map([...model.graph.initializers, ...changed]) });
}

describe("outputs are PyTorch's", () => {
  it.each(recorded.outputs)("$name", async ({ network: id, options, seed, parameters, logits }) => {
    const model = network(id).build(options as never, seed);
    expect(parameterCount(model)).toBe(parameters);
    const dims = [2, options.channels, 16, 16];
    const pixels = Float32Array.from({ length: elementCount(dims) }, (_, i) => Math.sin(i * i));
    const found = await logitsOf(moved(model), pixels, dims);
    const wanted = logits.flat();
    expect(found).toHaveLength(wanted.length);
    // float32 against float64 on values of order 1
    found.forEach((value, i) => {
      expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-4);
    });
  });
});

const LARGE = { classes: 1000, size: [224, 224], stem: "pooled", widths: [64, 128, 256, 512] } as const;

describe("numbers of parameters are those of torchvision and timm", () => {
  it.each([
    ["resnet20", () => resnet.build()],
    ["resnet18", () => resnet.build({ ...LARGE, blocks: [2, 2, 2, 2] })],
    ["resnet50", () => resnet.build({ ...LARGE, blocks: [3, 4, 6, 3], block: "bottleneck" })],
    ["vit", () => vit.build()],
  ])("%s", (name, build) => {
    expect(parameterCount(build())).toBe(recorded.parameters[name]);
  });
});

describe("what the file says", () => {
  const classes = ["A", "B", "C"];
  const facts = { classes, size: [16, 24], channels: 1, range: "0..255", mean: [100], std: [50] } as const;

  it.each([
    ["mlp", { normalization: "gn", groups: [4, 8] }, 2, undefined],
    ["plain-cnn", { normalization: "gn", groups: 4 }, 6, [4, 6]],
    ["resnet", { normalization: "bn" }, 21, [4, 6]],
    ["resnet", { block: "pre-activation" }, 19, [4, 6]],
    ["vit", {}, 13, [4, 6]],
    ["vit", { stem: "conv-gn" }, 15, [4, 6]],
  ])("%s %j", (id, options, normalizations, grid) => {
    const info = describeModel(network(id).build({ ...facts, ...options }));
    expect(info.logits).toMatchObject({ value: "logits", classes: 3 });
    expect(info.labels).toEqual({ names: classes, origin: 'model metadata "labels"' });
    expect(info.preprocessing.origin).toBe("model metadata");
    expect(info.preprocessing.spec).toMatchObject({
      size: [16, 24],
      channels: "gray",
      range: "0..255",
      mean: [100],
      std: [50],
    });
    expect(findNormalizations(info.model, info.shapes)).toHaveLength(normalizations);
    expect(info.layers.default?.layout.grid).toEqual(grid);
  });

  it.each(["after-projection", "before-projection", "both"] as const)("PreLayerNorm %s", (prelayernorm) => {
    const model = vit.build({ depth: 1, prelayernorm });
    const found = findPatchEmbedding(describeModel(model));
    expect(found).toMatchObject({ found: true, isPreNormalized: true, grid: [8, 8], width: 192 });
    const names = floats(model).map(([name]) => name);
    const has = (name: string) => names.includes(`patch_embed.${name}.weight`);
    expect([has("norm"), has("proj.patch_norm")]).toEqual([
      prelayernorm !== "before-projection",
      prelayernorm !== "after-projection",
    ]);
  });

  it("which network it is", () => {
    const { metadata } = resnet.build({ widths: [4, 8, 8], blocks: [1, 1, 1] }, 9);
    expect(JSON.parse(metadata.get("snellen.network") as string)).toMatchObject({
      id: "resnet",
      seed: 9,
      options: { widths: [4, 8, 8], block: "basic" },
    });
    expect(metadata.has("labels")).toBe(false);
  });
});

describe("how networks begin", () => {
  const small = { blocks: [1, 1], widths: [4, 8] } as const;

  it("with zeros where kernels are padded, and the same function", async () => {
    const [plain, padded] = [false, true].map((paddedKernels) =>
      resnet.build({ ...small, paddedKernels }, 2),
    ) as [Model, Model];
    expect(padded.graph.initializers.get("layer2.0.conv1.weight")?.dims).toEqual([8, 4, 4, 4]);
    const pixels = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i));
    const [a, b] = await Promise.all([plain, padded].map((model) => logitsOf(model, pixels, [1, 3, 32, 32])));
    a?.forEach((value, i) => {
      expect(value).toBeCloseTo(b?.[i] as number, 4);
    });
  });

  it("with branches that are nothing where the last scale is 0", () => {
    const model = resnet.build({ ...small, zeroInit: true });
    expect([...valuesOf(model, "layer2.0.bn2.weight")]).toEqual(new Array(8).fill(0));
    expect([...valuesOf(model, "layer2.0.bn1.weight")]).toEqual(new Array(8).fill(1));
    expect([...valuesOf(model, "layer2.0.downsample.1.weight")]).toEqual(new Array(8).fill(1));
  });

  it("with the same weights whatever normalizes them", () => {
    const [bn, gn] = [resnet.build(small, 4), resnet.build({ ...small, normalization: "gn", groups: 2 }, 4)];
    for (const name of ["conv1.weight", "layer2.0.conv2.weight", "fc.weight"])
      expect(valuesOf(gn, name)).toEqual(valuesOf(bn, name));
    expect(valuesOf(resnet.build(small, 5), "conv1.weight")).not.toEqual(valuesOf(bn, "conv1.weight"));
  });
});
