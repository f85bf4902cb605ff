// Oracle: the limits written out in the file, applied by hand.
import { makeNode } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { ClassifiedGamma } from "./classify-gammas.ts";
import { judgeEvidence } from "./judge-evidence.ts";

const gamma = (fields: Partial<ClassifiedGamma>): ClassifiedGamma => ({
  node: makeNode("BatchNormalization", ["x"], ["y"]),
  constant: "bn.weight",
  kind: "batch",
  channels: 4,
  name: { name: "bn.weight", source: "name", sure: "certain" },
  isOnes: false,
  category: "scale-invariant",
  decay: true,
  reason: "",
  isNearly: false,
  isStream: false,
  open: undefined,
  residual: undefined,
  isBounded: false,
  places: [],
  ...fields,
});

const judged = (fields: Partial<ClassifiedGamma>, change: number, skipChange?: number, ratio?: number) => {
  const { category, decay, evidence } = judgeEvidence(gamma(fields), { change, skipChange }, ratio);
  return [category, decay, evidence.agrees];
};

describe("the measurement", () => {
  it.each([
    ["an exactly invariant γ that moves nothing", {}, 0.009, true],
    ["an exactly invariant γ that moves the scores", {}, 0.06, false],
    ["a nearly invariant one that moves them some", { isNearly: true }, 0.5, true],
    ["a nearly invariant one that moves them much", { isNearly: true }, 0.8, false],
    ["a branch's last that moves them", { category: "branch-last" }, 0.1, true],
    ["a branch's last that moves nothing", { category: "branch-last" }, 0.001, false],
    ["a shortcut's that moves nothing", { category: "shortcut", decay: false }, 0.001, false],
    ["a terminal one that moves nothing", { category: "terminal", decay: false }, 0.001, false],
    [
      "a bounded one that moves hardly anything",
      { category: "terminal", decay: false, isBounded: true },
      0.001,
      null,
    ],
    ["scores that are all 0", {}, Number.NaN, null],
  ] as const)("%s", (_, fields, change, agrees) => {
    expect(judged(fields, change)).toEqual([gamma(fields).category, gamma(fields).decay, agrees]);
  });

  it("says nothing of a block whose branch is silent", () => {
    expect(judged({ category: "branch-last" }, 1e-6, undefined, 1e-8)).toEqual(["branch-last", true, null]);
    expect(judged({ category: "branch-last" }, 1e-6, undefined, 0.1)).toEqual(["branch-last", true, false]);
  });

  it("decides on a γ that is both sides of a sum, beside the identity signal alone", () => {
    expect(judged({ isNearly: true }, 0.004, 0.1)).toEqual(["scale-invariant", true, true]);
    expect(judged({ isNearly: true }, 0.2, 0.18)).toEqual(["shortcut", false, true]);
  });

  it("says what it saw", () => {
    const { evidence } = judgeEvidence(
      gamma({ isNearly: true }),
      { change: 0.2071, skipChange: 0.188 },
      undefined,
    );
    expect(evidence).toEqual({
      scaleChange: 0.2071,
      skipChange: 0.188,
      agrees: true,
      verdict:
        "doubling it moves the scores by 21 %, doubling the identity signal alone by 19 %: it is the identity signal",
    });
  });
});
