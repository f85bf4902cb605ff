// snellen deadpixels: a network whose dead pixels are known by construction, labels that are missing, and refusals.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { failure, modelFile, pictureFile, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
const [photos, model] = [at("photos"), at("sparse.onnx")];

/** Stride 2 with a kernel of 1: three of four pixels are read by nothing. */
const SPARSE = `g (float[N,3,16,16] x, float[8,3,1,1] w, float[8,8,3,3] v, float[8,5] wy) => (float[N,5] y)
  { c = Conv <strides = [2,2]> (x, w) d = Sigmoid (c) f = Conv <pads = [1,1,1,1]> (d, v) s = Sigmoid (f)
    p = GlobalAveragePool (s) r = Flatten (p) y = Gemm (r, wy) }`;

beforeAll(async () => {
  for (const seed of [1, 2, 3, 4]) await pictureFile(join(photos, `${seed}.png`), seed, 16, 16);
  await modelFile(model, SPARSE);
});

const test = async (out: string, ...flags: string[]) => {
  const args = ["deadpixels", model, "--images", photos, "--out", at(out), "--json", "--perturb", "16"];
  const ran = await snellen(...args, ...flags);
  return { ...ran, json: JSON.parse(ran.stdout) };
};

describe("a network that reads one pixel of four", () => {
  it("has exactly that phase map", async () => {
    const { code, json, stderr } = await test("sparse");
    expect(code).toBe(0);
    expect(stderr).toContain(
      "4 of 4 images have no label that the model knows: R is of their predicted class",
    );
    const [phases] = json.phaseMaps;
    expect(phases).toMatchObject({
      stride: [2, 2],
      weak: [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    });
    // the only phase that lives holds all of R: four times its mean
    expect(phases.means).toEqual([
      [expect.closeTo(4, 10), 0],
      [0, 0],
    ]);
    // and some that lives has a negative gradient in all images
    expect(json.weak.deadShare).toBeGreaterThanOrEqual(0.75);
    expect(json.peaks.map(({ frequency }: { frequency: number }) => frequency)).toContain(0.5);
    expect(json.offenders).toMatchObject([
      { kind: "odd-kernel", kernel: [1, 1], stride: [2, 2], fixable: "kernel-padding" },
    ]);
    expect((await readdir(at("sparse"))).sort()).toEqual([
      "convergence.svg",
      "erf.json",
      "erf.npy",
      "erf.png",
      "perturbation.svg",
    ]);
    expect(JSON.parse(await readFile(at("sparse", "erf.json"), "utf8"))).toEqual(json);
    const { values } = await readNpy(at("sparse", "erf.npy"));
    values.forEach((v, i) => {
      if (Math.floor(i / 16) % 2 === 1 || i % 2 === 1) expect(v).toBe(0);
    });
  });

  it("changes by perturbing where R says so, and nowhere else", async () => {
    const { json } = await test("perturbed", "--perturb", "256", "--perturb-images", "4");
    const { pixels } = json.perturbation as { pixels: { row: number; column: number; change: number }[] };
    expect(pixels).toHaveLength(256);
    for (const { row, column, change } of pixels) expect(change > 0).toBe(row % 2 === 0 && column % 2 === 0);
  });

  it("tells people the layer and the command that mends it", async () => {
    const { stdout } = await snellen(
      "deadpixels",
      model,
      "--images",
      photos,
      "--out",
      at("text"),
      "--perturb",
      "0",
    );
    expect(stdout).toMatch(/R is zero in (7[5-9]|8\d)\.\d %/);
    expect(stdout).toContain(`snellen fix kernel-padding ${model} -o fixed.onnx`);
    expect(stdout).not.toContain("perturbed");
  });
});

describe("the class whose score it is", () => {
  it("is the label where it is known", async () => {
    await writeFile(at("labels.csv"), "1.png,0\n2.png,1\n3.png,2\n4.png,3");
    const { json, stderr } = await test("labelled", "--image-labels", at("labels.csv"));
    expect(json).toMatchObject({ labelled: 4, target: "label or top1" });
    expect(stderr).not.toContain("no label");
    const fixed = await test("fixed", "--target", "2");
    expect(fixed.json.target).toBe("2");
    expect(fixed.json.L1).not.toBe(json.L1);
  });

  it("has to be one class, and one that images have", async () => {
    const refused = (...flags: string[]) =>
      failure("deadpixels", model, "--images", photos, "--out", at("no"), ...flags);
    expect(await refused("--target", "1 vs 2")).toMatchObject({ code: "no-class-target", exitCode: 2 });
    expect(await refused("--target", "top3")).toMatchObject({ code: "no-class-target" });
    expect(await refused("--target", "9")).toMatchObject({ code: "target-out-of-range" });
    expect(await refused("--target", "label")).toMatchObject({ code: "no-label" });
    expect(await refused("--perturb", "-1")).toMatchObject({ code: "bad-perturb" });
  });
});
