// Oracle: made-up fits on both sides of each threshold.
import { describe, expect, it } from "vitest";
import { fields, layerField } from "../test-support/artifacts.ts";
import { fieldShape } from "./field-shape.ts";

const judge = (changes: Parameters<typeof layerField>[0] = {}) =>
  fieldShape.audit({ fields: fields({ layer: layerField(changes) }) } as never);

describe("field-shape", () => {
  it("passes when a Gaussian holds most of R, and tells both sizes", () => {
    const found = judge();
    expect(found).toMatchObject({
      verdict: "good",
      summary:
        "relu: a Gaussian of σ 2.0 (rows) and 4.5 pixels (columns) holds 90 % of R and explains 80 % of its variance. Theoretical field: 15x15 pixels of an input of 24x32; 64 images, R known to ±20 %.",
      evidence: [
        { kind: "picture", caption: expect.stringMatching(/^R of the central cell of relu/) },
        { kind: "plot", series: [{ name: "R" }, { name: "Gaussian of σ 3.0" }] },
      ],
    });
  });

  it("informs when the Gaussian holds or explains less than half", () => {
    for (const [changes, verdict] of [
      [{ r2: 0.5 }, "good"],
      [{ r2: 0.49 }, "informative"],
      [{ amplitude: 0.5 }, "good"],
      [{ amplitude: 0.49 }, "informative"],
    ] as const)
      expect(judge(changes)).toMatchObject({ verdict });
    expect(judge({ r2: 0.49 }).summary).toContain("too little to take its size for the field's");
  });

  it("asks for attention when the fit means nothing, and says why", () => {
    const found = judge({ converged: false, reason: "R is zero everywhere.", sigmaX: null, sigmaY: null });
    expect(found).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(/^relu: R is zero everywhere\. Theoretical field: 15x15/),
    });
    expect(found.evidence?.[1]).toMatchObject({ series: [{ name: "R" }] });
  });

  it("gives the Gaussian's size and fit as figures that no direction makes better", () => {
    expect(judge().figures).toMatchObject([
      // √(4.5 · 2)
      { id: "sigma", value: 3, unit: "pixels", better: null },
      { id: "r2", value: 80, unit: "%", better: null },
    ]);
    const values = judge({ converged: false }).figures?.map(({ value }) => value);
    expect(values).toEqual([null, null]);
  });

  it("tells where the theoretical field is the whole image, or lost, and what bears on reading it", () => {
    const whole = { size: [null, null], stride: [4, 4], start: [null, null], centre: [0, 0] } as const;
    expect(judge({ theoretical: whole }).summary).toContain("Theoretical field: the whole image, input");
    const large = { ...whole, size: [79, 79] as const, start: [-32, -32] as const };
    expect(judge({ theoretical: large }).summary).toContain(
      "Theoretical field: 79x79 pixels, larger than the whole input of 24x32; ",
    );
    expect(judge({ theoretical: null, expectedCentre: null }).summary).toContain("field: unknown, input");
    expect(judge({ notes: ["R is odd"] }).evidence?.[0]).toMatchObject({
      caption: expect.stringContaining("Note: R is odd."),
    });
  });

  it("does not apply without a feature layer, or without gradients", () => {
    expect(fieldShape.audit({ fields: fields({ layer: undefined }) } as never)).toMatchObject({
      verdict: "notApplicable",
      summary: expect.stringContaining("spatial extent"),
    });
    expect(fieldShape.audit({ fields: { reason: "No gradient." } } as never)).toEqual({
      verdict: "notApplicable",
      summary: "No gradient.",
    });
  });
});
