// Oracle: made-up sizes on both sides of a field of 12 pixels, 4·√(2 · 4.5).
import { describe, expect, it } from "vitest";
import { fieldMap, fields, layerField } from "../test-support/artifacts.ts";
import { fieldAndObjects } from "./field-and-objects.ts";

const judge = (objects: readonly number[], layer = layerField()) =>
  fieldAndObjects.audit({ fields: fields({ layer, objects }) } as never);

describe("field-and-objects", () => {
  it("passes when at most half of the objects are larger than the field", () => {
    expect(judge([4, 11.9, 12.1, 20])).toMatchObject({
      verdict: "good",
      summary:
        "relu: the field is 12 pixels across (two σ to each side), 1.0 times the median object of 12 pixels; larger than the field: 2 of 4 objects (50 %).",
    });
    expect(judge([12]).verdict).toBe("good");
  });

  it("asks for attention when more are", () => {
    expect(judge([11, 13, 24])).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining(
        "0.9 times the median object of 13 pixels; larger than the field: 2 of 3",
      ),
    });
  });

  it("shows the sizes in order as steps up to one, and the field", () => {
    const [plot] = judge([4, 20]).evidence as unknown as [{ series: { points: [number, number][] }[] }];
    expect(plot.series[0]?.points).toEqual([
      [4, 0],
      [4, 0.5],
      [20, 0.5],
      [20, 1],
    ]);
    expect(plot.series[1]?.points.map(([x]) => x)).toEqual([12, 12]);
  });

  it("measures by the circle that holds as much of R where that is no Gaussian", () => {
    // even over a disc: 86.5 % of it within √0.865 of its radius
    const disc = fieldMap((y, x) => (Math.hypot(y - 12, x - 16) <= 10 ? 1 : 0));
    const { summary } = judge([18], layerField({ r2: 0.2 }, disc));
    expect(summary).toMatch(/field is 1[89] pixels across \(no Gaussian: the circle that holds 86 % of R\)/);
  });

  it("asks for attention when the layer sees nothing", () => {
    const zero = layerField(
      { converged: false, r2: null },
      fieldMap(() => 0),
    );
    expect(judge([18], zero)).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("zero"),
    });
  });

  it("does not apply without boxes, without a feature layer, or without gradients", () => {
    expect(judge([])).toMatchObject({
      verdict: "notApplicable",
      summary: "None of the 64 images of the sample has an annotated box that the network sees.",
    });
    for (const found of [fields({ layer: undefined, objects: [3] }), { reason: "No gradient." }])
      expect(fieldAndObjects.audit({ fields: found } as never).verdict).toBe("notApplicable");
  });
});
