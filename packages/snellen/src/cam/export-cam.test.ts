// Exported heat maps, run by a plain ONNX Runtime from the written file. Oracles: the maps that the library makes of the same
// images, and the original model's own outputs from its own file. Equal up to the order of summation of other batches: 1e-5.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Model, parseGraphText, parseModel, serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../images/image.ts";
import { writeModelFile } from "../node/model-file.ts";
import { openModel } from "../node/open-model.ts";
import { describeModel } from "../vision-model/describe.ts";
import { type ExportCamOptions, type ExportedCam, exportCam } from "./export-cam.ts";
import { camMethods } from "./methods/index.ts";
import type { TargetKind } from "./targets/target.ts";
import { upsamplings } from "./upsampling/index.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const folder = mkdtempSync(join(tmpdir(), "snellen-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
const TOLERANCE = 1e-5;

const SHAPE = [3, 16, 16] as const;
const images = Array.from({ length: 5 }, (_, n): PreprocessedImage => {
  const values = Float32Array.from({ length: 768 }, (_, i) => Math.sin(1 + n + i * (0.3 + 0.07 * n)));
  return { source: `image ${n}`, shape: SHAPE, values };
});
const batchOf = (count: number): Tensor => {
  const values = images.slice(0, count).flatMap((image) => [...image.values]);
  return new Tensor("float32", Float32Array.from(values), [count, ...SHAPE]);
};

const pathOf = (net: string) => join(FIXTURES, `${net}.onnx`);
const methodsFor = (net: string): string[] =>
  camMethods
    .filter(({ kind, requires }) => kind !== "channels" && (requires === undefined || net === "cnn"))
    .map(({ id }) => id);

async function run(path: string, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    return { ...(await session.run(feeds)) };
  } finally {
    await session.release();
  }
}

const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as Float32Array, Number);

/** Largest difference, relative to the expected values' size. */
function worst(found: readonly number[], expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs), 1e-3);
  return Math.max(...expected.map((v, i) => Math.abs(v - (found[i] as number)))) / size;
}

/** Exports a fixture to a file of its own. */
async function exported(net: string, options: ExportCamOptions): Promise<ExportedCam & { path: string }> {
  await using model = await openModel(pathOf(net));
  const result = exportCam(model.info, options);
  const path = join(folder, `${net}-${Math.random()}.onnx`);
  await writeModelFile(path, result.model, { readExternal: model.readExternal });
  return { ...result, path };
}

const nameOf = ({ outputs }: ExportedCam, holds: string, method: string): string | undefined =>
  outputs.find((o) => o.holds === holds && (o.method ?? method) === method)?.name;

describe.each(["cnn", "vit"])("%s: every method that is one graph", (net) => {
  const options = { eigenSmooth: net === "vit", target: 1, seed: 3 };
  it.each(upsamplings.map(({ id }) => id))("gives the library's maps, %s", async (upsampling) => {
    const method = methodsFor(net);
    const file = await exported(net, { ...options, method, upsampling });
    await using model = await openModel(pathOf(net));
    for (const batch of [1, 2, 5]) {
      const found = await run(file.path, { image: batchOf(batch) });
      const own = await run(pathOf(net), { image: batchOf(batch) });
      for (const [name, value] of Object.entries(own))
        expect(worst(numbers(found[name]), numbers(value))).toBeLessThan(TOLERANCE);
      const maps = await model.cams(images.slice(0, batch), method, { ...options, upsampling });
      for (const [m, id] of method.entries()) {
        const [map, cells] = [found[nameOf(file, "map", id) ?? ""], found[nameOf(file, "cells", id) ?? ""]];
        expect([map?.type, map?.dims, cells?.dims[0]]).toEqual(["float32", [batch, 16, 16], batch]);
        const theirs = (pick: "map" | "cells") => maps.flatMap((ofImage) => [...ofImage[m]![pick].values]);
        expect(worst(numbers(map), theirs("map")), id).toBeLessThan(TOLERANCE);
        expect(worst(numbers(cells), theirs("cells")), id).toBeLessThan(TOLERANCE);
      }
      expect(numbers(found.heatmap_class)).toEqual(images.slice(0, batch).map(() => 1));
      const scores = maps.map(([map]) => map?.score as number);
      expect(worst(numbers(found.heatmap_score), scores)).toBeLessThan(TOLERANCE);
    }
  });
});

