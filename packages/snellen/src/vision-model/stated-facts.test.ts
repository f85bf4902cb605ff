// Oracle: what was stated is what `describeModel` finds again.
import { describe, expect, it } from "vitest";
import { createPreprocessSpec, type PreprocessOptions } from "../images/preprocess-spec.ts";
import { describeModel } from "./describe.ts";
import { statedPreprocessing, withStatedFacts } from "./stated-facts.ts";
import { textModel } from "./test-support/text-model.ts";

const fileOf = (side: string) =>
  textModel(`g (float[N,3,${side},${side}] x, float[4,3,1,1] w, float[4,2] v) => (float[N,2] y) {
    c = Conv (x, w) p = GlobalAveragePool (c) f = Flatten (p) y = MatMul (f, v) }`);

describe("facts that a file states", () => {
  it.each<[string, Omit<PreprocessOptions, "size">]>([
    ["ImageNet's", {}],
    ["raw pixels", { preset: "none" }],
    ["a short side of its own", { shortSide: 300, channels: "BGR", interpolation: "bicubic" }],
  ])("are found again: %s", (_, options) => {
    const spec = createPreprocessSpec({ size: [224, 224], ...options });
    const model = withStatedFacts(fileOf("224"), statedPreprocessing(spec), ["ant", "bee"]);
    const { preprocessing, labels } = describeModel(model);
    expect(preprocessing).toEqual({ spec, origin: "model metadata", isAssumed: false });
    expect(labels).toEqual({ names: ["ant", "bee"], origin: 'model metadata "labels"' });
  });

  it("leave the short side to the size, which an open input may change", () => {
    const spec = createPreprocessSpec({ size: [224, 224] });
    const model = withStatedFacts(fileOf("H"), statedPreprocessing(spec), undefined);
    expect(describeModel(model, { size: [448, 448] }).preprocessing.spec.shortSide).toBe(512);
    expect(describeModel(model).labels.names).toBeUndefined();
  });
});
