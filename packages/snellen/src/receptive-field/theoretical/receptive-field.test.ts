// The field of any value, and its form in results. Oracle: sizes by hand for one convolution of 7×5 with strides 2 and 1, padded by
// 3 and 0.
import { parseGraphText, UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { fieldDescription, receptiveField } from "./receptive-field.ts";

const zeros = (n: number): string => new Array(n).fill(0).join(",");

const info = describeModel(
  parseGraphText(`<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,32,24] image) => (float[N,2] logits)
  <float[2,3,7,5] w = {${zeros(210)}}, float[1,2,1,1] v = {0,0}, int64[1] c = {1}> {
    map = Conv <strides = [2, 1], pads = [3, 0, 3, 0]> (image, w)
    mask = Conv (map, v)
    all = GlobalAveragePool (map) gate = Sigmoid (all) gated = Mul (map, gate)
    scaled = Mul (gated, mask) mean = GlobalAveragePool (scaled) logits = Flatten (mean) }`),
);

const thrown = (value: string): unknown => {
  try {
    return receptiveField(info, value);
  } catch (error) {
    return error;
  }
};

describe("receptiveField", () => {
  it("is that of a feature layer, of a map of one channel, of the image itself", () => {
    const expected = { size: [7, 5], stride: [2, 1], start: [-3, 0], centre: [0, 2] };
    for (const value of ["map", "mask"])
      expect(fieldDescription(receptiveField(info, value))).toEqual(expected);
    expect(fieldDescription(receptiveField(info, "image")).size).toEqual([1, 1]);
  });

  it("is the whole image behind a gate, written as null", () => {
    const field = receptiveField(info, "gated");
    expect(field[0].end).toBe(Infinity);
    expect(JSON.parse(JSON.stringify(fieldDescription(field)))).toEqual({
      size: [null, null],
      stride: [2, 1],
      start: [null, null],
      centre: [0, 2],
    });
  });

  it.each(["logits", "all", "w"])("refuses %s, which has no rows and columns", (value) => {
    expect(thrown(value)).toMatchObject({ code: "no-spatial-extent", where: `value "${value}"` });
  });

  it("names the nearest value for one that nobody knows", () => {
    const error = thrown("gatedd");
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: "unknown-value", hint: expect.stringContaining('"gated"') });
  });
});
