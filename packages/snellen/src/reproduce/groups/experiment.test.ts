// Parts of the experiment, as small as they get; the whole is run by the command's test. Oracles: algebra (a group of one linear
// unit passes no gradient; the size of what a layer reads cancels), and the number of pieces that are made before a signal is heard.
import { describe, expect, it } from "vitest";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { openModelData, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { Study } from "../study.ts";
import { reproduceGroups } from "./experiment.ts";
import { givenResults } from "./models.ts";
import { profileStudies } from "./profile.ts";

const STUDY: Study = {
  seed: 0,
  effort: { networks: 1, draws: 0.01, depth: 0.1, activations: 1 },
  open: (network) => openModelData(network, { preset: "none" }),
};

const ONES = new Array(8).fill(1).join();
const ZEROS = new Array(8).fill(0).join();
const given = (groups: number, weights: string) =>
  openTextModel(`<ir_version: 10, opset_import: ["": 21]>
  g (float[N,3,8,8] image, float[8,3,3,3] w0, float[8,8,3,3] w1, float[8,4] head) => (float[N,4] scores)
  <float[8] gamma = {${ONES}}, float[8] beta = {${ZEROS}}, float scale = {${weights}}> {
    z0 = Conv <pads = [1,1,1,1]> (image, w0) n0 = GroupNormalization <num_groups = ${groups}> (z0, gamma, beta)
    r0 = Relu (n0) o0 = Mul (r0, scale)
    z1 = Conv <pads = [1,1,1,1]> (o0, w1) n1 = GroupNormalization <num_groups = ${groups}> (z1, gamma, beta) o1 = Relu (n1)
    p = GlobalAveragePool (o1) f = Flatten (p) scores = MatMul (f, head) }`);

describe("reproduceGroups", () => {
  it("stops between pieces when it is told to", async () => {
    const abort = new AbortController();
    const kept: string[] = [];
    const keep = async (key: string) => {
      kept.push(key);
      abort.abort();
    };
    await expect(reproduceGroups({ ...STUDY, signal: abort.signal, keep })).rejects.toThrow(/abort/i);
    expect(kept).toEqual(["simulated MLP relu"]);
  });
});

describe("givenResults", () => {
  it("tells the closed form how large a layer's input is, so that the ratio is the same however large", async () => {
    const ratios: number[] = [];
    for (const scale of ["1", "5"]) {
      await using model = given(2, scale);
      const images = gaussianImages(model.info, 3, 1);
      const [result] = await givenResults(STUDY, [{ name: "net", model, kind: "gaussian", images }]);
      expect(result).toMatchObject({ images: 3, refused: null, layers: [{ groups: 2 }, { groups: 2 }] });
      expect(result?.advice?.layers).toHaveLength(2);
      ratios.push(result?.layers[1]?.ratioInformed?.value as number);
    }
    expect(ratios[0] as number).toBeGreaterThan(0.5);
    expect((ratios[1] as number) / (ratios[0] as number)).toBeCloseTo(1, 2);
  });

  it("tells why a network is not measured, and goes on", async () => {
    await using model = openTextModel(`<ir_version: 10, opset_import: ["": 21]>
      g (float[N,3,8,8] image, float[8,3,3,3] w, float[8,4] head) => (float[N,4] scores)
      <float[8] gamma = {${ONES}}, float[8] beta = {${ZEROS}}> {
        z = Conv (image, w) n = GroupNormalization <num_groups = 2> (z, gamma, beta) d = Det (n)
        scores = MatMul (d, head) }`);
    const images = gaussianImages(model.info, 2, 1);
    const [result] = await givenResults(STUDY, [{ name: "net", model, kind: "gaussian", images }]);
    expect(result).toMatchObject({ layers: [], advice: null });
    expect(result?.refused).toContain("Det");
  });

  it("refuses a network without groups in a sentence", async () => {
    await using model = openTextModel(`<ir_version: 10, opset_import: ["": 21]>
      g (float[N,3,6,6] image, float[8,3,3,3] w) => (float[N,8] y) {
        a = Conv (image, w) p = GlobalAveragePool (a) y = Flatten (p) }`);
    const images = gaussianImages(model.info, 1, 1);
    const [result] = await givenResults(STUDY, [{ name: "net", model, kind: "gaussian", images }]);
    expect(result?.refused).toContain("no normalization of this network works on groups of channels");
  });
});

describe("profileStudies", () => {
  it("has the same choices for every network, and no gradient where each linear unit is a group", async () => {
    const studies = await profileStudies(STUDY);
    expect(studies.map(({ network }) => network)).toContain("MLP 512-256-128-64");
    for (const { network, networks } of studies) {
      const [profiles] = networks;
      const find = (choice: string) => profiles?.find((profile) => profile.choice === choice);
      const one = find("G = 1");
      expect(new Set(one?.groups)).toEqual(new Set([1]));
      expect(one?.logLengths.every((v) => typeof v === "number")).toBe(true);
      if (!network.startsWith("MLP")) continue;
      const each = find("G = C")?.logLengths;
      expect(each?.slice(0, -1).every((v) => v === null)).toBe(true);
      expect(each?.at(-1)).toBeTypeOf("number");
    }
  });
});
