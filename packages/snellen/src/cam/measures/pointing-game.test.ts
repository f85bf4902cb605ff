// Oracle: hand literals; 3 % of 100 pixels are 3.
import { describe, expect, it } from "vitest";
import { pointingGame } from "./pointing-game.ts";
import { evidenceOf } from "./test-support/evidence.ts";

const side = 100;
const at = (x: number, y: number) => y * side + x;
const picture = (...pixels: number[]) =>
  Array.from({ length: side * side }, (_, i) => (pixels.includes(i) ? 1 : 0));
const hits = (maxima: number[], object: number[]) =>
  pointingGame.measure(
    evidenceOf({ map: picture(...maxima), dims: [side, side], region: picture(...object) }),
  );

describe("pointing game", () => {
  it.each([
    ["on the object", [at(50, 50)], [at(50, 50)], 1],
    ["three pixels beside it", [at(53, 50)], [at(50, 50)], 1],
    ["four pixels beside it", [at(54, 50)], [at(50, 50)], 0],
    ["three pixels off in both directions", [at(53, 53)], [at(50, 50)], 0],
    ["at the end of a row, where the next begins", [at(99, 50)], [at(0, 51)], 0],
    ["one of two equal maxima", [at(50, 50), at(0, 0)], [at(50, 51)], 0.5],
  ])("%s", (_, maxima, object, expected) => {
    expect(hits(maxima, object)).toBe(expected);
  });
});
