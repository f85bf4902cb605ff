// Oracles: `preprocess`, which is tested against torchvision; equality whatever the order and the batches.
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { noisePicture } from "../corruptions/test-support/pictures.ts";
import type { Image } from "../images/image.ts";
import { createBatch, preprocess } from "../images/preprocess.ts";
import { createPreprocessSpec, type PreprocessOptions } from "../images/preprocess-spec.ts";
import { randomStream } from "../random.ts";
import { parseAugmentation } from "./augmentation/index.ts";
import type { LabelledPictures } from "./batch.ts";
import { createBatchMaker } from "./batch-maker.ts";
import { roomForPictures } from "./kept-pictures.ts";

const images = Array.from(
  { length: 9 },
  (_, i): Image => ({ ...noisePicture(20 + i, 24, i), source: `p${i}` }),
);

/** Pictures of which some cannot be read; counts what was read. */
function picturesOf(unreadable: readonly number[] = []) {
  const reads: number[] = [];
  const pictures: LabelledPictures = {
    name: "noise",
    labels: ["a", "b", "c"],
    count: images.length,
    version: "1",
    classOf: (index) => index % 3,
    async read(index) {
      reads.push(index);
      if (unreadable.includes(index))
        throw new ImageError("unreadable-image", "cannot be decoded.", { where: `p${index}` });
      return images[index]!;
    },
  };
  return { pictures, reads };
}

const SPECS: readonly (PreprocessOptions & { name: string })[] = [
  { name: "RGB", size: [16, 18] },
  { name: "BGR, NHWC", size: [16, 18], channels: "BGR", layout: "NHWC" },
  { name: "grey", size: [16, 18], channels: "gray", mean: [0.3], std: [0.2], range: "0..1" },
  { name: "padded", size: [30, 18], resize: "pad", padColor: [1, 2, 3] },
];

function expected(spec: ReturnType<typeof createPreprocessSpec>, indices: readonly number[]): Float32Array {
  const { values } = createBatch(spec, indices.length);
  for (const [place, index] of indices.entries()) preprocess(images[index]!, spec, values, place);
  return values as Float32Array;
}

