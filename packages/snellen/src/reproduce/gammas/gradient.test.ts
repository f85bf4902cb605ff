// Gradients of scaled γ. Oracles: central differences of the scores by each entry of γ; Euler: what does not depend on the size of
// γ has a gradient of degree −1, what is linear in it one of degree 0.
import { floatTensor, type Model, tensorValues, withGraph } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { unitVariance } from "../../networks/initial-weights.ts";
import { signs } from "../../normalization/groups/gradient-noise.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { openModelData } from "../../vision-model/test-support/text-model.ts";
import { createNetwork } from "../random-network.ts";
import { gammaGradients } from "./gradient.ts";

const SEED = 3;
const CLASSES = 3;
const CHANNELS = 4;
const GAMMAS = ["inner.weight", "last.weight"];

/** conv → GN → SiLU or ReLU → conv → GN → head: the first γ is scale-invariant (with ReLU), the second terminal. */
function network(activation: "relu" | "silu"): Model {
  const made = createNetwork(6, 1);
  const x = made.activate(made.groupNorm("inner", made.conv("conv1", made.image, CHANNELS), 2), activation);
  const y = made.groupNorm("last", made.conv("conv2", x, CHANNELS, { initial: unitVariance(activation) }), 2);
  return made.finish(made.product("head", made.b.op("Flatten", [y]), CLASSES));
}

const openNetwork = (model: Model) => openModelData(model, { preset: "none" });

describe("gammaGradients", () => {
  it("are as long as central differences say, at every scale", async () => {
    const model = network("silu");
    await using opened = openNetwork(model);
    const images = gaussianImages(opened.info, 2, 1);
    const lengths = gammaGradients(opened, GAMMAS, images, SEED);
    const noise = signs(2 * CLASSES, SEED);
    const score = async (gamma: string, values: Float32Array) => {
      const initializers = new Map(model.graph.initializers).set(gamma, floatTensor([CHANNELS], values));
      await using changed = openNetwork(withGraph(model, { initializers }));
      const [outputs = {}] = await changed.run("scores", () => changed.info.model, images);
      const scores = (outputs.logits as Tensor).data as Float32Array;
      return scores.reduce((sum, v, i) => sum + v * (noise[i] as number), 0);
    };
    for (const [i, gamma] of GAMMAS.entries()) {
      const factors = GAMMAS.map((_, k) => (k === i ? 2 : 1));
      const own = tensorValues(model.graph.initializers.get(gamma)!) as Float32Array;
      let squares = 0;
      for (let c = 0; c < CHANNELS; c++) {
        const moved = (by: number) =>
          score(
            gamma,
            own.map((v, k) => 2 * v + (k === c ? by : 0)),
          );
        squares += (((await moved(0.02)) - (await moved(-0.02))) / 0.04) ** 2;
      }
      expect((await lengths(factors))[i]).toBeCloseTo(Math.sqrt(squares), 2);
    }
  });

  it("go as one over the size of a scale-invariant γ, and not of the last", async () => {
    await using opened = openNetwork(network("relu"));
    const lengths = gammaGradients(opened, GAMMAS, gaussianImages(opened.info, 2, 1), SEED);
    const one = await lengths([1, 1]);
    const of = async (i: 0 | 1, factors: readonly number[]) =>
      ((await lengths(factors))[i] as number) / (one[i] as number);
    expect(4 * (await of(0, [4, 1]))).toBeCloseTo(1, 2);
    expect(await of(1, [1, 4])).toBeCloseTo(1, 4);
    // and the last γ makes all gradients before it longer
    expect(await of(0, [1, 4])).toBeCloseTo(4, 2);
  });
});
