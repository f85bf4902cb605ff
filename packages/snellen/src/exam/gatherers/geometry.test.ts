// The graph's geometry. Oracles: fields by hand (a kernel k at stride s adds (k − 1)·s), sizes as the text declares them.
import { expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { geometry } from "./geometry.ts";

/** Fields 3, 7, 11, 15: what the last layer reads is larger than an image of 8 pixels. */
const layers = (height: string, width: string) => `<ir_version: 9, opset_import: ["": 18]>
  g (float[N,3,${height},${width}] x, float[4,3,3,3] a, float[4,4,3,3] b, float[4,5] wy) => (float[N,5] y)
  { c1 = Conv <strides = [2,2], pads = [1,1,1,1]> (x, a) c2 = Conv <pads = [1,1,1,1]> (c1, b)
    c3 = Conv <pads = [1,1,1,1]> (c2, b) c4 = Conv <pads = [1,1,1,1]> (c3, b)
    p = GlobalAveragePool (c4) r = Flatten (p) y = Gemm (r, wy) }`;

const ofText = async (text: string, size?: readonly [number, number]) => {
  await using model = openTextModel(text, size === undefined ? {} : { size });
  return geometry.make({}, { model } as never);
};

it("names layers that can see no more, the size that they need, and those that read unevenly", async () => {
  expect(await ofText(layers("8", "16"))).toMatchObject({
    input: [8, 16],
    isSizeOpen: false,
    unproductive: [{ value: "c4", inputField: [11, 11], along: ["rows"], isUnproductive: false }],
    resolutions: { productive: [11, 11], multipleOf: [2, 2], unbounded: [] },
    offenders: [{ kernel: [3, 3], stride: [2, 2], fixable: "kernel-padding" }],
  });
});

it("finds out whether other sizes could be given", async () => {
  expect(await ofText(layers("H", "W"), [16, 16])).toMatchObject({
    input: [16, 16],
    isSizeOpen: true,
    unproductive: [],
  });
  expect(await ofText(layers("16", "W"), [16, 16])).toMatchObject({ isSizeOpen: false });
});
