// Oracle: the values written.
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNpyBatch, readNpy, writeNpy } from "./npy.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snellen-npy-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("npy files", () => {
  it("come back whole and slot by slot", async () => {
    const path = join(folder, "batch.npy");
    const array = { shape: [3, 1, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    await writeNpy(path, array);
    expect(await readNpy(path)).toEqual(array);
    const batch = await openNpyBatch(path, 2);
    expect([batch.count, batch.shape]).toEqual([3, [1, 2]]);
    expect(await batch.read(1)).toEqual(Float32Array.of(3, 4));
    const single = await openNpyBatch(path, 3);
    expect([single.count, single.shape, await single.read(0)]).toEqual([1, [3, 1, 2], array.values]);
    await expect(openNpyBatch(path, 4)).rejects.toThrow(
      `${path}: has shape [3, 1, 2], expected 5 dimensions.`,
    );
  });

  it("refuse what is missing or gets shorter", async () => {
    await expect(readNpy(join(folder, "none.npy"))).rejects.toMatchObject({ code: "image-not-found" });
    const path = join(folder, "short.npy");
    await writeNpy(path, { shape: [2, 4], values: new Float32Array(8) });
    const batch = await openNpyBatch(path, 1);
    await truncate(path, 150);
    await expect(batch.read(1)).rejects.toMatchObject({ code: "bad-npy" });
    await writeFile(path, "text");
    await expect(openNpyBatch(path, 2)).rejects.toThrow(`${path}: not an .npy file.`);
  });
});
