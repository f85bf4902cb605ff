// Untrained networks. Oracle: unit variance of pre-activations is what He's scale is for (to the spread of a few thousand numbers);
// the rest are properties.
import { addOutputs, inferShapes, type Model, tensorValues } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { type After, unitVariance } from "../networks/initial-weights.ts";
import { groupedBlocks } from "../normalization/groups/advise-groups.ts";
import { gaussianImages } from "../normalization/groups/inputs.ts";
import { openModelData } from "../vision-model/test-support/text-model.ts";
import { chain } from "./groups/networks.ts";
import { createNetwork } from "./random-network.ts";

const SHAPE = { kind: "CNN", widths: [16, 16], side: 8, activation: "relu" } as const;

const weightsOf = (model: Model, name: string) => tensorValues(model.graph.initializers.get(name)!);

describe("createNetwork", () => {
  it.each<After>(["relu", "gelu", "silu"])("keeps variance 1 behind %s", async (activation) => {
    const network = createNetwork(8, 3);
    const { b } = network;
    const layer = (name: string, x: string, after: After) =>
      network.product(name, x, 512, unitVariance(after));
    let x = b.op("Flatten", [network.image]);
    for (let l = 0; l < 2; l++)
      x = network.activate(layer(`layer${l}`, x, l === 0 ? "none" : activation), activation);
    await using model = openModelData(network.finish(layer("head", x, activation)), { preset: "none" });
    const names = ["layer1/MatMul", model.info.logits.value];
    const graph = () => addOutputs(model.info.model, names, model.info.shapes);
    const [outputs = {}] = await model.run("values", graph, gaussianImages(model.info, 8, 1));
    for (const name of names) {
      const values = (outputs[name] as Tensor).data as Float32Array;
      const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
      expect(Math.abs(square - 1)).toBeLessThan(0.15);
    }
  });

  it("draws the same weights for the same seed, whatever the groups", () => {
    const [few, many, other] = [
      chain({ ...SHAPE, groups: () => 1 }, 5),
      chain({ ...SHAPE, groups: () => 16 }, 5),
      chain({ ...SHAPE, groups: () => 1 }, 6),
    ];
    expect(weightsOf(few, "layers.1.weight")).toEqual(weightsOf(many, "layers.1.weight"));
    expect(weightsOf(few, "layers.1.weight")).not.toEqual(weightsOf(other, "layers.1.weight"));
    expect(weightsOf(few, "layers.0.weight").slice(0, 100)).not.toEqual(
      weightsOf(few, "layers.1.weight").slice(0, 100),
    );
  });

  it("draws what it always drew: published figures rest on it", () => {
    const model = chain({ ...SHAPE, groups: () => 4 }, 5);
    const ends = ["layers.0.weight", "layers.1.weight", "head.weight"].map((name) => {
      const values = weightsOf(model, name);
      return [values[0], values.at(-1)];
    });
    expect(ends).toEqual([
      [-0.1949424296617508, -0.13049499690532684],
      [0.04595658555626869, -0.01291918195784092],
      [-0.35386866331100464, 0.08851464837789536],
    ]);
  });

  it("keeps equal γ apart, and lets them be set by name", () => {
    const network = createNetwork(8, 1, (name) => (name === "b" ? 0.5 : 1));
    const map = network.conv("c", network.image, 4);
    const [a, b] = [network.groupNorm("a", map, 2), network.batchNorm("b", map)];
    const model = network.finish(network.b.op("Add", [a, b]));
    expect([...weightsOf(model, "a.weight")]).toEqual([1, 1, 1, 1]);
    expect([...weightsOf(model, "b.weight")]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...weightsOf(model, "b.running_var")]).toEqual([1, 1, 1, 1]);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(["image"]);
  });

  it("makes layers that the advice finds, with their sizes", async () => {
    await using model = openModelData(chain({ ...SHAPE, groups: () => 4 }, 1), { preset: "none" });
    expect(groupedBlocks(model.info)).toMatchObject([
      { normalization: { groups: 4, channels: 16 }, weight: { fanIn: 27 }, inputActivation: "none" },
      { weight: { fanIn: 144 }, activation: { id: "relu" }, inputActivation: { id: "relu" }, positions: 64 },
    ]);
    expect(inferShapes(model.info.model).batches).toEqual([2, 3]);
  });
});
