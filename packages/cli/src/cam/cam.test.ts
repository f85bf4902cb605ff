// snellen cam as people use it: which files it writes, what the manifest says of them, and what --resume keeps.
// Oracles: the library's own maps, and the sums of what was written.
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { externalizeWeights, type Model, modelChunks, serializeModel } from "@snellen/graph";
import { decodeImage, openImages, openModel, readNpy, writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";
import type { Manifest } from "./manifest.ts";

const at = await temporaryFolder();
const model = at("model.onnx");

beforeAll(async () => {
  await modelFile(model, CLASSIFIER);
  await pictureFile(at("photos", "a", "cat.png"), 1);
  await pictureFile(at("photos", "b", "cat.png"), 2);
  await pictureFile(at("photos", "b", "Кошка №1.png"), 3);
});

/** Runs cam on the photos; the manifest that it printed and wrote. */
async function cam(out: string, ...flags: string[]): Promise<Manifest> {
  const args = ["cam", model, "--images", at("photos"), "--out", at(out), "--json", "--quiet", ...flags];
  const { code, stdout, stderr } = await snellen(...args);
  expect([code, stderr]).toEqual([0, ""]);
  const manifest = JSON.parse(stdout);
  expect(JSON.parse(await readFile(at(out, "manifest.json"), "utf8"))).toEqual(manifest);
  return manifest;
}

const total = (values: Float32Array) => values.reduce((a, v) => a + v, 0);

describe("the files", () => {
  it("are a picture, a map and its cells for each image and method, with a manifest", async () => {
    const manifest = await cam("plain", "--method", "grad-cam,extended-cam");
    const stems = ["cat", "cat~2", "Кошка №1"];
    const names = stems.flatMap((s) => ["grad-cam", "extended-cam"].map((m) => `${s}__${m}`));
    const expected = [...names.flatMap((n) => [`${n}.png`, `${n}.npy`, `${n}.cells.npy`]), "manifest.json"];
    expect((await readdir(at("plain"))).sort()).toEqual(expected.sort());
    expect(manifest.maps.map((m) => m.files.map)).toEqual(names.map((n) => `${n}.npy`));
    expect(manifest).toMatchObject({
      complete: true,
      layer: "f",
      upsampling: "bilinear",
      target: "top1",
      skipped: [],
    });
  });

  it("hold the library's numbers, which the manifest sums up", async () => {
    const manifest = await cam(
      "numbers",
      "--method",
      "extended-cam",
      "--upsampling",
      "gaussian",
      "--target",
      "3",
    );
    await using opened = await openModel(model);
    const images = [];
    for await (const image of (await openImages(at("photos"))).read()) images.push(image);
    const maps = await opened.cam(images, { method: "extended-cam", upsampling: "gaussian", target: 3 });
    for (const [i, entry] of manifest.maps.entries()) {
      const map = await readNpy(at("numbers", entry.files.map));
      const cells = await readNpy(at("numbers", entry.files.cells));
      expect([map.shape, cells.shape]).toEqual([
        [16, 16],
        [14, 14],
      ]);
      expect(map.values).toEqual(maps[i]?.map.values);
      expect(cells.values).toEqual(maps[i]?.cells.values);
      expect(entry).toMatchObject({
        image: images[i]?.source,
        target: { index: 3, name: null },
        score: maps[i]?.score,
      });
      expect(entry.sum).toBeCloseTo(total(cells.values), 3);
      expect(entry.mapSum).toBeCloseTo(total(map.values), 3);
      expect(entry.conservationError).toBeCloseTo(
        Math.abs(entry.sum - entry.score) / Math.abs(entry.score),
        5,
      );
      const picture = await decodeImage(at("numbers", entry.files.picture), "picture");
      expect([picture.width, picture.height]).toEqual([16, 16]);
    }
  });

  it("do not depend on the batch, nor on the other methods of the run", async () => {
    const [one, all] = [
      await cam("b1", "--batch", "1"),
      await cam("b3", "--method", "hires-cam,grad-cam,grad-cam"),
    ];
    for (const { files } of one.maps) {
      const [a, b] = [await readNpy(at("b1", files.cells)), await readNpy(at("b3", files.cells))];
      for (const [i, v] of a.values.entries()) expect(b.values[i]).toBeCloseTo(v, 5);
    }
    expect(all.maps).toHaveLength(6);
  });

  it("are drawn for tensors too, each slot with its number", async () => {
    const values = Float32Array.from({ length: 2 * 3 * 256 }, (_, i) => Math.sin(i));
    await writeNpy(at("batch.npy"), { shape: [2, 3, 16, 16], values });
    const ran = await snellen("cam", model, "--images", at("batch.npy"), "--out", at("tensors"));
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect((await readdir(at("tensors"))).filter((n) => n.endsWith(".png"))).toEqual([
      "batch-0__grad-cam.png",
      "batch-1__grad-cam.png",
    ]);
  });
});

describe("flags", () => {
  it("--target label takes the class from the folder, by the names of the classes", async () => {
    await writeFile(at("names.txt"), "z\nb\ny\na\nx\n");
    const { maps } = await cam("label", "--target", "label", "--labels", at("names.txt"));
    expect(maps.map((m) => m.target)).toEqual([
      { asked: "label", index: 3, name: "a" },
      { asked: "label", index: 1, name: "b" },
      { asked: "label", index: 1, name: "b" },
    ]);
  });

  it("--layer takes a part of a name", async () => {
    const path = await modelFile(
      at("deep.onnx"),
      `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,8,3,3] w2, float[8,5] wy) => (float[N,5] y)
       { [stage1] s1 = Conv (x, w) [stage2] s2 = Conv (s1, w2) p = GlobalAveragePool (s2) r = Flatten (p) y = Gemm (r, wy) }`,
    );
    const ran = await snellen(
      "cam",
      path,
      "--images",
      at("photos"),
      "--out",
      at("deep"),
      "--layer",
      "stage1",
      "--json",
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({ layer: "s1" });
  });

  it("--quiet says nothing, without it the assumed preprocessing is told", async () => {
    const args = ["cam", model, "--images", at("photos"), "--out", at("told")];
    expect((await snellen(...args)).stderr).toMatch(/^preprocessing: assumed \(ImageNet's\)/);
    expect((await snellen(...args, "--quiet")).stderr).toBe("");
    expect((await snellen(...args, "--preset", "unit")).stderr).toBe("");
  });

  it("--batch larger than a batch that cannot be freed is told, and has no effect on the maps", async () => {
    const fixedTo = (n: number) =>
      CLASSIFIER.replace("float[N,3", `float[${n},3`).replace("(float[N,5] y)", `(float[${n},5] y)`);
    const stuck = fixedTo(2).replace(
      "p = GlobalAveragePool (f)",
      "m = ReduceMean <keepdims = 1> (f, first) d = Sub (f, m) p = GlobalAveragePool (d)",
    );
    const path = await modelFile(at("stuck.onnx"), stuck.replace("\n  {", "\n  <int64[1] first = {0}> {"));
    const ran = await snellen(
      "cam",
      path,
      "--images",
      at("photos"),
      "--out",
      at("stuck"),
      "--batch",
      "8",
      "--preset",
      "unit",
    );
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^--batch 8 was not used: the model takes 2 at a time \(.+\)\.\n$/);
    const freed = await modelFile(at("freed.onnx"), fixedTo(1));
    const other = await snellen(
      "cam",
      freed,
      "--images",
      at("photos"),
      "--out",
      at("freed"),
      "--batch",
      "8",
      "--preset",
      "unit",
    );
    expect([other.code, other.stderr]).toEqual([0, ""]);
    await cam("any", "--preset", "unit");
    const read = (out: string) => readNpy(at(out, "cat__grad-cam.cells.npy"));
    expect((await read("freed")).values).toEqual((await read("any")).values);
  });
});

describe("--resume", () => {
  const written = async (out: string) => (await stat(at(out, "cat~2__grad-cam.npy"))).mtimeMs;

  it("keeps maps of equal settings, and makes those that are missing", async () => {
    const first = await cam("resumed");
    await utimes(at("resumed", "cat~2__grad-cam.npy"), 1, 1);
    await rm(at("resumed", "cat__grad-cam.cells.npy"));
    const second = await cam("resumed", "--resume");
    // a score may differ in its last digits: the runtime sums in another order when it runs other images beside
    expect(second.maps.map((m) => m.files)).toEqual(first.maps.map((m) => m.files));
    expect(second.maps.slice(1)).toEqual(first.maps.slice(1));
    expect(await written("resumed")).toBe(1000);
    expect((await readNpy(at("resumed", "cat__grad-cam.cells.npy"))).shape).toEqual([14, 14]);
  });

  it("makes all anew when the settings are others, or the manifest is none", async () => {
    await cam("changed");
    for (const flag of [
      ["--target", "2"],
      ["--upsampling", "nearest"],
      ["--preset", "unit"],
    ]) {
      await utimes(at("changed", "cat~2__grad-cam.npy"), 1, 1);
      await cam("changed", "--resume", ...flag);
      expect(await written("changed")).toBeGreaterThan(1000);
    }
    await utimes(at("changed", "cat~2__grad-cam.npy"), 1, 1);
    await writeFile(at("changed", "manifest.json"), "{");
    await cam("changed", "--resume");
    expect(await written("changed")).toBeGreaterThan(1000);
  });

  it("does not fail when all that is left cannot be read", async () => {
    await mkdir(at("half"));
    await pictureFile(at("half", "good.png"));
    await writeFile(at("half", "bad.png"), "no picture");
    const args = ["cam", model, "--images", at("half"), "--out", at("half-out"), "--json", "--resume"];
    const [first, second] = [await snellen(...args), await snellen(...args)];
    expect([first.code, second.code]).toEqual([3, 3]);
    expect(JSON.parse(second.stdout)).toEqual(JSON.parse(first.stdout));
  });
});

describe("weights in a file of their own", () => {
  it("give the same maps and gradients, small constants in them included", async () => {
    const outside = await externalFile(at("outside.onnx"), textModel(CLASSIFIER));
    const ran = await snellen(
      "cam",
      outside,
      "--images",
      at("photos"),
      "--out",
      at("outside"),
      "--preset",
      "unit",
    );
    expect(ran.code).toBe(0);
    await cam("inside", "--preset", "unit");
    for (const name of ["cat__grad-cam.npy", "cat~2__grad-cam.cells.npy"])
      expect((await readNpy(at("outside", name))).values).toEqual((await readNpy(at("inside", name))).values);
  });

  it("may hold the shapes and axes that passes look into", async () => {
    const text = `g (float[N,3,16,16] x, float[8,3,4,4] w, float[8,5] wy) => (float[N,5] y)
      <int64[3] patches = {0, 8, 16}, int64[1] tokens = {2}>
      { c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, patches) m = ReduceMean <keepdims = 0> (r, tokens) y = Gemm (m, wy) }`;
    const path = await externalFile(at("shapes.onnx"), textModel(text));
    const ran = await snellen("inspect", path, "--json");
    expect(JSON.parse(ran.stdout)).toMatchObject({ defaultLayer: "c", logits: { classes: 5 } });
  });
});

/** Writes a model with every initializer, however small, in a data file. */
async function externalFile(path: string, model: Model): Promise<string> {
  const { model: outside, pieces } = externalizeWeights(
    model,
    `${path.slice(path.lastIndexOf("/") + 1)}.data`,
    0,
  );
  await writeFile(path, Buffer.concat(modelChunks(outside)));
  await writeFile(`${path}.data`, Buffer.concat(pieces as Uint8Array[]));
  expect(serializeModel(outside).byteLength).toBeLessThan(2000);
  return path;
}
