// Oracle: masks of known pixels, written by sharp.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { readMask } from "./masks.ts";

const folder = await mkdtemp(join(tmpdir(), "snellen-masks-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("readMask", () => {
  it("gives a grey's own value", async () => {
    const path = join(folder, "grey.png");
    const raw = { width: 3, height: 1, channels: 1 } as const;
    await sharp(Uint8Array.of(0, 2, 255), { raw })
      .png()
      .toFile(path);
    expect(await readMask(path)).toEqual({
      width: 3,
      height: 1,
      isPalette: false,
      data: Uint8Array.of(0, 2, 255),
    });
  });

  it("tells of a palette, of whose colours it gives the first part that is not 0", async () => {
    const path = join(folder, "palette.png");
    const raw = { width: 3, height: 1, channels: 3 } as const;
    await sharp(Uint8Array.of(0, 0, 0, 0, 128, 0, 128, 0, 0), { raw })
      .png({ palette: true })
      .toFile(path);
    const { isPalette, data } = await readMask(path);
    expect(isPalette).toBe(true);
    expect([...data].map((v) => v > 0)).toEqual([false, true, true]);
  });

  it("names a file that is none", async () => {
    await expect(readMask(join(folder, "gone.png"))).rejects.toMatchObject({ code: "image-not-found" });
  });
});
