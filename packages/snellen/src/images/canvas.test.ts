// Oracle: pixels by hand.
import { describe, expect, it } from "vitest";
import { blendPixel, createCanvas, fillRectangle, inGrey, paste } from "./canvas.ts";
import type { Picture } from "./overlay.ts";

const reds = ({ data, width }: Picture) =>
  Array.from({ length: data.length / 3 / width }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[3 * (y * width + x)]),
  );

describe("canvas", () => {
  it("pastes what lies inside", () => {
    const stamp = createCanvas(2, 2, [7, 0, 0]);
    const at = (left: number, top: number) => {
      const canvas = createCanvas(3, 2, [0, 0, 0]);
      paste(canvas, stamp, left, top);
      return reds(canvas);
    };
    expect(at(1, 0)).toEqual([
      [0, 7, 7],
      [0, 7, 7],
    ]);
    expect(at(-1, -1)).toEqual([
      [7, 0, 0],
      [0, 0, 0],
    ]);
    expect(at(2, 1)).toEqual([
      [0, 0, 0],
      [0, 0, 7],
    ]);
    for (const [left, top] of [
      [3, 0],
      [-2, 0],
      [0, 2],
      [0, -2],
    ] as const)
      expect(at(left, top)).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
  });

  it("fills and blends what lies inside", () => {
    const canvas = createCanvas(2, 2, [0, 0, 0]);
    fillRectangle(canvas, { left: 1, top: -5, width: 9, height: 6 }, [200, 0, 0]);
    expect(reds(canvas)).toEqual([
      [0, 200],
      [0, 0],
    ]);
    blendPixel(canvas, 1, 0, [100, 0, 0], 0.25);
    blendPixel(canvas, 2, 0, [100, 0, 0], 1);
    expect(reds(canvas)).toEqual([
      [0, 175],
      [0, 0],
    ]);
  });

  it("greys by luma", () => {
    expect([...inGrey(createCanvas(1, 1, [0, 255, 0])).data]).toEqual([150, 150, 150]);
  });
});
