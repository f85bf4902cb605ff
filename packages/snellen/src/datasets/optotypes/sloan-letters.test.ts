// Oracles: the letters written by hand on a 5 × 5 grid, closed-form areas, and the symmetric difference of two masks.
import { describe, expect, it } from "vitest";
import { drawCoverage } from "./coverage.ts";
import { gridSize, type OptotypeLabel, optotypeLabels, sloanLetters } from "./sloan-letters.ts";

// One sign per cell, for the cell's centre: # ink, . paper, ? on or beside an edge.
const grids: { readonly [L in OptotypeLabel]: readonly string[] } = {
  C: [".###.", "#...#", "#....", "#...#", ".###."],
  D: ["####.", "#...#", "#...#", "#...#", "####."],
  H: ["#...#", "#...#", "#####", "#...#", "#...#"],
  K: ["#..#?", "#.#?.", "##?..", "#?#?.", "#..#?"],
  N: ["##..#", "##..#", "#.#.#", "#..##", "#..##"],
  O: [".###.", "#...#", "#...#", "#...#", ".###."],
  R: ["#####", "#...#", "#####", "#..#.", "#..##"],
  S: ["#####", "#...?", "#####", "?...#", "#####"],
  V: ["#...#", ".#.#.", ".#.#.", ".#?#.", "..#.."],
  Z: ["#####", "...##", "..#..", "##...", "#####"],
};

describe("sloanLetters", () => {
  it.each(optotypeLabels)("%s has ink where the hand-drawn grid has it, and none elsewhere", (label) => {
    const drawn = grids[label].map((row, y) =>
      [...row].map((sign, x) => (sign === "?" ? "?" : sloanLetters[label](x + 0.5, y + 0.5) < 0 ? "#" : ".")),
    );
    expect(drawn.map((row) => row.join(""))).toEqual(grids[label]);
  });

  it.each(optotypeLabels)("%s reaches all four sides of its square and stays within it", (label) => {
    const shape = sloanLetters[label];
    const steps = Array.from({ length: 501 }, (_, i) => (i * gridSize) / 500);
    const within = 0.06; // C's ends stop 0.05 short of the right side
    for (const edge of [
      (t: number, depth: number) => shape(t, depth),
      (t: number, depth: number) => shape(t, gridSize - depth),
      (t: number, depth: number) => shape(depth, t),
      (t: number, depth: number) => shape(gridSize - depth, t),
    ]) {
      expect(Math.min(...steps.map((t) => edge(t, within)))).toBeLessThan(0);
      expect(Math.min(...steps.map((t) => edge(t, -0.001)))).toBeGreaterThan(0);
    }
  });

  it("keeps any two letters apart by at least half a square stroke at every turn that samples allow", () => {
    const size = 50;
    const height = 32;
    const draw = (label: OptotypeLabel, rotation: number) =>
      drawCoverage(sloanLetters[label], { centerX: 25, centerY: 25, height, rotation }, size);
    const upright = optotypeLabels.map((label) => draw(label, 0));
    let least = Number.POSITIVE_INFINITY;
    for (const label of optotypeLabels) {
      for (let turn = -60; turn <= 60; turn += 10) {
        const turned = draw(label, turn);
        upright.forEach((other, i) => {
          if (optotypeLabels[i] === label) return;
          let difference = 0;
          for (let p = 0; p < other.length; p++) difference += Math.abs(other[p]! - turned[p]!) / 255;
          least = Math.min(least, difference / (height / gridSize) ** 2);
        });
      }
    }
    expect(least).toBeGreaterThan(0.5);
  });
});
