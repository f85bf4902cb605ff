// Oracle: graphs described by hand.
import { describe, expect, it } from "vitest";
import type { Artifacts } from "../artifacts.ts";
import { foldedNormalization } from "./folded-normalization.ts";

const judge = (counts: Record<string, number>, folded: number) =>
  foldedNormalization.audit({
    normalizations: {
      counts,
      folded: {
        convolutions: 4,
        folded,
        how: folded > 0 ? "4 of 4 convolutions bear a trace." : "",
        advice: folded > 0 ? "Export it so." : null,
      },
    },
  } as Artifacts);

describe("the audit of folded normalization", () => {
  it.each([
    ["good", { batch: 3, rms: 1 }, 0, "The graph holds 3 batch, 1 RMS normalizations."],
    ["notApplicable", {}, 0, "The graph holds no normalization, and nothing speaks for folded ones."],
    ["notApplicable", {}, 4, "4 of 4 convolutions bear a trace. Export it so."],
    [
      "notApplicable",
      { layer: 1 },
      4,
      "The graph holds 1 layer normalizations. 4 of 4 convolutions bear a trace. Export it so.",
    ],
  ])("is %s for %j and %i folded", (verdict, counts, folded, summary) => {
    expect(judge(counts, folded)).toEqual({ verdict, summary });
  });
});
