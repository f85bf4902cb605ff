// Oracles: files written here; Fashion-MNIST's first classes and sums of pixels by Python's gzip and NumPy.
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openTrainingData } from "./training-data.ts";

const root = await mkdtemp(join(tmpdir(), "snellen-data-"));
afterAll(() => rm(root, { recursive: true }));
let folders = 0;
/** A new folder of the given files. */
async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

function idx(dims: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = Buffer.alloc(4 + 4 * dims.length + values.length);
  bytes.set([0, 0, 8, dims.length]);
  for (const [axis, dim] of dims.entries()) bytes.writeUInt32BE(dim, 4 + 4 * axis);
  bytes.set(Array.from(values), 4 + 4 * dims.length);
  return bytes;
}
const images = idx(
  [3, 4, 5],
  Uint8Array.from({ length: 60 }, (_, i) => i),
);
const classes = idx([3], [2, 0, 9]);

describe("IDX folders", () => {
  it.each([
    ["as they are", { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": classes }],
    [
      "packed",
      { "train-images-idx3-ubyte.gz": gzipSync(images), "train-labels-idx1-ubyte.gz": gzipSync(classes) },
    ],
    [
      "under other names, one packed",
      { "train-images.idx3-ubyte": images, "train-labels.idx1-ubyte.gz": gzipSync(classes) },
    ],
  ])("are read %s, into shared memory", async (_, files) => {
    const pictures = await openTrainingData(`mnist:${await folderOf(files)}`);
    expect(pictures).toMatchObject({ name: "mnist", count: 3, shape: { height: 4, width: 5, channels: 1 } });
    expect([0, 1, 2].map(pictures.classOf)).toEqual([2, 0, 9]);
    expect([...(await pictures.read(2)).data.subarray(0, 4)]).toEqual([40, 40, 40, 41]);
    const { recipe } = pictures;
    expect(recipe.kind === "records" && recipe.parts[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("have test pictures under other names", async () => {
    const folder = await folderOf({ "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": classes });
    expect((await openTrainingData(`fashion-mnist:${folder}`, { split: "test" })).count).toBe(3);
    await expect(openTrainingData(`fashion-mnist:${folder}`)).rejects.toMatchObject({
      code: "dataset-not-found",
      message: expect.stringContaining("the folder holds no train-images-idx3-ubyte"),
    });
  });

  // 2^31 - 16 bytes promised by files of a few
  const huge = idx([2 ** 21, 32, 31], []);
  it.each([
    ["cut off", { "train-images-idx3-ubyte": images.subarray(0, 50) }, "it has 50 of 76 bytes"],
    ["too long", { "train-images-idx3-ubyte": Buffer.concat([images, images]) }, "is too long"],
    ["cut off, packed", { "train-images-idx3-ubyte.gz": gzipSync(images.subarray(0, 50)) }, "50 of 76"],
    [
      "too long, packed",
      { "train-images-idx3-ubyte.gz": gzipSync(Buffer.concat([images, images])) },
      "too long",
    ],
    ["packed and cut off", { "train-images-idx3-ubyte.gz": gzipSync(images).subarray(0, 40) }, "be unpacked"],
    ["packed and broken", { "train-images-idx3-ubyte.gz": Buffer.from("not packed") }, "cannot be unpacked"],
    ["empty", { "train-images-idx3-ubyte": new Uint8Array(0) }, "is no IDX file"],
    ["empty, packed", { "train-images-idx3-ubyte.gz": gzipSync(new Uint8Array(0)) }, "is no IDX file"],
    ["huge by its header", { "train-images-idx3-ubyte": huge }, "it has 16 of"],
    ["huge by its header, packed", { "train-images-idx3-ubyte.gz": gzipSync(huge) }, "packed ones"],
  ])("are refused where a file is %s", async (_, files, message) => {
    const folder = await folderOf({ ...files, "train-labels-idx1-ubyte": classes });
    const before = process.memoryUsage().rss;
    await expect(openTrainingData(`mnist:${folder}`)).rejects.toMatchObject({
      name: "UsageError",
      code: "bad-data-file",
      message: expect.stringContaining(message),
      where: expect.stringContaining("train-images"),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
  });

  it("say what to install or to give where they are not there", async () => {
    await expect(openTrainingData(`fashion-mnist:${join(root, "none")}`)).rejects.toMatchObject({
      code: "dataset-not-found",
      message: expect.stringContaining("give the folder of its files as fashion-mnist:/"),
    });
    await expect(openTrainingData("mnist")).rejects.toMatchObject({ code: "dataset-not-found" });
  });
});

describe.skipIf(!existsSync("/usr/share/datasets/fashion-mnist"))("Debian's Fashion-MNIST", () => {
  it.each([
    ["train", 60_000, [9, 0, 0, 3, 0], [76_247, 84_598, 28_662, 46_649, 61_187], 5, 16_684],
    ["test", 10_000, [9, 2, 1, 1, 6], [33_456, 100_994, 51_520, 35_377, 62_655], 5, 24_390],
  ] as const)("is what NumPy reads: %s", async (split, count, first, sums, lastClass, lastSum) => {
    const pictures = await openTrainingData("fashion-mnist", { split });
    const sumOf = async (index: number) => (await pictures.read(index)).data.reduce((a, b) => a + b, 0) / 3;
    expect(pictures).toMatchObject({ count, shape: { height: 28, width: 28, channels: 1 } });
    expect([0, 1, 2, 3, 4].map(pictures.classOf)).toEqual(first);
    expect(await Promise.all([0, 1, 2, 3, 4].map(sumOf))).toEqual(sums);
    expect([pictures.classOf(count - 1), await sumOf(count - 1)]).toEqual([lastClass, lastSum]);
    const row = (await pictures.read(0)).data
      .subarray(3 * 28 * 14, 3 * 28 * 15)
      .filter((_, i) => i % 3 === 0);
    if (split === "train") expect([...row.subarray(12, 16)]).toEqual([237, 226, 217, 223]);
    expect(Array.from({ length: count }, (_, i) => pictures.classOf(i)).filter((c) => c === 7).length).toBe(
      count / 10,
    );
  });
});

describe("CIFAR folders", () => {
  const batch = (label: number) => Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : i % 256));
  const batches = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, batch(i)]));
  it("are read, from the folder that the archive unpacks to as well", async () => {
    const inside = Object.fromEntries(
      Object.entries(batches).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes]),
    );
    for (const files of [batches, inside]) {
      const pictures = await openTrainingData(`cifar10:${await folderOf(files)}`);
      expect([0, 1, 2, 3, 4].map(pictures.classOf)).toEqual([1, 2, 3, 4, 5]);
      expect([...(await pictures.read(4)).data.subarray(0, 3)]).toEqual([1, 1, 1]);
    }
  });

  it("are refused with a batch missing, or cut off", async () => {
    const { "data_batch_3.bin": _, ...rest } = batches;
    await expect(openTrainingData(`cifar10:${await folderOf(rest)}`)).rejects.toMatchObject({
      code: "dataset-not-found",
      message: expect.stringContaining("data_batch_3.bin"),
    });
    const cut = { ...batches, "data_batch_2.bin": batch(1).subarray(1) };
    await expect(openTrainingData(`cifar10:${await folderOf(cut)}`)).rejects.toMatchObject({
      code: "bad-data-file",
      message: expect.stringContaining("data_batch_2.bin: has 3072 bytes"),
    });
    await expect(openTrainingData(`cifar100:${await folderOf({ "train.bin": "" })}`)).rejects.toMatchObject({
      message: expect.stringContaining("fine_label_names.txt"),
    });
  });
});

describe("folders of pictures", () => {
  const picture = join(import.meta.dirname, "fixtures/images/rgb.png");
  async function pictures(names: readonly string[], texts: Readonly<Record<string, string>> = {}) {
    const folder = await folderOf(texts);
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await copyFile(picture, join(folder, name));
    }
    return folder;
  }
  const namesOf = async (spec: string, options = {}) => {
    const data = await openTrainingData(spec, options);
    return Array.from({ length: data.count }, (_, i) => data.labels[data.classOf(i)]);
  };

  it("have a class for each folder, in sorted order, and decode when asked", async () => {
    const folder = await pictures(["dog/1.png", "cat/2.png", "dog/deep/3.png", "Zebra/4.png"]);
    const data = await openTrainingData(folder);
    expect(data.labels).toEqual(["Zebra", "cat", "dog"]);
    expect(await namesOf(`folder:${folder}`)).toEqual(["Zebra", "cat", "dog", "dog"]);
    expect(await data.read(3)).toMatchObject({
      width: 16,
      height: 8,
      source: join(folder, "dog/deep/3.png"),
    });
  });

  it("take the classes of a network that is trained further", async () => {
    const folder = await pictures(["dog/1.png", "cat/2.png"]);
    const data = await openTrainingData(folder, { labels: ["bird", "cat", "dog"] });
    expect([data.labels, data.classOf(0), data.classOf(1)]).toEqual([["bird", "cat", "dog"], 1, 2]);
    await expect(openTrainingData(folder, { labels: ["bird", "cat", "fox"] })).rejects.toMatchObject({
      code: "unknown-class",
    });
  });

  it("take classes from a label file, by name or by index", async () => {
    const texts = {
      "classes.csv": "file,label\na.png,fox\nb.png,ant\n",
      "classes.json": '{"a.png":2,"b.png":0}',
    };
    const folder = await pictures(["a.png", "b.png"], texts);
    expect(await namesOf(folder, { labelFile: join(folder, "classes.csv") })).toEqual(["fox", "ant"]);
    const byIndex = await openTrainingData(folder, { labelFile: join(folder, "classes.json") });
    expect([byIndex.labels, byIndex.classOf(0)]).toEqual([["0", "1", "2"], 2]);
  });

  it("take classes, and leave masks out, as our own data sets have them", async () => {
    const image = (name: string, classIndex: number) => ({
      file: `images/${name}.png`,
      class: name,
      classIndex,
      box: [0, 0, 1, 1],
      mask: `masks/${name}.png`,
    });
    const annotations = JSON.stringify({ labels: [], images: [image("red", 1), image("black", 0)] });
    const names = ["images/red.png", "images/black.png", "masks/red.png", "masks/black.png"];
    const folder = await pictures(names, { "annotations.json": annotations });
    const data = await openTrainingData(folder);
    expect([data.labels, data.count]).toEqual([["black", "red"], 2]);
    expect(await namesOf(folder)).toEqual(["black", "red"]);
  });

  it("are other pictures with another name, class or size, the same at another place", async () => {
    const versions = await Promise.all(
      [
        ["a/1.png", "b/2.png"],
        ["a/1.png", "b/2.png"],
        ["a/1.png", "b/3.png"],
        ["a/1.png", "a/0.png", "b/2.png"],
      ].map(async (names) => (await openTrainingData(await pictures(names))).version.replace(/^\d+:/, "")),
    );
    expect(versions[1]).toBe(versions[0]);
    expect(new Set(versions).size).toBe(3);
    const changed = await pictures(["a/1.png"], { "b/2.png": "another picture" });
    expect((await openTrainingData(changed)).version.replace(/^\d+:/, "")).not.toBe(versions[0]);
  });

  it("name a picture that cannot be read when it is read", async () => {
    const data = await openTrainingData(await pictures(["a/1.png"], { "b/2.jpg": "text" }));
    await expect(data.read(1)).rejects.toMatchObject({ name: "ImageError", code: "unreadable-image" });
  });

  it.each([
    ["one class", ["a/1.png", "a/2.png"], {}, "one-class"],
    ["splits for classes", ["train/1.png", "val/2.png"], {}, "split-folders"],
    ["no pictures", [], { "notes.txt": "" }, "no-images"],
    ["tensors", ["a/1.png"], { "b/2.npy": "" }, "bad-npy"],
    ["pictures without a class", ["1.png", "2.png"], { "labels.csv": "1.png,a\n" }, "unlabelled-pictures"],
    ["pictures right in it", ["1.png", "2.png"], {}, "unlabelled-pictures"],
    ["a picture beside the classes", ["1.png", "a/1.png", "b/1.png"], {}, "unlabelled-pictures"],
    ["a class index beyond reason", ["1.png"], { "labels.csv": "1.png,999999999\n" }, "label-out-of-range"],
  ])("are refused with %s", async (_, names, texts, code) => {
    await expect(openTrainingData(await pictures(names, texts))).rejects.toMatchObject({ code });
  });
});

describe("openTrainingData", () => {
  it("draws sets by their names and numbers", async () => {
    const data = await openTrainingData("optotypes:count=30,size=32,seed=5");
    expect(data).toMatchObject({ count: 30, labels: ["C", "D", "H", "K", "N", "O", "R", "S", "V", "Z"] });
    expect((await openTrainingData("micro-objects", { split: "test" })).version).toBe(
      "micro-objects:count=2000,first=1073741824,seed=0,size=64",
    );
  });

  it.each([
    ["fashon-mnist", 'Did you mean "fashion-mnist"?'],
    ["cifar:/folder", 'Did you mean "cifar10"?'],
    ["no/such/folder", "or the path of a folder of pictures"],
    ["folder:", "folder"],
  ])("does not know %s", async (spec, message) => {
    await expect(openTrainingData(spec)).rejects.toMatchObject({
      name: "UsageError",
      code: "unknown-dataset",
      message: expect.stringContaining(message),
    });
  });
});
