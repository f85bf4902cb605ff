// Gains of residual blocks. Oracle: the same network without quantization, whose rounding moves gains by about a percent.
import { expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { groupedBlocks } from "./advise-groups.ts";
import { gaussianImages } from "./inputs.ts";
import { residualGains } from "./residual-gains.ts";

/** A block with a projection, whose branch and skip read `branch` and `skip`. */
const network = (start: string) => `<ir_version: 10, opset_import: ["" : 21]>
  g (float[N,3,16,16] image, float[8,3,3,3] w0, float[8,8,3,3] w1, float[8,8,1,1] w2, float[8,5] head) => (float[N,5] y)
  <float[8] gamma = {1,1,1,1,1,1,1,1}, float[8] beta = {0,0,0,0,0,0,0,0}, float step = {0.04}, uint8 middle = {128}>
  { z = Conv (image, w0) n = GroupNormalization <num_groups = 2> (z, gamma, beta) ${start}
    b = Conv <pads = [1,1,1,1]> (branch, w1) m = GroupNormalization <num_groups = 2> (b, gamma, beta) k = Conv (skip, w2)
    s = Add (m, k) p = GlobalAveragePool (s) f = Flatten (p) y = MatMul (f, head) }`;

const CODES = `q = QuantizeLinear (n, step, middle) c = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (q)
  branch = DequantizeLinear (c, step, middle) skip = DequantizeLinear (c, step, middle)`;
const DYNAMIC = `q, range, least = DynamicQuantizeLinear (n) c = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (q)
  branch = DequantizeLinear (c, range, least) skip = DequantizeLinear (c, range, least)`;
const REAL = `branch = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (n) skip = Identity (branch)`;

async function gain(start: string) {
  await using model = openTextModel(network(start));
  const edits = groupedBlocks(model.info).map(({ normalization }) => ({ normalization, groups: 8 }));
  const found = await residualGains(model, edits, gaussianImages(model.info, 4, 1), { seed: 1 });
  return found[0];
}

it.each([
  ["codes", CODES],
  ["codes by their own range", DYNAMIC],
])("begin at real numbers where both sides read the same %s", async (_, start) => {
  const found = await gain(start);
  expect(found).toMatchObject({ node: "s", input: "n", output: "s" });
  // a maximum hands its gradient on whole, so that both beginnings have the same
  const real = await gain(REAL);
  expect(real).toMatchObject({ input: "branch" });
  for (const of of ["now", "advised"] as const)
    expect(Math.abs((found?.[of].gain ?? 0) / (real?.[of].gain ?? 0) - 1)).toBeLessThan(0.02);
});
