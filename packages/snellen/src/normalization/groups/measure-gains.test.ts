// Measured gains. Oracles: the Jacobian's norm by finite differences in double precision; the closed form, and the issue's own
// figures of simulation, on random networks.
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { openModelData, textModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { groupedBlocks } from "./advise-groups.ts";
import { closedFormGain } from "./closed-form.ts";
import { divisors } from "./divisors.ts";
import { gaussianImages } from "./inputs.ts";
import { measureGains } from "./measure-gains.ts";

/** Layers of 1x1 (linear, on one position) or 3x3 convolutions, each with GroupNormalization and ReLU. */
function network({ width, side, depth, kernel = 1, groups = 1, input = width, seed }: Sizes): VisionModel {
  const weights = Array.from(
    { length: depth },
    (_, l) => `float[${width},${l === 0 ? input : width},${kernel},${kernel}] w${l}`,
  );
  const layers = Array.from(
    { length: depth },
    (_, l) => `z${l} = Conv <pads = [${pads(kernel)}]> (${l === 0 ? "x" : `o${l - 1}`}, w${l})
      n${l} = GroupNormalization <num_groups = ${groups}> (z${l}, gamma, beta) o${l} = Relu (n${l})`,
  );
  const ones = new Array(width).fill(1).join();
  const zeros = new Array(width).fill(0).join();
  return openModelData(
    textModel(
      `<ir_version: 10, opset_import: ["": 21]>
     g (float[N,3,${side * 16},${side * 16}] image, float[${input},3,16,16] stem, ${weights.join(", ")})
     => (float[N,${width}] scores) <float[${width}] gamma = {${ones}}, float[${width}] beta = {${zeros}}> {
       s = Conv <strides = [16, 16]> (image, stem) x = Relu (s) ${layers.join("\n")}
       p = GlobalAveragePool (o${depth - 1}) scores = Flatten (p) }`,
      seed,
    ),
  );
}

interface Sizes {
  readonly width: number;
  readonly side: number;
  readonly depth: number;
  readonly kernel?: number;
  readonly groups?: number;
  readonly input?: number;
  readonly seed?: number;
}

const pads = (kernel: number): string => new Array(4).fill((kernel - 1) / 2).join();

async function gainsOf(model: VisionModel, images: number, candidates: readonly number[]) {
  const blocks = groupedBlocks(model.info);
  const inputs = gaussianImages(model.info, images, 1);
  return {
    blocks,
    gains: await measureGains(model, blocks, inputs, { candidates: () => candidates, seed: 3 }),
  };
}

describe("measured gain", () => {
  it("is the Jacobian's squared norm over the number of outputs", async () => {
    await using model = network({ width: 64, side: 1, depth: 1, groups: 4, input: 48 });
    const images = gaussianImages(model.info, 1, 1);
    const [block] = groupedBlocks(model.info);
    const [found] = await measureGains(model, [block!], images, { candidates: () => [8], seed: 3 });
    const gain = found?.[0]?.gain;
    const x = await valueIn(model, "x");
    const weights = model.info.model.graph.initializers.get("w0")!;
    const w = new Float32Array((weights.data as Uint8Array).slice().buffer);
    const forward = (input: Float64Array) => normalized(linear(w, input, 64), 8).map((v) => Math.max(v, 0));
    const norm = jacobianNorm(forward, Float64Array.from(x));
    // 16 draws of 64 signs: the estimate of a trace is known to a few percent
    expect((gain as number) / (norm / 64)).toBeGreaterThan(0.9);
    expect((gain as number) / (norm / 64)).toBeLessThan(1.1);
  });

  it("is the closed form's on wide linear networks, within 5 %", async () => {
    const candidates = [1, 4, 16, 32];
    const rows: number[][] = [];
    // a layer's weights are one draw, which all images share, so that several networks are needed
    for (let seed = 1; seed <= 12; seed++) {
      await using model = network({ width: 256, side: 1, depth: 2, seed });
      const { blocks, gains } = await gainsOf(model, 16, candidates);
      expect(blocks[1]).toMatchObject({ inputActivation: { id: "relu" }, isInputNormalized: true });
      rows.push((gains[1] ?? []).map(({ gain }) => gain));
    }
    const own = mean(rows);
    candidates.forEach((groups, i) => {
      const { gain } = closedFormGain({ ...MLP, groups });
      expect((own[i] as number) / (gain as number)).toBeGreaterThan(0.95);
      expect((own[i] as number) / (gain as number)).toBeLessThan(1.05);
    });
    expect(Math.abs((own[2] as number) - 1.08)).toBeLessThan(0.05 * 1.08);
  });

  it("has an interval around it, and the same numbers again", async () => {
    await using model = network({ width: 24, side: 4, depth: 2, kernel: 3 });
    const [first, again] = [await gainsOf(model, 4, divisors(24)), await gainsOf(model, 4, divisors(24))];
    expect(first.gains).toEqual(again.gains);
    for (const { gain, low, high } of first.gains.flat()) {
      expect(low).toBeLessThanOrEqual(gain);
      expect(high).toBeGreaterThanOrEqual(gain);
    }
  });
});

const MLP = {
  channels: 256,
  fanIn: 256,
  fanOut: 256,
  activation: "relu",
  position: "before-activation",
  spatial: 1,
  convention: "norm",
} as const;

const mean = (rows: readonly (readonly number[])[]): number[] =>
  (rows[0] ?? []).map((_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length);

async function valueIn(model: VisionModel, value: string): Promise<Float32Array> {
  const { addOutputs } = await import("@snellen/graph");
  const [outputs] = await model.run(
    `value ${value}`,
    () => addOutputs(model.info.model, [value], model.info.shapes),
    gaussianImages(model.info, 1, 1),
  );
  const { data } = (outputs as Record<string, Tensor>)[value] as Tensor;
  return data as Float32Array;
}

const linear = (w: Float32Array, x: Float64Array, rows: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, r) =>
    x.reduce((sum, v, i) => sum + v * (w[r * x.length + i] as number), 0),
  );

function normalized(z: Float64Array, groups: number): Float64Array {
  const size = z.length / groups;
  return z.map((v, i) => {
    const group = z.subarray(Math.floor(i / size) * size, (Math.floor(i / size) + 1) * size);
    const middle = group.reduce((sum, u) => sum + u, 0) / size;
    const variance = group.reduce((sum, u) => sum + (u - middle) ** 2, 0) / size;
    return (v - middle) / Math.sqrt(variance + 1e-5);
  });
}

/** Σ (∂o/∂x)² by central differences. */
function jacobianNorm(forward: (x: Float64Array) => Float64Array, x: Float64Array): number {
  const step = 1e-5;
  let sum = 0;
  x.forEach((_, i) => {
    const moved = (by: number) => forward(x.with(i, (x[i] as number) + by));
    const [up, down] = [moved(step), moved(-step)];
    up.forEach((v, o) => {
      sum += ((v - (down[o] as number)) / (2 * step)) ** 2;
    });
  });
  return sum;
}
