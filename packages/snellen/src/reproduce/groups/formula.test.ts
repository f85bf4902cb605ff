// What layers read, and the closed form told of it. Oracles: plain loops over the values; a gain that is known to fall with the
// square of what the layer reads.
import { addOutputs } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { unitVariance } from "../../networks/initial-weights.ts";
import { groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { closedFormGain } from "../../normalization/groups/closed-form.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import { openModelData } from "../../vision-model/test-support/text-model.ts";
import { createNetwork } from "../random-network.ts";
import { blockFormula, inputStatistics } from "./formula.ts";

const SIDE = 6;

/** Two layers, the second with a stride; γ of the first are `gamma`. */
function twoLayers(gamma: number, stride: number) {
  const network = createNetwork(SIDE, 2, (name) => (name === "norm1" ? gamma : 1));
  const x = network.activate(network.groupNorm("norm1", network.conv("conv1", network.image, 8), 2), "relu");
  const z = network.conv("conv2", x, 16, { stride, initial: unitVariance("relu") });
  const y = network.activate(network.groupNorm("norm2", z, 4), "relu");
  const pooled = network.b.op("Flatten", [network.b.op("GlobalAveragePool", [y])]);
  return openModelData(network.finish(network.product("head", pooled, 5, unitVariance("relu"))), {
    preset: "none",
  });
}

describe("inputStatistics", () => {
  it.each([1, 2])("is what a kernel reads at stride %i, averaged over images", async (stride) => {
    await using model = twoLayers(1, stride);
    const images = gaussianImages(model.info, 5, 1);
    const [, block] = groupedBlocks(model.info);
    const { input } = block!;
    const graph = () => addOutputs(model.info.model, [input], model.info.shapes);
    const [outputs = {}] = await model.run("value", graph, images);
    const values = (outputs[input] as Tensor).data as Float32Array;
    const [found] = await inputStatistics(model, [block!], images);
    const expected = byLoops(values, { images: 5, channels: 8, stride });
    expect(found?.meanSquare).toBeCloseTo(expected.meanSquare, 5);
    expect(found?.offsetShare).toBeCloseTo(expected.offsetShare, 5);
  });
});

function byLoops(
  values: Float32Array,
  { images, channels, stride }: { images: number; channels: number; stride: number },
) {
  const at = (n: number, c: number, y: number, x: number) =>
    values[((n * channels + c) * SIDE + y) * SIDE + x] as number;
  let [meanSquare, offsetShare] = [0, 0];
  for (let n = 0; n < images; n++) {
    let [read, reads, squares, offsets] = [0, 0, 0, 0];
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++)
        for (let x = 0; x < SIDE; x++) {
          sum += at(n, c, y, x) / SIDE ** 2;
          squares += at(n, c, y, x) ** 2 / SIDE ** 2 / channels;
        }
      offsets += sum ** 2 / channels;
      for (let oy = 0; oy < SIDE; oy += stride)
        for (let ox = 0; ox < SIDE; ox += stride)
          for (let y = oy - 1; y <= oy + 1; y++)
            for (let x = ox - 1; x <= ox + 1; x++) {
              if (y < 0 || x < 0 || y >= SIDE || x >= SIDE) continue;
              read += at(n, c, y, x) ** 2;
              reads++;
            }
    }
    meanSquare += read / reads / images;
    offsetShare += offsets / squares / images;
  }
  return { meanSquare, offsetShare };
}

describe("blockFormula", () => {
  it("is the closed form of the block's sizes", async () => {
    await using model = twoLayers(1, 2);
    const [, block] = groupedBlocks(model.info);
    const setting = {
      groups: 4,
      channels: 16,
      fanIn: 72,
      fanOut: 144,
      kernelPositions: 9,
      stride: 2,
      activation: "relu",
      position: "before-activation",
      spatial: 9,
      convention: "norm",
    } as const;
    expect(blockFormula(block!, 4)?.gain).toBeCloseTo(closedFormGain(setting).gain as number, 10);
    expect(blockFormula({ ...block!, weight: undefined }, 4)).toBeUndefined();
    const unknown = { id: undefined, title: "Selu", output: "" };
    expect(blockFormula({ ...block!, activation: unknown }, 4)).toBeUndefined();
  });

  it("falls with the square of what the layer reads, as the measured gain does", async () => {
    const gains = async (gamma: number) => {
      await using model = twoLayers(gamma, 1);
      const images = gaussianImages(model.info, 4, 1);
      const blocks = groupedBlocks(model.info).slice(1);
      const [input] = await inputStatistics(model, blocks, images);
      const [measured] = await measureGains(model, blocks, images, { candidates: () => [4], seed: 1 });
      return [measured?.[0]?.gain as number, blockFormula(blocks[0]!, 4, input)?.gain as number] as const;
    };
    const [[measured, formula], [measured3, formula3]] = [await gains(1), await gains(3)];
    expect(measured / measured3).toBeCloseTo(9, 2);
    expect(formula / formula3).toBeCloseTo(9, 2);
  });
});
