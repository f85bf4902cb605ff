// Oracle: made-up maps with and without warnings.
import { describe, expect, it } from "vitest";
import { facts, heatMap } from "../test-support/artifacts.ts";
import { heatMaps } from "./heat-maps.ts";

const judge = (worst: object[], best: object[] = [], changes: object = {}) =>
  heatMaps.audit({ facts: { ...facts, ...changes }, heatMaps: { worst, best } } as never);

describe("heat-maps", () => {
  it("passes when every map has positive evidence, and shows each beside its picture", () => {
    const found = judge([heatMap(0), heatMap(1)], [heatMap(2, { className: "cat" })]);
    expect(found).toMatchObject({ verdict: "good", summary: expect.stringContaining("relu (2x2 cells)") });
    expect(found.evidence).toMatchObject([
      {
        kind: "picture",
        caption: expect.stringMatching(
          /^least confident: image-0.png, predicted class 1, score 2.00, map sums to 2.00; full colour = /,
        ),
      },
      { image: { width: 8 + 4 + 8, height: 8 } },
      { caption: expect.stringContaining("most confident: image-2.png, predicted cat") },
    ]);
  });

  it("asks for attention when a map is empty", () => {
    const empty = heatMap(1, { warnings: ["the gradient is zero everywhere"] });
    expect(judge([heatMap(0), empty])).toMatchObject({
      verdict: "attention",
      summary: "1 of 2 maps are doubtful: the gradient is zero everywhere.",
    });
  });

  it("does not apply without a feature layer", () => {
    expect(judge([], [], { layer: undefined })).toMatchObject({ verdict: "notApplicable" });
  });
});
