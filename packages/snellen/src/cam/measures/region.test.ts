// Oracles: a picture that is its own mask, pushed through the picture's own preprocessing; hand literals.
import { describe, expect, it } from "vitest";
import { fitImage } from "../../images/preprocess.ts";
import { createPreprocessSpec } from "../../images/preprocess-spec.ts";
import { regionOf } from "./region.ts";

const specOf = (
  resize: "crop" | "squash" | "pad",
  size: readonly [number, number] = [16, 16],
  shortSide?: number,
) => createPreprocessSpec({ size, resize, shortSide, interpolation: "nearest", range: "0..255" });

describe("regionOf", () => {
  it.each([
    ["crop", 40, 24, undefined],
    ["crop", 24, 40, 20],
    ["squash", 40, 24, undefined],
    ["squash", 12, 40, 18],
    ["pad", 40, 24, undefined],
    ["pad", 16, 48, undefined],
  ] as const)(
    "%s: the mask goes where its picture goes (%i × %i, short side %s)",
    (resize, width, height, shortSide) => {
      const spec = specOf(resize, [16, 16], shortSide);
      const mask = Uint8Array.from({ length: width * height }, (_, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        return Math.hypot(x - width * 0.4, y - height * 0.45) < 9 ? 200 : 0;
      });
      const data = Uint8Array.from({ length: 3 * mask.length }, (_, i) => mask[Math.floor(i / 3)] as number);
      const seen = fitImage({ width, height, data, source: "mask" }, spec).data;
      const expected = Uint8Array.from({ length: 256 }, (_, i) => Number((seen[3 * i] as number) > 0));
      expect(regionOf(spec, { width, height, mask })?.mask).toEqual(expected);
    },
  );

  it("draws a box: squashed by two", () => {
    const region = regionOf(specOf("squash", [2, 4]), { width: 8, height: 4, box: [2, 0, 4, 2] });
    expect([...(region?.mask ?? [])]).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
  });

  it("draws a box: cropped at both sides, bars above and below", () => {
    const cropped = regionOf(specOf("crop", [2, 2], 2), { width: 4, height: 2, box: [0, 0, 2, 2] });
    expect([...(cropped?.mask ?? [])]).toEqual([1, 0, 1, 0]);
    const padded = regionOf(specOf("pad", [4, 4]), { width: 4, height: 2, box: [0, 0, 4, 2] });
    expect([...(padded?.mask ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it("keeps a box that no pixel's centre lies in", () => {
    const region = regionOf(specOf("squash", [2, 2]), { width: 100, height: 100, box: [90, 10, 2, 2] });
    expect([...(region?.mask ?? [])]).toEqual([0, 1, 0, 0]);
  });

  it("is undefined without an object, and where it lies outside of the crop", () => {
    const spec = specOf("crop", [2, 2], 2);
    expect(regionOf(spec, { width: 40, height: 2 })).toBeUndefined();
    expect(regionOf(spec, { width: 40, height: 2, box: [0, 0, 4, 2] })).toBeUndefined();
    expect(regionOf(spec, { width: 40, height: 2, mask: new Uint8Array(80) })).toBeUndefined();
  });

  it("refuses a mask of another size", () => {
    expect(() => regionOf(specOf("squash"), { width: 4, height: 2, mask: new Uint8Array(4) })).toThrow(
      expect.objectContaining({ code: "wrong-mask-size" }),
    );
  });
});
