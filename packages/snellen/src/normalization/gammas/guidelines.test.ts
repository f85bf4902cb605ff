// Oracles: the guidelines of arXiv:2205.07260, written down by hand; the page of our own experiment.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { GUIDELINES_TRIED, gammaGuidelines, guidelineLines } from "./guidelines.ts";

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

it("are told with what they did in our own trainings, as the experiment's page has it", () => {
  const page = readFileSync(new URL("../../../../../docs/reproduction/gammas.md", import.meta.url), "utf8");
  const points = (claim: string): string => {
    const [, less] =
      new RegExp(`${claim} \\|[^|]*\\| accuracy of the second less the first's (\\S+) .* 64 pairs`).exec(
        page,
      ) ?? [];
    return Math.abs(100 * Number(less)).toFixed(1);
  };
  expect(GUIDELINES_TRIED).toContain(`${points("plan decayed against none decayed")} points lower`);
  expect(GUIDELINES_TRIED).toContain(`${points("plan decayed against all decayed")} higher`);
});
