// Oracle: Pillow 13's reading of the same files (fixtures by tools/reference/image_files.py), transparent parts over white.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeImage } from "./images-decode.ts";

const folder = join(import.meta.dirname, "fixtures/images");
interface Expected {
  readonly width: number;
  readonly height: number;
  readonly tolerance: number;
  readonly data: string;
}
const expected: Record<string, Expected> = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));

/** A PNG whose header promises more than its file holds. */
function pngOfSize(width: number, height: number): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(join(folder, "rgb.png")));
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

describe("decodeImage", () => {
  it.each(Object.entries(expected))(
    "reads %s as Pillow does",
    async (name, { width, height, tolerance, data }) => {
      const image = await decodeImage(join(folder, name), name);
      expect([image.width, image.height, image.data.length]).toEqual([width, height, width * height * 3]);
      const pixels = Buffer.from(data, "base64");
      const worst = image.data.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(tolerance);
    },
  );

  it("reads bytes as it reads files", async () => {
    const bytes = readFileSync(join(folder, "rgb.png"));
    const fromBytes = await decodeImage(bytes, "x");
    expect(fromBytes).toEqual(await decodeImage(join(folder, "rgb.png"), "x"));
  });

  it.each([
    [
      "a picture beyond the limit",
      pngOfSize(60_000, 60_000),
      "image-too-large",
      "has more than 100000000 pixels.",
    ],
    [
      "a truncated file",
      readFileSync(join(folder, "rgb.jpg")).subarray(0, 650),
      "unreadable-image",
      "cannot be decoded: ",
    ],
    ["text", Buffer.from("hello"), "unreadable-image", "cannot be decoded: "],
    ["nothing", new Uint8Array(0), "unreadable-image", "cannot be decoded: "],
    [
      "SVG",
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      "unsupported-image",
      "is svg",
    ],
  ])("refuses %s", async (_, bytes, code, message) => {
    await expect(decodeImage(bytes, "photo.png")).rejects.toMatchObject({
      name: "ImageError",
      code,
      message: expect.stringContaining(`photo.png: ${message}`),
    });
  });

  it("refuses by the limit that it is given, and a file that is not there", async () => {
    const path = join(folder, "rgb.png");
    await expect(decodeImage(path, "x", { maxPixels: 127 })).rejects.toMatchObject({
      code: "image-too-large",
    });
    await expect(decodeImage(path, "x", { maxPixels: 128 })).resolves.toMatchObject({ width: 16 });
    await expect(decodeImage(join(folder, "no.png"), "x")).rejects.toMatchObject({ code: "image-not-found" });
  });
});