describe("the target", () => {
  const ofImages = async (target: string) => {
    await using model = await openModel(pathOf("cnn"));
    return await model.cam(images, { target });
  };

  it.each(["top1", "rank2", "0", "probability:top1", "top1 vs rank2", "probability:2"])(
    "%s is a constant of the graph",
    async (target) => {
      const file = await exported("cnn", { target });
      expect(file.targetInput).toBeUndefined();
      expect(file.model.graph.inputs.map(({ name }) => name)).toEqual(["image"]);
      expect(file.outputs.map(({ name }) => name)).toEqual([
        "heatmap",
        "heatmap_cells",
        "heatmap_class",
        "heatmap_score",
      ]);
      const found = await run(file.path, { image: batchOf(5) });
      const maps = await ofImages(target);
      expect(numbers(found.heatmap_class)).toEqual(maps.map((map) => map.classIndex));
      const values = maps.flatMap((map) => [...map.map.values]);
      expect(worst(numbers(found.heatmap), values)).toBeLessThan(TOLERANCE);
    },
  );

  it("sorts no scores for the highest or a class, only for a rank", async () => {
    const operators = async (target: string) =>
      (await exported("cnn", { target })).model.graph.nodes.map(({ opType }) => opType);
    expect(await operators("top1")).toContain("ArgMax");
    for (const target of ["top1", "2"]) {
      expect(await operators(target)).not.toContain("TopK");
      expect(await operators(target)).not.toContain("Where");
    }
    expect(await operators("rank2")).toContain("TopK");
  });

  it("input takes a class or a rank for each image", async () => {
    const file = await exported("cnn", { target: "input" });
    expect(file.targetInput).toBe("target");
    const [image, target] = file.model.graph.inputs;
    expect(target).toMatchObject({ name: "target", dataType: "int64", dims: [image?.dims?.[0]] });
    const asked = ["2", "top1", "0", "rank2", "1"];
    const feed = new Tensor("int64", BigInt64Array.from([2n, -1n, 0n, -2n, 1n]), [5]);
    const found = await run(file.path, { image: batchOf(5), target: feed });
    for (const [i, name] of asked.entries()) {
      const map = (await ofImages(name))[i];
      expect(numbers(found.heatmap_class)[i]).toBe(map?.classIndex);
      const row = numbers(found.heatmap).slice(256 * i, 256 * (i + 1));
      expect(worst(row, [...(map?.map.values ?? [])])).toBeLessThan(TOLERANCE);
    }
  });

  it("several give a map each, named safely", async () => {
    const { outputs } = await exported("cnn", {
      method: ["grad-cam++", "hires-cam"],
      target: ["0 vs 1", "input", 0, "0"],
    });
    expect(outputs.map(({ name }) => name)).toEqual(
      ["0_vs_1", "input", "0"].flatMap((target) => [
        `heatmap_grad_cam_plus_plus_${target}`,
        `heatmap_cells_grad_cam_plus_plus_${target}`,
        `heatmap_hires_cam_${target}`,
        `heatmap_cells_hires_cam_${target}`,
        `heatmap_class_${target}`,
        `heatmap_score_${target}`,
      ]),
    );
  });

  it("may take numbers of more than one axis", async () => {
    const kind: TargetKind = {
      id: "weighted",
      syntax: "weighted",
      summary: "",
      inputs: [{ name: "weights", dataType: "float32", dims: [1, 5] }],
      build: ({ b, scores }, [weights]) => ({
        index: b.op("ArgMax", [scores], { axis: 1, keepdims: 0 }),
        score: b.op(
          "ReduceSum",
          [b.op("Mul", [b.op("Squeeze", [weights as string, b.ints([1])]), scores]), b.ints([1])],
          { keepdims: 0 },
        ),
      }),
      zeroCause: () => "",
    };
    const target = { kind, name: "weighted", feed: () => [[1, -2, 0.5, 0, 3]] };
    const file = await exported("cnn", { target });
    await using model = await openModel(pathOf("cnn"));
    const maps = await model.cam(images, { target });
    const found = await run(file.path, { image: batchOf(5) });
    const values = maps.flatMap((map) => [...map.map.values]);
    expect(worst(numbers(found.heatmap), values)).toBeLessThan(TOLERANCE);
  });

  it("that differs from image to image is refused", async () => {
    for (const target of ["label", "label vs 1", "probability:label"])
      await expect(exported("cnn", { target })).rejects.toMatchObject({
        code: "target-needs-image",
        message: expect.stringContaining("--target top1, a class, or input"),
      });
  });
});

