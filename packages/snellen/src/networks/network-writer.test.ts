// The writer's layers. Oracles: arithmetic by hand on ONNX Runtime (windows, linear layers), and properties of names and draws.
import { elementCount, floatTensor, type Model, tensorValues, withGraph } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { heNormal, type InitialWeights, zeros } from "./initial-weights.ts";
import { createNetworkWriter, type NetworkWriter } from "./network-writer.ts";
import { logitsOf } from "./test-support/logits-of.ts";

const ones: InitialWeights = (dims) => new Float32Array(elementCount(dims)).fill(1);
const writer = (side: number, initial = ones, channels = 1): NetworkWriter =>
  createNetworkWriter({ size: [side, side], channels, seed: 1, initial });
const weightsOf = (model: Model, name: string) => tensorValues(model.graph.initializers.get(name)!);

/** Outputs of the pixels 1, 2, … row by row. */
async function valuesOf(network: NetworkWriter, value: string, side: number): Promise<number[]> {
  const model = network.finish(network.b.op("Flatten", [value]));
  const pixels = Float32Array.from({ length: side * side }, (_, i) => i + 1);
  return await logitsOf(model, pixels, [1, 1, side, side]);
}

describe("windows", () => {
  it("of odd kernels lie around each pixel", async () => {
    const network = writer(2);
    expect(await valuesOf(network, network.conv("c", network.image, 1), 2)).toEqual([10, 10, 10, 10]);
  });

  it("of even kernels reach further down and right", async () => {
    const network = writer(2);
    const y = network.conv("c", network.image, 1, { kernel: 2 });
    expect(await valuesOf(network, y, 2)).toEqual([10, 6, 7, 4]);
  });

  it("step by the stride, along each axis its own", async () => {
    const network = writer(4);
    const y = network.conv("c", network.image, 1, { kernel: [1, 2], stride: [2, 1], padding: "valid" });
    expect(await valuesOf(network, y, 4)).toEqual([3, 5, 7, 19, 21, 23]);
  });

  it("of pooling do not count what lies outside", async () => {
    const network = writer(2);
    const [max, average] = (["max", "average"] as const).map((kind) =>
      network.pool(kind, network.image, { kernel: 3 }),
    ) as [string, string];
    const both = network.b.op("Concat", [max, average], { axis: 1 });
    expect(await valuesOf(network, both, 2)).toEqual([4, 4, 4, 4, 2.5, 2.5, 2.5, 2.5]);
  });
});

describe("linear", () => {
  it("lays its weight out as PyTorch has it for vectors, and for tokens the other way about", () => {
    const network = writer(4, zeros);
    const { b } = network;
    const tokens = b.op("Reshape", [network.image, b.ints([0, 8, 2])]);
    const vector = network.b.op("Flatten", [network.linear("tokens", tokens, 3)]);
    const model = network.finish(network.linear("head", vector, 5));
    const dims = (name: string) => model.graph.initializers.get(name)?.dims;
    expect([dims("tokens.weight"), dims("tokens.bias")]).toEqual([[2, 3], [3]]);
    expect([dims("head.weight"), dims("head.bias")]).toEqual([[5, 24], [5]]);
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual([
      "Reshape",
      "MatMul",
      "Add",
      "Flatten",
      "Gemm",
    ]);
    expect(model.graph.outputs).toEqual([{ name: "logits", dataType: "float32", dims: ["batch", 5] }]);
  });

  it("gives the same both ways where the weights are each other's transpose", async () => {
    const network = writer(2, heNormal("in"));
    const { b } = network;
    const flat = b.op("Flatten", [network.image]);
    const vector = network.linear("vector", flat, 3);
    const token = network.linear("token", b.op("Reshape", [flat, b.ints([0, 1, 4])]), 3);
    const built = network.finish(b.op("Concat", [vector, b.op("Flatten", [token])], { axis: 1 }));
    const weight = weightsOf(built, "vector.weight") as Float32Array;
    const transposed = Float32Array.from(weight, (_, i) => weight[(i % 3) * 4 + Math.floor(i / 3)] as number);
    const initializers = new Map(built.graph.initializers).set(
      "token.weight",
      floatTensor([4, 3], transposed),
    );
    const found = await logitsOf(
      withGraph(built, { initializers }),
      new Float32Array([1, -2, 3, 5]),
      [1, 1, 2, 2],
    );
    for (let i = 0; i < 3; i++) expect(found[i]).toBeCloseTo(found[i + 3] as number, 5);
    expect(found[0]).not.toBe(0);
  });
});

describe("parameters", () => {
  const built = (extra: boolean) => {
    const network = writer(8, heNormal("out"), 3);
    const first = network.batchNorm("bn1", network.conv("conv1", network.image, 4));
    const second = extra ? network.activate(network.conv("extra", first, 4), "silu") : first;
    return network.finish(network.linear("head", network.pooled(network.conv("conv2", second, 4)), 2));
  };

  it("are the same whatever other layers there are", () => {
    const [plain, more] = [built(false), built(true)];
    for (const name of ["conv1.weight", "conv2.weight", "head.weight"])
      expect(weightsOf(more, name)).toEqual(weightsOf(plain, name));
    expect(weightsOf(more, "conv2.weight")).not.toEqual(weightsOf(more, "extra.weight"));
  });

  it("are all the floating-point constants", () => {
    const names = [...built(true).graph.initializers].filter(([, { dataType }]) => dataType === "float32");
    expect(names.map(([name]) => name)).toEqual([
      "conv1.weight",
      "bn1.weight",
      "bn1.bias",
      "bn1.running_mean",
      "bn1.running_var",
      "extra.weight",
      "conv2.weight",
      "head.weight",
      "head.bias",
    ]);
  });
});
