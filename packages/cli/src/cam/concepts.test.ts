// snellen concepts as people use it: what it writes and prints, and what it refuses. Oracles: the library's own concepts of the
// same pictures, and their layer's features, which maps and vectors must give back.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { concepts } from "snellen";
import { decodeImage, openImages, openModel, readNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";
import type { ConceptReport } from "./write-concepts.ts";

const at = await temporaryFolder();
const model = at("model.onnx");

beforeAll(async () => {
  await modelFile(model, CLASSIFIER);
  await writeFile(at("names.txt"), "tabby\nterrier\ncoffee\ncrane\nlemon\n");
  for (const [i, name] of ["a/cat.png", "b/cat.png", "b/concepts.png"].entries())
    await pictureFile(at("photos", name), i + 1);
});

async function run(out: string, ...flags: string[]): Promise<ConceptReport> {
  const args = ["--images", at("photos"), "--out", at(out), "--json", "--quiet", ...flags];
  const { code, stdout, stderr } = await snellen("concepts", model, ...args);
  expect([code, stderr]).toEqual([0, ""]);
  const report = JSON.parse(stdout);
  expect(JSON.parse(await readFile(at(out, "concepts.json"), "utf8"))).toEqual(report);
  return report;
}

describe("the files", () => {
  it("hold the library's concepts", async () => {
    const flags = [
      "--components",
      "3",
      "--seed",
      "2",
      "--upsampling",
      "nearest",
      "--labels",
      at("names.txt"),
    ];
    const report = await run("plain", ...flags);
    const stems = ["cat__concepts", "cat~2__concepts", "concepts__concepts"];
    const names = stems.flatMap((stem) => [`${stem}.png`, `${stem}.npy`]);
    expect((await readdir(at("plain"))).sort()).toEqual([...names, "concepts.json", "vectors.npy"].sort());
    expect(report.images.map(({ files }) => files.maps)).toEqual(stems.map((stem) => `${stem}.npy`));
    expect(report).toMatchObject({
      layer: "f",
      components: 3,
      upsampling: "nearest",
      seed: 2,
      whyNoClasses: null,
      skipped: [],
    });

    await using opened = await openModel(model, { labelsFile: at("names.txt") });
    const found = await concepts(opened, (await openImages(at("photos"))).read(), { components: 3, seed: 2 });
    expect([report.error, report.negativeShare]).toEqual([found.error, 0]);
    const vectors = await readNpy(at("plain", report.vectors));
    expect(vectors.shape).toEqual([3, 8]);
    for (const [c, { vector, share, classes }] of found.concepts.entries()) {
      expect(vectors.values.slice(8 * c, 8 * c + 8)).toEqual(vector);
      expect(report.concepts[c]).toEqual({
        share,
        classes: classes.map(({ classIndex, className, score }) => ({
          index: classIndex,
          name: className,
          score,
        })),
      });
    }
    for (const [n, { files, means }] of report.images.entries()) {
      const maps = await readNpy(at("plain", files.maps));
      expect(maps.shape).toEqual([3, 16, 16]);
      for (const [c, { values }] of (found.images[n]?.cells ?? []).entries()) {
        expect(means[c]).toBeCloseTo(values.reduce((a, v) => a + v, 0) / 196, 5);
        // corners of the map are those of the cells
        expect(maps.values[256 * c]).toBe(values[0]);
        expect(maps.values[256 * c + 255]).toBe(values[195]);
      }
      const picture = await decodeImage(at("plain", files.picture), "picture");
      expect(picture.height).toBeGreaterThan(16);
    }
  });

  it("do not depend on the batch, and are the same for the same seed", async () => {
    const [one, all] = [
      await run("one", "--batch", "1", "--components", "2"),
      await run("all", "--components", "2"),
    ];
    const again = await run("again", "--components", "2");
    expect(again).toEqual(all);
    const [a, b] = [await readNpy(at("one", one.vectors)), await readNpy(at("all", all.vectors))];
    for (const [i, v] of a.values.entries()) expect(b.values[i]).toBeCloseTo(v, 3);
  });

  it("leave out images that cannot be read, and count them", async () => {
    await pictureFile(at("mixed", "good.png"));
    await writeFile(at("mixed", "bad.jpg"), "no picture");
    const args = ["--images", at("mixed"), "--out", at("mixed-out"), "--components", "2", "--preset", "unit"];
    const ran = await snellen("concepts", model, ...args);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(
      /^warning: skipped .*bad\.jpg: cannot be decoded.*\none image: the concepts are parts of it/,
    );
    expect(ran.stdout).toMatch(/2 concepts of layer f in 1 image, 1 skipped, error 0\.\d+: /);
    const report = JSON.parse(await readFile(at("mixed-out", "concepts.json"), "utf8"));
    expect(report.skipped).toEqual([
      { image: at("mixed", "bad.jpg"), reason: expect.stringContaining("bad.jpg") },
    ]);
  });

  it("say what a layer with signs loses, and why it has no classes", async () => {
    const args = ["--images", at("photos"), "--out", at("signs"), "--layer", "c", "--preset", "unit"];
    const ran = await snellen("concepts", model, ...args);
    expect(ran.stderr).toMatch(
      /warning: \d+ % of the squared features of "c" lies below zero and was left out/,
    );
    expect(ran.stderr).toContain('no classes are named: Relu "" stands between the layer and the scores.');
    expect(ran.stdout).toMatch(/^1 {2}\d+ % of the features$/m);
  });
});

describe("mistakes", () => {
  const images = ["--images", at("photos"), "--out", at("wrong")];

  it.each([
    [["--components", "0"], "bad-components", "--components: expected a whole number of at least 1"],
    [
      ["--components", "9"],
      "bad-components",
      "--components: expected 1 to 8, got 9: the layer has 8 channels.",
    ],
    [
      ["--components", "17"],
      "too-many-concepts",
      "--components: 17 concepts cannot be told apart by colour.",
    ],
    [["--layer", "g"], "unknown-layer", '--layer: no feature layer "g".'],
    [["--upsampling", "cubic"], "unknown-upsampling", '--upsampling: no upsampling "cubic".'],
    [["--sigma", "0"], "bad-sigma", "--sigma: expected stride, a number above 0, pixels or erf"],
    [["--opacity", "2"], "bad-opacity", "--opacity: expected a number from 0 to 1"],
  ])("%j: %s", async (flags, code, message) => {
    expect(await failure("concepts", model, ...images, "--preset", "unit", ...flags)).toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it("are told of images and folders too", async () => {
    expect(await failure("concepts", model)).toMatchObject({ code: "missing-flag" });
    await writeFile(at("junk.jpg"), "no picture");
    expect(await failure("concepts", model, "--images", at("junk.jpg"), "--out", at("junk"))).toMatchObject({
      code: "no-readable-image",
    });
    expect(await failure("concepts", model, "--images", at("photos"), "--out", model)).toMatchObject({
      code: "output-not-writable",
    });
  });
});
