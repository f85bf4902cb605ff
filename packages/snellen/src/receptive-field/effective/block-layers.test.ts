// Ends of blocks on small networks. Oracle: what a reader of the graph would name.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { blockLayers } from "./block-layers.ts";

const HEAD = "pooled = GlobalAveragePool (last) logits = Flatten (pooled) }";
const namesOf = (text: string) => blockLayers(openTextModel(text).info).map(({ value }) => value);
const model = (inputs: string, body: string) =>
  `<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,16,16] image, ${inputs}) => (float[N,4] logits) { ${body} ${HEAD}`;

describe("blockLayers", () => {
  it("are sums with their activation, not what lies inside a branch", () => {
    const text = model(
      "float[4,3,3,3] w, float[4,4,3,3] v, float[4,4,3,3] u",
      `c = Conv <pads = [1,1,1,1]> (image, w) stem = Relu (c)
       a = Conv <pads = [1,1,1,1]> (stem, v) r = Relu (a) d = Conv <pads = [1,1,1,1]> (r, u)
       s = Add (d, stem) block = Relu (s) e = Conv <pads = [1,1,1,1]> (block, v) last = Relu (e)`,
    );
    expect(namesOf(text)).toEqual(["stem", "block", "last"]);
  });

  it("are concatenations", () => {
    const text = model(
      "float[4,3,3,3] w, float[4,4,1,1] v, float[4,4,3,3] u",
      `c = Conv <pads = [1,1,1,1]> (image, w) p = MaxPool <kernel_shape = [2,2], strides = [2,2]> (c)
       a = Conv (p, v) b = Conv <pads = [1,1,1,1]> (p, u) last = Concat <axis = 1> (a, b)`,
    ).replace("float[N,4] logits", "float[N,8] logits");
    expect(namesOf(text)).toEqual(["c", "p", "last"]);
  });

  it("take SiLU's two operators for one activation, and a gate that pools for a block", () => {
    const text = model(
      "float[4,3,3,3] w, float[4,4,1,1] v, float[4,4,1,1] u",
      `c = Conv <pads = [1,1,1,1]> (image, w) s = Sigmoid (c) silu = Mul (c, s)
       g = GlobalAveragePool (silu) h = Conv (g, v) gate = Sigmoid (h) gated = Mul (silu, gate)
       last = Conv (gated, u)`,
    );
    expect(namesOf(text)).toEqual(["silu", "gated", "last"]);
  });

  it("hold the default layer even where a path goes round it", () => {
    const text = model(
      "float[4,3,3,3] w, float[4,4,1,1] v",
      `c = Conv <pads = [1,1,1,1]> (image, w) last = Conv (c, v)`,
    ).replace(
      HEAD,
      "pooled = GlobalAveragePool (last) q = GlobalAveragePool (c) t = Add (pooled, q) logits = Flatten (t) }",
    );
    const { info } = openTextModel(text);
    expect(info.layers.default?.value).toBe("last");
    expect(namesOf(text)).toEqual(["c", "last"]);
  });
});
