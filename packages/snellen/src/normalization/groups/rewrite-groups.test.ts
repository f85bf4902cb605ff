// Other groups in the place of every form. Oracle: GroupNormalization of operator set 21 with that number of groups, run by ONNX
// Runtime's own kernel.

import { type Model, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { createNodeRuntime } from "../../node/runtime.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import { findNormalizations } from "../find-normalizations.ts";
import { rewriteGroups } from "./rewrite-groups.ts";

const CHANNELS = 12;

const network = (body: string, opset: number, constants = "") =>
  openTextModel(`<ir_version: 10, opset_import: ["": ${opset}]>
  g (float[N,3,6,5] image, float[${CHANNELS},3,1,1] w, float[${CHANNELS}] gamma, float[${CHANNELS}] beta,
     float[${CHANNELS},1,1] gamma3, float[${CHANNELS},1,1] beta3, float[3] gamma_group, float[3] beta_group)
  => (float[N,${CHANNELS}] scores) <${constants}> {
    z = Conv (image, w)
    ${body}
    p = GlobalAveragePool (out) scores = Flatten (p)
  }`);

const SPLIT =
  "int64[3] split = {0, 3, -1}, int64[4] whole = {0, 12, 6, 5}, float[3] ones = {1, 1, 1}, float[3] zeros = {0, 0, 0}";
const MEANS = `int64[3] axes = {2, 3, 4}, int64[5] split = {0, 3, 4, 6, 5}, int64[4] whole = {0, 12, 6, 5}, float epsilon = {0.00001}`;

/** Exported forms: text, operator set, constants, and the same with any number of groups as one node. */
const FORMS: readonly (readonly [title: string, body: string, opset: number, constants: string])[] = [
  [
    "GroupNormalization, a scale a channel",
    "out = GroupNormalization <num_groups = 3> (z, gamma, beta)",
    21,
    "",
  ],
  [
    "InstanceNormalization between reshapes",
    `r = Reshape (z, split) i = InstanceNormalization (r, ones, zeros) n = Reshape (i, whole)
     s = Mul (n, gamma3) out = Add (s, beta3)`,
    18,
    SPLIT,
  ],
  ["InstanceNormalization alone", "out = InstanceNormalization (z, gamma, beta)", 18, ""],
  [
    "means written out",
    `r = Reshape (z, split) m = ReduceMean (r, axes) d = Sub (r, m) q = Mul (d, d) v = ReduceMean (q, axes)
     e = Add (v, epsilon) t = Sqrt (e) u = Div (d, t) n = Reshape (u, whole) s = Mul (n, gamma3) out = Add (s, beta3)`,
    18,
    MEANS,
  ],
];

const image = new Tensor("float32", Float32Array.from({ length: 2 * 90 }, noise(5)), [2, 3, 6, 5]);

async function scores(model: Model): Promise<Float32Array> {
  const session = await createNodeRuntime().createSession({ bytes: serializeModel(model) }, { threads: 1 });
  const { scores: found } = await session.run({ image });
  await session.dispose();
  return found?.data as Float32Array;
}

function rewritten(body: string, opset: number, constants: string, groups: number): Model {
  const { info } = network(body, opset, constants);
  const [normalization, ...others] = findNormalizations(info.model, info.shapes);
  expect(others).toEqual([]);
  return rewriteGroups(info.model, info.shapes, [{ normalization: normalization!, groups }]).model;
}

const asOneNode = (groups: number, affine = "gamma, beta"): Model =>
  network(`out = GroupNormalization <num_groups = ${groups}> (z, ${affine})`, 21).info.model;

/** Where scale and bias are [C, 1, 1], their numbers are those of `gamma3`. */
const reference = async (groups: number, body: string): Promise<Float32Array> => {
  if (!body.includes("gamma3")) return scores(asOneNode(groups));
  const { info } = network(
    `f = Flatten <axis = 0> (gamma3) g = Reshape (gamma3, flat) h = Reshape (beta3, flat)
     out = GroupNormalization <num_groups = ${groups}> (z, g, h)`,
    21,
    "int64[1] flat = {-1}",
  );
  return scores(info.model);
};

describe.each(FORMS)("%s", (_, body, opset, constants) => {
  it.each([1, 2, 4, 6, 12])("gets %i groups", async (groups) => {
    const found = await scores(rewritten(body, opset, constants, groups));
    const wanted = await reference(groups, body);
    const error = Math.max(...found.map((v, i) => Math.abs(v - (wanted[i] as number))));
    expect(error).toBeLessThan(2e-5);
  });
});

describe("GroupNormalization with a scale a group", () => {
  const body = "out = GroupNormalization <num_groups = 3> (z, gamma_group, beta_group)";
  it("gives each channel the scale of the group that it was in", async () => {
    const model = rewritten(body, 18, "", 6);
    const { info } = network(
      `a = Unsqueeze (gamma_group, one) b = Tile (a, times) g = Reshape (b, flat)
       c = Unsqueeze (beta_group, one) d = Tile (c, times) h = Reshape (d, flat)
       out = GroupNormalization <num_groups = 6> (z, g, h)`,
      21,
      "int64[1] flat = {-1}, int64[1] one = {1}, int64[2] times = {1, 4}",
    );
    const [found, wanted] = await Promise.all([scores(model), scores(info.model)]);
    expect(Math.max(...found.map((v, i) => Math.abs(v - (wanted[i] as number))))).toBeLessThan(2e-5);
  });
});

describe("rewriteGroups", () => {
  it("returns the same model where nothing changes", () => {
    const { info } = network(FORMS[0]![1], 21);
    const [normalization] = findNormalizations(info.model, info.shapes);
    const edits = [{ normalization: normalization!, groups: 3 }];
    expect(rewriteGroups(info.model, info.shapes, edits).model).toBe(info.model);
  });
});
