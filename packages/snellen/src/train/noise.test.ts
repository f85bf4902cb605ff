// Oracles: the graph without what is left out, ONNX Runtime's own outputs, and the binomial share of what is drawn.
import { serializeModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { network } from "../networks/index.ts";
import { createNodeRuntime } from "../node/runtime.ts";
import { describeModel } from "../vision-model/describe.ts";
import { noiseOf, noisePlaces, withNoise } from "./noise.ts";

const resnet = describeModel(
  network("resnet").build({ size: [8, 8], blocks: [1, 1], widths: [4, 6] } as never, 3),
);
const image = new Tensor(
  "float32",
  Float32Array.from({ length: 2 * 3 * 64 }, (_, i) => Math.sin(i * i)),
  [2, 3, 8, 8],
);
const runtime = createNodeRuntime({ session: { threads: 1 } });

async function logits(model: typeof resnet.model, noise?: readonly number[]): Promise<number[]> {
  const session = await runtime.createSession({ bytes: serializeModel(model) });
  const fed = noise && { noise: new Tensor("float32", Float32Array.from(noise), [2, noise.length / 2]) };
  const { logits } = await session.run({ image, ...fed });
  await session.dispose();
  return Array.from(logits?.data as Float32Array);
}

describe("dropout and stochastic depth", () => {
  const places = noisePlaces(resnet, { dropPath: 0.4, dropout: 0.5 });
  const { model, noise } = withNoise(resnet.model, places);
  const columns = noise?.rates.length ?? 0;
  const row = (value: (column: number) => number) => Array.from({ length: columns }, (_, i) => value(i));

  it("is at every residual branch, the deeper the more, and at every feature that the last layer reads", () => {
    expect(noise?.rates).toEqual([0.2, 0.4, ...new Array(6).fill(0.5)]);
  });

  it("changes nothing where nothing is left out", async () => {
    const ones = row(() => 1);
    const [with_, without] = [await logits(model, [...ones, ...ones]), await logits(resnet.model)];
    for (const [i, value] of with_.entries()) expect(value).toBeCloseTo(without[i] as number, 5);
  });

  it("takes the branch out for one picture and leaves the other as it is", async () => {
    const [branch] = places;
    const bypassed = withGraph(resnet.model, {
      nodes: resnet.model.graph.nodes.map((node) =>
        node !== branch?.node
          ? node
          : { ...node, opType: "Identity", inputs: node.inputs.filter((name) => name !== branch.value) },
      ),
    });
    const found = await logits(model, [...row((i) => (i === 0 ? 0 : 1)), ...row(() => 1)]);
    const [skip, whole] = [await logits(bypassed), await logits(resnet.model)];
    for (const [i, value] of found.entries())
      expect(value).toBeCloseTo((i < 10 ? skip : whole)[i] as number, 5);
    expect(Math.abs((skip[0] as number) - (whole[0] as number))).toBeGreaterThan(1e-3);
  });

  it("leaves as many out as asked for, and makes up for it", () => {
    const n = 4000;
    const drawn = noiseOf({ name: "noise", rates: [0.2, 0.5] }, n, 1, 7);
    for (const [column, rate] of [0.2, 0.5].entries()) {
      const own = Array.from({ length: n }, (_, i) => drawn[2 * i + column] as number);
      const left = own.filter((value) => value === 0).length / n;
      // five standard deviations
      expect(Math.abs(left - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / n));
      expect(own.every((value) => value === 0 || Math.abs(value - 1 / (1 - rate)) < 1e-6)).toBe(true);
    }
    expect(noiseOf({ name: "noise", rates: [0.2, 0.5] }, n, 1, 7)).toEqual(drawn);
    expect(noiseOf({ name: "noise", rates: [0.2, 0.5] }, n, 1, 8)).not.toEqual(drawn);
  });

  it("says so where there is no residual block", () => {
    const plain = describeModel(network("mlp").build({ size: [8, 8], widths: [5] } as never, 1));
    expect(() => noisePlaces(plain, { dropPath: 0.1 })).toThrow(
      expect.objectContaining({ code: "no-residual-blocks" }),
    );
    expect(noisePlaces(plain, { dropout: 0.1 })).toMatchObject([{ columns: 5, rate: 0.1 }]);
  });

  it.each([
    ["class token", { pooling: "class-token" }],
    ["mean of tokens", { pooling: "mean" }],
  ])("finds the branches of a transformer with a %s", (_, options) => {
    const vit = describeModel(
      network("vit").build({ size: [8, 8], patch: 4, width: 8, depth: 2, heads: 2, ...options } as never, 1),
    );
    const places = noisePlaces(vit, { dropPath: 0.2, dropout: 0.1 });
    expect(places.map(({ columns }) => columns)).toEqual([1, 1, 1, 1, 8]);
    expect(withNoise(vit.model, places).noise?.rates).toHaveLength(12);
  });
});
