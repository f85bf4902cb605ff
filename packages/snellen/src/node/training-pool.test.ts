// Oracle: batches made on the calling thread, which `batch-maker.test.ts` checks; they must be equal to the bit.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createPreprocessSpec } from "../images/preprocess-spec.ts";
import { parseAugmentation } from "../train/augmentation/index.ts";
import type { Batch, BatchSource, LabelledPictures } from "../train/batch.ts";
import { batchesOf } from "../train/batches.ts";
import { openTrainingData } from "./training-data.ts";
import { createTrainingPool } from "./training-pool.ts";

const root = await mkdtemp(join(tmpdir(), "snellen-pool-"));
afterAll(() => rm(root, { recursive: true }));
const spec = createPreprocessSpec({ size: [32, 32] });
const augmentation = parseAugmentation("crop=4,flip,invert");

async function epochs(source: BatchSource): Promise<Batch[]> {
  const made: Batch[] = [];
  const order = [5, 0, 3, 9, 11, 2, 7, 1, 4, 6];
  for (const epoch of [0, 1, undefined])
    for await (const batch of batchesOf(source, order, { size: 3, epoch })) made.push(batch);
  return made;
}

describe("createTrainingPool", () => {
  it("makes the same batches on any number of threads", async () => {
    const pictures = await openTrainingData("micro-objects:count=12,size=40");
    const all: Batch[][] = [];
    for (const threads of [0, 2]) {
      await using pool = createTrainingPool(pictures, { spec, augmentation, seed: 3, threads });
      expect(pool.width).toBe(Math.max(1, threads));
      all.push(await epochs(pool));
    }
    expect(all[0]!.length).toBe(12);
    expect(all[1]).toEqual(all[0]);
  });

  it("reads files in its threads, repeats readable ones and names the others", async () => {
    const png = await readFile(join(import.meta.dirname, "fixtures/images/rgb.png"));
    for (const name of ["a", "b"]) await mkdir(join(root, name));
    await writeFile(join(root, "a/1.png"), png);
    await writeFile(join(root, "b/2.png"), "text");
    await writeFile(join(root, "b/3.png"), png);
    await writeFile(join(root, "b/4.png"), "text");
    const pictures = await openTrainingData(root);
    await using here = createTrainingPool(pictures, { spec, threads: 0 });
    await using pool = createTrainingPool(pictures, { spec, threads: 1 });
    const batch = await pool.batch([1, 0, 2, 3], 0);
    expect(batch).toEqual(await here.batch([1, 0, 2, 3], 0));
    expect(batch.skipped.map(({ source }) => source)).toEqual([join(root, "b/2.png"), join(root, "b/4.png")]);
    const failed = pool.batch([1, 3], 0);
    await expect(failed).rejects.toMatchObject({
      name: "ImageError",
      code: "no-readable-image",
      message: expect.stringContaining("b/2.png"),
    });
    await expect(pool.batch([4], 0)).rejects.toMatchObject({ name: "UsageError", code: "bad-batch" });
    // and goes on
    expect((await pool.batch([2], 0)).classes).toEqual(Int32Array.of(1));
  });

  it("ends with the signal's reason, and may go on", async () => {
    const pictures = await openTrainingData("optotypes:count=50,size=96");
    await using pool = createTrainingPool(pictures, { spec, threads: 1 });
    await pool.batch([0], 0);
    const abort = new AbortController();
    const waiting = [1, 2].map((i) =>
      pool.batch(
        [...Array(40).keys()].map((k) => k + i),
        0,
        abort.signal,
      ),
    );
    setTimeout(() => abort.abort(new Error("enough")), 5);
    for (const batch of waiting) await expect(batch).rejects.toThrow("enough");
    await expect(pool.batch([0], 0, abort.signal)).rejects.toThrow("enough");
    expect((await pool.batch([1], 0)).dims).toEqual([1, 3, 32, 32]);
  });

  it("reads a caller's own pictures on the calling thread", async () => {
    const own: LabelledPictures = {
      name: "own",
      labels: ["a", "b"],
      count: 2,
      version: "1",
      classOf: (index) => index,
      read: async () => ({ width: 32, height: 32, data: new Uint8Array(3072), source: "own" }),
    };
    await using pool = createTrainingPool(own, { spec, threads: 2 });
    expect(pool.width).toBe(1);
    expect((await pool.batch([1, 0], 0)).classes).toEqual(Int32Array.of(1, 0));
  });

  it("refuses what no thread could train, before any starts", async () => {
    const pictures = await openTrainingData("optotypes:count=10");
    expect(() => createTrainingPool(pictures, { spec: { ...spec, dtype: "uint8" } })).toThrow(
      expect.objectContaining({ name: "UsageError", code: "training-dtype" }),
    );
  });
});
