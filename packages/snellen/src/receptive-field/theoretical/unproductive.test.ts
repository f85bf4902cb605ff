// Unproductive layers and feasible resolutions. Oracle: VGG-16's receptive fields as computed by hand (each 3×3 adds twice the stride,
// each 2×2/2 pooling adds the stride and doubles it), for images of 32×32 as in arXiv:2106.12307.
import { parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { feasibleResolutions, unproductiveLayers } from "./unproductive.ts";

const zeros = (n: number): string => new Array(n).fill(0).join(",");

/** Convolutions of 3×3 in stages behind which the map is halved; `gate` adds one that sees all of the image before the last stage. */
function vgg(stages: readonly number[], size: string, gate = false): ReturnType<typeof describeModel> {
  let [text, x, n] = ["x = Conv (image, first) ", "x", 0];
  stages.forEach((count, stage) => {
    if (gate && stage === stages.length - 1) {
      text += `all = GlobalAveragePool (${x}) gate = Sigmoid (all) gated = Mul (${x}, gate) `;
      x = "gated";
    }
    for (let i = 0; i < count; i++) {
      n++;
      text += `[conv${n}] v${n} = Conv <pads = [1,1,1,1]> (${x}, w) `;
      x = `v${n}`;
    }
    if (stage === stages.length - 1) return;
    text += `p${stage} = MaxPool <kernel_shape = [2,2], strides = [2,2]> (${x}) `;
    x = `p${stage}`;
  });
  return describeModel(
    parseGraphText(`<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,${size}] image) => (float[N,2] logits)
    <float[2,3,1,1] first = {${zeros(6)}}, float[2,2,3,3] w = {${zeros(36)}}> {
    ${text} mean = GlobalAveragePool (${x}) logits = Flatten (mean) }`),
  );
}

const VGG16 = [2, 2, 3, 3, 3];

describe("unproductiveLayers", () => {
  it("are those of VGG-16 whose input sees more than 32 pixels", () => {
    // fields of the inputs: 1 3 | 6 10 | 16 24 32 | 44 60 76 | 100 132 164
    const layers = unproductiveLayers(vgg(VGG16, "32,32"));
    expect(layers.map(({ node, inputField }) => [node, ...inputField])).toEqual([
      ["conv8", 44, 44],
      ["conv9", 60, 60],
      ["conv10", 76, 76],
      ["conv11", 100, 100],
      ["conv12", 132, 132],
      ["conv13", 164, 164],
    ]);
    expect(layers.every((l) => l.isUnproductive && l.along.join() === "rows,columns")).toBe(true);
  });

  it("are told for each axis of pictures that are not square", () => {
    const layers = unproductiveLayers(vgg(VGG16, "64,224"));
    expect(layers.map(({ node, along, isUnproductive }) => [node, along, isUnproductive])).toEqual([
      ["conv10", ["rows"], false],
      ["conv11", ["rows"], false],
      ["conv12", ["rows"], false],
      ["conv13", ["rows"], false],
    ]);
  });

  it("are none where the image is large, nor behind what sees all of it at once", () => {
    expect(unproductiveLayers(vgg(VGG16, "224,224"))).toEqual([]);
    expect(unproductiveLayers(vgg(VGG16, "96,96", true))).toEqual([]);
  });
});

describe("feasibleResolutions", () => {
  it("begin at the largest field that a convolution has for input, whatever the size described", () => {
    for (const size of ["32,32", "224,160"])
      expect(feasibleResolutions(vgg(VGG16, size))).toEqual({
        smallest: [32, 32],
        multipleOf: [16, 16],
        productive: [164, 164],
        unbounded: [],
      });
  });

  it("name the layers that have the whole image before them", () => {
    expect(feasibleResolutions(vgg([2, 2, 2], "32,32", true))).toEqual({
      smallest: [8, 8],
      multipleOf: [4, 4],
      productive: [10, 10],
      unbounded: ["conv5", "conv6"],
    });
    expect(feasibleResolutions(vgg([2], "32,32", true)).productive).toEqual([null, null]);
  });
});
