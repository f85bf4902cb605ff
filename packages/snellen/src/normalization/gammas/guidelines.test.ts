// Oracle: the guidelines of arXiv:2205.07260, written down by hand.
import { expect, it } from "vitest";
import { gammaGuidelines, guidelineLines } from "./guidelines.ts";

it("decay the branch's end and what is normalized again, not the shortcut nor what reaches the head", () => {
  expect(gammaGuidelines.map(({ category, decay }) => [category, decay])).toEqual([
    ["branch-last", true],
    ["shortcut", false],
    ["scale-invariant", true],
    ["terminal", false],
  ]);
});

it("give each its reason, as a sentence", () => {
  for (const { where, reason } of gammaGuidelines) {
    expect(where).toMatch(/^[^.]+γ[^.]*[^.]$|^γ[^.]*[^.]$/);
    expect(reason).toMatch(/^[A-Z].*\.$/);
  }
});

it("fit into the lines of a terminal and of code", () => {
  const lines = guidelineLines();
  expect(lines).toHaveLength(2 * gammaGuidelines.length);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(130);
});
