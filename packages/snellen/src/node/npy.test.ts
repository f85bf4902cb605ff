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
    const batch = await openNpyBatch(path);
    expect([batch.count, batch.shape]).toEqual([3, [1, 2]]);
    expect(await batch.read(1)).toEqual(Float32Array.of(3, 4));
  });

  it("refuse what is missing or gets shorter", async () => {
    await expect(readNpy(join(folder, "none.npy"))).rejects.toMatchObject({ code: "image-not-found" });
    const path = join(folder, "short.npy");
    await writeNpy(path, { shape: [2, 4], values: new Float32Array(8) });
    const batch = await openNpyBatch(path);
    await truncate(path, 150);
    await expect(batch.read(1)).rejects.toMatchObject({ code: "bad-npy" });
    await writeFile(path, "text");
    await expect(openNpyBatch(path)).rejects.toThrow(`${path}: not an .npy file.`);
  });
});
