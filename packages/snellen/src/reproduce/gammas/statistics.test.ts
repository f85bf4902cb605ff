// Batch statistics written into a network. Oracle: what batch normalization is for: mean 0 and variance 1 over the batch, of every
// channel, at every depth.
import { addOutputs } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { unitVariance } from "../../networks/initial-weights.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { openModelData } from "../../vision-model/test-support/text-model.ts";
import { createNetwork } from "../random-network.ts";
import { withStatisticsOf } from "./statistics.ts";

const CHANNELS = 4;

function network() {
  const made = createNetwork(8, 1);
  const x = made.activate(made.batchNorm("bn1", made.conv("conv1", made.image, CHANNELS)), "relu");
  const y = made.batchNorm(
    "bn2",
    made.conv("conv2", x, CHANNELS, { stride: 2, initial: unitVariance("relu") }),
  );
  return made.finish(made.product("head", made.b.op("Flatten", [y]), 3));
}

describe("withStatisticsOf", () => {
  it("normalizes every channel over the images", async () => {
    await using before = openModelData(network(), { preset: "none" });
    const images = gaussianImages(before.info, 6, 1);
    await using after = openModelData(await withStatisticsOf(before, images), { preset: "none" });
    const values = ["bn1/BatchNormalization", "bn2/BatchNormalization"];
    const graph = () => addOutputs(after.info.model, values, after.info.shapes);
    const [outputs = {}] = await after.run("values", graph, images);
    for (const value of values) {
      const { data, dims } = outputs[value] as Tensor;
      const positions = (dims[2] as number) * (dims[3] as number);
      for (let c = 0; c < CHANNELS; c++) {
        const own = Float64Array.from(data as Float32Array).filter(
          (_, i) => Math.floor(i / positions) % CHANNELS === c,
        );
        const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
        expect(Math.abs(mean)).toBeLessThan(1e-5);
        // but for ε
        expect(own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / own.length).toBeCloseTo(1, 3);
      }
    }
  });

  it("leaves a network without batch normalization", async () => {
    const made = createNetwork(8, 1);
    const x = made.groupNorm("gn", made.conv("conv", made.image, CHANNELS), 2);
    await using model = openModelData(made.finish(made.product("head", made.b.op("Flatten", [x]), 3)), {
      preset: "none",
    });
    expect(await withStatisticsOf(model, gaussianImages(model.info, 2, 1))).toBe(model.info.model);
  });
});