describe.each(SPECS)("batches of $name", ({ name: _, ...options }) => {
  const spec = createPreprocessSpec(options);
  it("hold what preprocessing makes, first and again, kept or not", async () => {
    const { pictures, reads } = picturesOf();
    const indices = [4, 0, 8, 4];
    for (const kept of [undefined, null]) {
      const maker = createBatchMaker(pictures, { spec, ...(kept === null ? { kept } : {}) });
      for (let time = 0; time < 2; time++) {
        const { values, dims, classes, skipped } = await maker.batch(indices, time);
        expect(values).toEqual(expected(spec, indices));
        expect(dims.reduce((a, b) => a * b)).toBe(values.length);
        expect([[...classes], skipped]).toEqual([[1, 0, 2, 1], []]);
      }
      expect(reads.splice(0).sort()).toEqual(kept === null ? [0, 0, 4, 4, 4, 4, 8, 8] : [0, 4, 4, 8]);
    }
  });

  it("are augmented by seed, epoch and index alone", async () => {
    const { pictures } = picturesOf();
    const augmentation = parseAugmentation("crop=3,flip,rand-augment=1:9");
    const slot = expected(spec, [0]).length;
    const make = async (indices: readonly number[], epoch: number | undefined, seed = 1) => {
      const { values } = await createBatchMaker(pictures, { spec, augmentation, seed }).batch(indices, epoch);
      return indices.map((_, i) => values.slice(i * slot, (i + 1) * slot));
    };
    const forwards = await make([0, 1, 2, 3, 4, 5, 6, 7, 8], 2);
    const backwards = [...(await make([8, 7, 6, 5], 2)), ...(await make([4, 3, 2, 1, 0], 2))];
    expect(backwards.reverse()).toEqual(forwards);
    expect(await make([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).not.toEqual(forwards);
    expect(await make([0, 1, 2, 3, 4, 5, 6, 7, 8], 2, 2)).not.toEqual(forwards);
    expect(await make([3], undefined)).toEqual([expected(spec, [3])]);
  });
});

describe("batches", () => {
  const spec = createPreprocessSpec({ size: [16, 18] });

  it("hold the augmented picture as the network would take it", async () => {
    const { pictures } = picturesOf();
    const plain = createPreprocessSpec({ size: [24, 20], resize: "squash" });
    const { values } = await createBatchMaker(pictures, {
      spec: plain,
      augmentation: parseAugmentation("crop=2,invert=1"),
      seed: 7,
    }).batch([0], 4);
    const seen = parseAugmentation("crop=2,invert=1").apply(images[0]!, randomStream(6, 7, 4, 0));
    const { values: wanted } = createBatch(plain, 1);
    preprocess({ ...images[0]!, data: seen.data }, plain, wanted, 0);
    expect(values).toEqual(wanted);
  });

  it("repeat readable pictures in the places of unreadable ones, and name those once", async () => {
    const { pictures } = picturesOf([2, 3, 8]);
    const maker = createBatchMaker(pictures, { spec });
    for (let time = 0; time < 2; time++) {
      const { values, classes, skipped } = await maker.batch([2, 3, 1, 2, 4, 8], 0);
      expect(values).toEqual(expected(spec, [1, 1, 1, 4, 4, 1]));
      expect([...classes]).toEqual([1, 1, 1, 1, 1, 1]);
      expect(skipped).toEqual([2, 3, 8].map((i) => ({ source: `p${i}`, reason: "cannot be decoded." })));
    }
    await expect(maker.batch([2, 8], 0)).rejects.toMatchObject({
      name: "ImageError",
      code: "no-readable-image",
      message: expect.stringContaining("p2: cannot be decoded."),
    });
  });

  it("forgive no other error", async () => {
    const { pictures } = picturesOf();
    const read = async (index: number) => {
      if (index === 3) throw new TypeError("a fault of ours");
      return pictures.read(index);
    };
    await expect(createBatchMaker({ ...pictures, read }, { spec }).batch([1, 3], 0)).rejects.toThrow(
      TypeError,
    );
  });

  it("read few large pictures at a time", async () => {
    let open = 0;
    let most = 0;
    const read = async (index: number) => {
      most = Math.max(most, ++open);
      await new Promise((done) => setTimeout(done, 1));
      open--;
      return images[index]!;
    };
    await createBatchMaker({ ...picturesOf().pictures, read }, { spec }).batch([...images.keys()], 0);
    expect([most, open]).toEqual([4, 0]);
  });

  it("stop when aborted", async () => {
    const abort = new AbortController();
    const { pictures, reads } = picturesOf();
    const read = async (index: number) => {
      if (reads.length === 5) abort.abort(new Error("enough"));
      return pictures.read(index);
    };
    const maker = createBatchMaker({ ...pictures, read }, { spec });
    await expect(maker.batch([0, 1, 2, 3, 4, 5, 6, 7, 8], 0, abort.signal)).rejects.toThrow("enough");
    expect(reads.length).toBeLessThan(9);
    await expect(maker.batch([0], 0, abort.signal)).rejects.toThrow("enough");
  });

  it.each([[[]], [[9]], [[-1]], [[0.5]]])("refuse the indices %j", async (indices) => {
    await expect(createBatchMaker(picturesOf().pictures, { spec }).batch(indices, 0)).rejects.toMatchObject({
      code: "bad-batch",
    });
  });

  it("refuse a network that takes no float32", () => {
    const dtype = () => createBatchMaker(picturesOf().pictures, { spec: { ...spec, dtype: "float16" } });
    expect(dtype).toThrow(expect.objectContaining({ name: "UsageError", code: "training-dtype" }));
  });
});

describe("roomForPictures", () => {
  it("is there for at most 1 GiB, and where memory is", () => {
    const spec = createPreprocessSpec({ size: [32, 32], channels: "gray" });
    const asked: number[] = [];
    const allocate = (bytes: number) => {
      asked.push(bytes);
      return new ArrayBuffer(0);
    };
    expect(roomForPictures(2 ** 20, spec, allocate)).toBeDefined();
    expect(asked).toEqual([2 ** 30, 2 ** 22]);
    expect(roomForPictures(2 ** 20 + 1, spec, allocate)).toBeUndefined();
    expect(asked.length).toBe(2);
    const full = () => {
      throw new RangeError("Array buffer allocation failed");
    };
    expect(roomForPictures(1, spec, full)).toBeUndefined();
  });
});
