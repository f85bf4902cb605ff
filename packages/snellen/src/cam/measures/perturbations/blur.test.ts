// Oracles: SciPy's impulse response for RISE's kernel, hand literals.
import { describe, expect, it } from "vitest";
import { recorded } from "../test-support/evidence.ts";
import { blurred, boxWidth } from "./blur.ts";

describe("blurred", () => {
  it("stands for RISE's kernel, which is a box of 11 within 7 %", () => {
    const row = recorded.riseKernel as number[];
    for (const a of row) for (const b of row) expect(Math.abs(121 * a * b - 1)).toBeLessThan(0.07);
    expect([boxWidth(224), boxWidth(448), boxWidth(64), boxWidth(8)]).toEqual([11, 23, 11, 11]);
  });

  it("takes the mean of the box inside the picture, each channel alone", () => {
    // One line of 13: the box of pixel x reaches from x − 5 to x + 5.
    const line = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const out = blurred(Float32Array.from([...line, ...line.map(() => 4)]), [1, 13]);
    const expected = [1 / 6, 1 / 7, 1 / 8, 1 / 9, 1 / 10, 1 / 11, 0, 0, 0, 0, 0, 0, 0];
    expect([...out.subarray(0, 13)]).toEqual(expected.map(Math.fround));
    expect([...out.subarray(13)]).toEqual(Array(13).fill(4));
    expect([...blurred(Float32Array.of(1, 0, 0, 7), [2, 2])]).toEqual([2, 2, 2, 2]);
  });
});
