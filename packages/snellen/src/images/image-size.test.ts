// Oracle: the fixtures of tools/reference/image_files.py, all 16 × 8 as shown, and headers cut off at every byte.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { imageSize } from "./image-size.ts";

const folder = join(import.meta.dirname, "../node/fixtures/images");
const names = readdirSync(folder).filter((name) => !/\.(json|tiff)$/.test(name));

describe("imageSize", () => {
  it.each(names)("reads %s", (name) => {
    const isTurned = /orientation-[5-8]/.test(name);
    const expected = isTurned ? { width: 8, height: 16 } : { width: 16, height: 8 };
    expect(imageSize(readFileSync(join(folder, name)))).toEqual(expected);
  });

  it.each(names)("says nothing wrong of %s cut off anywhere", (name) => {
    const bytes = readFileSync(join(folder, name));
    const whole = imageSize(bytes);
    for (let length = 0; length < bytes.length; length++) {
      const size = imageSize(bytes.subarray(0, length));
      if (size !== undefined) expect(size).toEqual(whole);
    }
  });

  it("knows no other files", () => {
    expect(imageSize(new TextEncoder().encode("hello, no picture"))).toBeUndefined();
    expect(imageSize(new Uint8Array(0))).toBeUndefined();
  });
});
