// Oracle: the folders that the tests make; decoding itself is tested in images-decode.test.ts.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ImageInput } from "../images/image.ts";
import type { SkippedImage } from "../images/stream.ts";
import { openImages, type ReadImagesOptions, readImages } from "./images.ts";
import type { LabelOptions } from "./images-labels.ts";
import { listImages } from "./images-list.ts";
import { writeNpy } from "./npy.ts";

const picture = join(import.meta.dirname, "fixtures/images/rgb.png");
const root = await mkdtemp(join(tmpdir(), "snellen-images-"));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});
afterAll(() => rm(root, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(picture, join(folder, name));
  }
}
const text = (name: string, content: string) => writeFile(join(folder, name), content);
const namesOf = async (...inputs: string[]) =>
  (await listImages(inputs.map((input) => join(folder, input)))).map(({ path }) =>
    path.slice(folder.length + 1),
  );

async function read(inputs: string, options?: ReadImagesOptions): Promise<ImageInput[]> {
  const images = [];
  for await (const image of readImages(join(folder, inputs), options)) images.push(image);
  return images;
}

describe("listImages", () => {
  it("searches folders to the bottom, in code unit order, without other files", async () => {
    await put("b/1.JPG", "b/10.png", "b/2.png", "B/x.webp", "a.avif", ".hidden.png", "._a.jpg");
    await text("notes.txt", "");
    expect(await namesOf("")).toEqual(["B/x.webp", "a.avif", "b/1.JPG", "b/10.png", "b/2.png"]);
  });

  it("keeps the order of inputs and takes a file once", async () => {
    await put("b.png", "a.png", "sub/c.png");
    expect(await namesOf("b.png", "", "sub")).toEqual(["b.png", "a.png", "sub/c.png"]);
  });

  it("understands globs, and files that look like them", async () => {
    await put("x[1].png", "day (1)/1.png", "day (1)/2.jpg", "day (2)/3.png");
    await text("day (1)/notes.txt", "");
    expect(await namesOf("x[1].png")).toEqual(["x[1].png"]);
    expect(await namesOf("day (1)/*")).toEqual(["day (1)/1.png", "day (1)/2.jpg"]);
    expect(await namesOf("**/*.png")).toEqual(["day (1)/1.png", "day (2)/3.png", "x[1].png"]);
  });

  it.each([
    ["an empty folder", "", "no-images", "the folder holds no images."],
    ["a missing file", "none.png", "image-not-found", "there is no such file or folder."],
    ["a glob without a match", "*.png", "no-images", "the pattern matches no images."],
  ])("refuses %s", async (_, input, code, message) => {
    const path = input === "" ? folder : join(folder, input);
    await expect(listImages(path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${path}: ${message}`),
    });
  });

  it("refuses to read nothing", async () => {
    await expect(listImages([])).rejects.toMatchObject({ code: "no-images" });
  });
});

describe("readImages", () => {
  it("skips, reports and goes on where a picture is unreadable", async () => {
    await put("a.png", "c.png");
    await text("b.jpg", "not a picture");
    const skipped: SkippedImage[] = [];
    const images = await read("", { onSkip: (image) => skipped.push(image) });
    expect(images.map(({ source }) => source)).toEqual([join(folder, "a.png"), join(folder, "c.png")]);
    expect(skipped.map(({ source, error }) => [source, error.code])).toEqual([
      [join(folder, "b.jpg"), "unreadable-image"],
    ]);
    await expect(read("")).rejects.toMatchObject({ code: "unreadable-image" });
  });

  it("refuses a folder of nothing but unreadable pictures", async () => {
    await text("a.png", "x");
    await text("b.png", "y");
    await expect(read("", { onSkip: () => undefined })).rejects.toMatchObject({ code: "no-readable-image" });
  });

  it("reads .npy batches as so many preprocessed images, beside pictures", async () => {
    await put("b.png");
    await writeNpy(join(folder, "a.npy"), { shape: [2, 1, 1, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const images = await read("");
    expect(images.map(({ source }) => source.slice(folder.length + 1))).toEqual([
      "a.npy[0]",
      "a.npy[1]",
      "b.png",
    ]);
    expect(images[1]).toMatchObject({ shape: [1, 1, 3], values: Float32Array.of(4, 5, 6) });
  });

  it("stops at the limit, and can be read again", async () => {
    await put("a.png", "b.png", "c.png");
    const images = await openImages(folder, { limit: 2 });
    for (let time = 0; time < 2; time++) {
      let count = 0;
      for await (const image of images.read()) count += image.source.endsWith(".png") ? 1 : 0;
      expect(count).toBe(2);
    }
    await expect(openImages(folder, { limit: 0 })).rejects.toMatchObject({ code: "bad-limit" });
  });
});

describe("a folder of outputs", () => {
  const except = () => join(folder, "out");
  const found = async (...inputs: string[]) => {
    const { entries, leftOut, labelsFrom } = await openImages(
      inputs.map((input) => join(folder, input)),
      { except: except(), labels: ["cat", "dog"] },
    );
    return { names: entries.map(({ source }) => source.slice(folder.length + 1)), leftOut, labelsFrom };
  };

  it("is left out by a search, and is no class", async () => {
    await put("cat/1.png", "dog/2.png", "out/1__map.png", "out/sheets/1.png");
    const names = ["cat/1.png", "dog/2.png"];
    expect(await found("")).toEqual({ names, leftOut: 2, labelsFrom: "folder" });
    expect(await found("**/*.png")).toEqual({ names, leftOut: 2, labelsFrom: "folder" });
  });

  it("may hold pictures that are named, alone or by their own folder", async () => {
    await put("a.png", "out/b.png", "out/photos/c.png");
    expect(await found("", "out/b.png")).toMatchObject({ names: ["a.png", "out/b.png"], leftOut: 1 });
    expect(await found("out/photos")).toMatchObject({ names: ["out/photos/c.png"], leftOut: 0 });
    await expect(openImages(except(), { except: except() })).rejects.toMatchObject({
      code: "output-among-images",
    });
  });
});

describe("labels of images", () => {
  const labels = ["cat", "dog", "giant panda"];
  const found = async (options: LabelOptions, input = "") => {
    const { entries, labelsFrom } = await openImages(join(folder, input), options);
    const named = entries.map(({ source, label }) => [
      source.slice(folder.length + 1),
      label.classIndex,
      label.className,
    ]);
    return { named, labelsFrom: labelsFrom.replace(`${folder}/`, "") };
  };

  it("come from folder names that are classes", async () => {
    await put("dog/deep/2.png", "cat/1.png");
    const expected = {
      named: [
        ["cat/1.png", 0, "cat"],
        ["dog/deep/2.png", 1, "dog"],
      ],
      labelsFrom: "folder",
    };
    expect(await found({ labels })).toEqual(expected);
    expect(await found({ classCount: 2 })).toEqual(expected);
    expect((await found({ labels: ["a", "b", "c"] })).labelsFrom).toBe("none");
    await expect(found({ labels: ["a", "b", "c"], labelsFrom: "folder" })).rejects.toMatchObject({
      code: "unknown-class",
    });
  });

  it("come from a label file, named or found, however it names the files", async () => {
    await put("photos/1.png", "photos/2.png", "photos/3.png");
    await text("labels.csv", "file,label\nphotos/1.png,dog\nphotos/2.png,2\n");
    await text("photos/labels.json", '{"1.png": "cat"}');
    expect(await found({ labels, labelFile: join(folder, "labels.csv") }, "photos")).toEqual({
      named: [
        ["photos/1.png", 1, "dog"],
        ["photos/2.png", 2, "giant panda"],
        ["photos/3.png", undefined, undefined],
      ],
      labelsFrom: "labels.csv",
    });
    expect((await found({ labels }, "photos")).named[0]).toEqual(["photos/1.png", 0, "cat"]);
    expect((await found({ labels, labelsFrom: "none" }, "photos")).labelsFrom).toBe("none");
  });

  it("come with box and mask from annotations.json, and masks are not taken for images", async () => {
    await put("images/C/0.png", "masks/C/0.png");
    const image = {
      file: "images/C/0.png",
      class: "dog",
      classIndex: 7,
      box: [1, 2, 3, 4],
      mask: "masks/C/0.png",
    };
    await text("annotations.json", JSON.stringify({ labels: [], images: [image] }));
    const { entries } = await openImages(folder, { labels });
    expect(entries.map(({ label }) => label)).toEqual([
      { className: "dog", classIndex: 1, box: [1, 2, 3, 4], maskFile: join(folder, "masks/C/0.png") },
    ]);
    expect((await found({ classCount: 3 }, "images")).named).toEqual([["images/C/0.png", undefined, "dog"]]);
  });

  it("come from numbers in file names when most names agree, or when asked", async () => {
    await put("002_giant_panda.png", "001_dog.png", "000_tabby.png");
    const named = [
      ["000_tabby.png", 0, "tabby"],
      ["001_dog.png", 1, "dog"],
      ["002_giant_panda.png", 2, "giant panda"],
    ];
    expect(await found({ labels })).toEqual({ named, labelsFrom: "filename" });
    expect((await found({ labels: ["background", ...labels] })).labelsFrom).toBe("none");
    expect(await found({ labelsFrom: "filename" })).toEqual({ named, labelsFrom: "filename" });
  });

  it.each<[string, LabelOptions, string]>([
    ["names that are no class", { labelFile: "names.csv", labels }, "unknown-class"],
    ["indices beyond the classes", { labelFile: "indices.csv", labels }, "label-out-of-range"],
    ["a file about other images", { labelFile: "others.csv" }, "bad-label-file"],
    ["a file of another kind", { labelFile: "kind.json" }, "bad-label-file"],
    ["a file that is not there", { labelFile: "none.csv" }, "bad-label-file"],
    ["no label file to be found", { labelsFrom: "file" }, "no-labels"],
    ["file names without numbers", { labelsFrom: "filename" }, "no-labels"],
  ])("are refused when asked for: %s", async (_, options, code) => {
    await put("a.png");
    await text("names.csv", "a.png,wolf");
    await text("indices.csv", "a.png,3");
    await text("others.csv", "b.png,1");
    await text("kind.json", '["cat"]');
    const { labelFile } = options;
    const full = labelFile === undefined ? options : { ...options, labelFile: join(folder, labelFile) };
    await expect(found(full)).rejects.toMatchObject({ name: "UsageError", code });
  });
});