describe("the graph", () => {
  const info = (text: string) => describeModel(parseGraphText(text));
  const CLASSIFIER = `g (float[N,3,8,8] x) => (float[N,3] heatmap, float[N,3,8,8] f)
    { f = Relu (x) target = GlobalAveragePool (f) r = Flatten (target) heatmap = Softmax <axis = 1> (r) }`;
  const names = ({ graph }: Model) => graph.outputs.map(({ name }) => name);

  it("keeps the model's outputs first, a final Softmax too, and gives new names where its own are taken", () => {
    const { model, targetInput } = exportCam(info(CLASSIFIER), { target: "input" });
    expect(names(model)).toEqual([
      "heatmap",
      "f",
      "heatmap_2",
      "heatmap_cells",
      "heatmap_class",
      "heatmap_score",
    ]);
    expect(targetInput).toBe("target_2");
    expect(model.graph.outputs.map(({ dims }) => dims?.[0])).toEqual(Array(6).fill("N"));
  });

  it("holds nothing that no output needs, standard operators only, and says how it was made", async () => {
    const { model } = await exported("vit", { method: "extended-cam", upsampling: "gaussian" });
    const read = new Set(model.graph.nodes.flatMap(({ inputs }) => inputs).concat(names(model)));
    for (const { outputs } of model.graph.nodes) expect(outputs.some((name) => read.has(name))).toBe(true);
    for (const name of model.graph.initializers.keys()) expect(read.has(name)).toBe(true);
    expect([...new Set(model.graph.nodes.map(({ domain }) => domain))]).toEqual([""]);
    expect(Object.fromEntries(model.metadata)).toMatchObject({
      "snellen.method": "extended-cam",
      "snellen.target": "top1",
      "snellen.upsampling": "gaussian",
      "snellen.sigma": "stride",
    });
  });

  it("survives being written and read", async () => {
    const { model, path } = await exported("cnn", {});
    const read = parseModel(readFileSync(path));
    expect(names(read)).toEqual(names(model));
    expect(read.metadata.get("snellen.layer")).toBe(model.metadata.get("snellen.layer"));
    expect(serializeModel(read).byteLength).toBe(readFileSync(path).byteLength);
  });

  it("tells of half precision and of a batch that is fixed", () => {
    const half = `g (float16[N,3,8,8] x) => (float16[N,3] y) { f = Relu (x) p = GlobalAveragePool (f) y = Flatten (p) }`;
    expect(exportCam(info(half)).notes).toEqual([
      "half precision was raised to single: x, y hold float32 in the file",
    ]);
    const stuck = `g (float[2,3,8,8] x) => (float[2,3] y) <int64[1] first = {0}>
      { f = Relu (x) m = ReduceMean <keepdims = 1> (f, first) d = Sub (f, m) p = GlobalAveragePool (d) y = Flatten (p) }`;
    const fixed = exportCam(info(stuck));
    expect(fixed.notes).toEqual([expect.stringMatching(/^it takes 2 at a time \(.+\)$/)]);
    expect(fixed.model.graph.outputs.map(({ dims }) => dims?.[0])).toEqual(Array(5).fill(2));
  });

  it("cannot hold what takes several runs", async () => {
    await expect(exported("cnn", { augSmooth: true })).rejects.toMatchObject({ code: "not-one-graph" });
    for (const { id } of camMethods.filter(({ kind }) => kind === "channels"))
      await expect(exported("cnn", { method: id })).rejects.toMatchObject({
        code: "not-one-graph",
        message: expect.stringContaining("extended-cam"),
      });
  });
});
