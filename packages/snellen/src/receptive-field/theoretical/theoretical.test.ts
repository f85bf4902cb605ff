// Theoretical receptive fields. Oracle: brute force (each pixel is changed and the cells that move are counted, all weights
// being positive so that nothing cancels), and the sizes published for ResNets (arXiv:2108.13576).
import {
  type Tensor as Constant,
  type Model,
  makeNode,
  makeTensor,
  type Node,
  parseGraphText,
  serializeModel,
} from "@snellen/graph";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { type AxisField, fieldSize } from "./theoretical.ts";

const SIDE = 23;

interface Layer {
  readonly op: "Conv" | "MaxPool" | "AveragePool";
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** A chain of layers on one channel, ending in pooling and a linear head so that the model has scores. */
function chain(layers: readonly Layer[], skip: boolean): Model {
  const base = parseGraphText(
    `<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,${SIDE},${SIDE}] image) => (float[N,2] logits) <float[2,3,1,1] first = {1,1,1,1,1,1}> { start = Conv (image, first) }`,
  );
  const nodes: Node[] = [...base.graph.nodes];
  const initializers = new Map<string, Constant>(base.graph.initializers);
  let value = "start";
  layers.forEach((layer, i) => {
    const attributes = {
      kernel_shape: [layer.kernel, layer.kernel],
      strides: [layer.stride, layer.stride],
      pads: [layer.pad, layer.pad, layer.pad, layer.pad],
      dilations: layer.op === "AveragePool" ? undefined : [layer.dilation, layer.dilation],
    };
    const inputs = [value];
    if (layer.op === "Conv") {
      initializers.set(
        `w${i}`,
        makeTensor("float32", [2, 2, layer.kernel, layer.kernel], new Array(4 * layer.kernel ** 2).fill(1)),
      );
      inputs.push(`w${i}`);
    }
    nodes.push(makeNode(layer.op, inputs, [`layer${i}`], { name: `layer${i}`, attributes }));
    value = `layer${i}`;
  });
  if (skip) {
    initializers.set("wide", makeTensor("float32", [2, 2, 3, 3], new Array(36).fill(1)));
    nodes.push(
      makeNode("Conv", [value, "wide"], ["branch"], {
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      }),
    );
    nodes.push(makeNode("Add", [value, "branch"], ["sum"], { name: "sum" }));
    value = "sum";
  }
  nodes.push(
    makeNode("Identity", [value], ["last"]),
    makeNode("Relu", ["last"], ["features"], { name: "features" }),
  );
  nodes.push(
    makeNode("GlobalAveragePool", ["features"], ["pooled"]),
    makeNode("Flatten", ["pooled"], ["logits"]),
  );
  return { ...base, graph: { ...base.graph, nodes, initializers } };
}

/** A ResNet's skeleton of two channels: its windows and shortcuts, none of its weights. The 3×3 convolutions carry the strides. */
function resnet(blocks: readonly number[], bottleneck: boolean): Model {
  const base = parseGraphText(
    `<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,64,64] image) => (float[N,2] logits) <float[2,3,1,1] first = {1,1,1,1,1,1}> { start = Conv (image, first) }`,
  );
  const nodes: Node[] = [...base.graph.nodes];
  const initializers = new Map<string, Constant>(base.graph.initializers);
  const window = (op: string, x: string, kernel: number, stride: number): string => {
    const name = `v${nodes.length}`;
    const weight = `w${kernel}`;
    if (op === "Conv")
      initializers.set(
        weight,
        makeTensor("float32", [2, 2, kernel, kernel], new Array(4 * kernel ** 2).fill(1)),
      );
    const pad = (kernel - 1) / 2;
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    };
    nodes.push(makeNode(op, op === "Conv" ? [x, weight] : [x], [name], { name, attributes }));
    return name;
  };
  let x = window("MaxPool", window("Conv", "start", 7, 2), 3, 2);
  blocks.forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const branch = bottleneck
        ? window("Conv", window("Conv", window("Conv", x, 1, 1), 3, stride), 1, 1)
        : window("Conv", window("Conv", x, 3, stride), 3, 1);
      const shortcut = stride === 1 ? x : window("Conv", x, 1, stride);
      x = `sum${nodes.length}`;
      nodes.push(makeNode("Add", [branch, shortcut], [x], { name: x }));
    }
  });
  nodes.push(makeNode("GlobalAveragePool", [x], ["pooled"]), makeNode("Flatten", ["pooled"], ["logits"]));
  return { ...base, graph: { ...base.graph, nodes, initializers } };
}

/** Rows of pixels that reach each row of cells: [first, last] inside the image, by changing one pixel of the middle column. */
async function reached(model: Model, rows: number): Promise<[number, number][]> {
  const outputs = [{ name: "features", dataType: "float32" as const, dims: undefined }];
  const session = await InferenceSession.create(
    serializeModel({ ...model, graph: { ...model.graph, outputs } }),
  );
  const image = new Float32Array((SIDE + 1) * 3 * SIDE * SIDE).fill(1);
  // image k + 1 has row k brightened; max-pooling passes what is brighter
  for (let k = 0; k < SIDE; k++)
    image.fill(2, ((k + 1) * 3 * SIDE + k) * SIDE, ((k + 1) * 3 * SIDE + k + 1) * SIDE);
  const { features } = await session.run({ image: new Tensor("float32", image, [SIDE + 1, 3, SIDE, SIDE]) });
  await session.release();
  const map = features as Tensor;
  const [, channels, , columns] = map.dims as [number, number, number, number];
  const data = map.data as Float32Array;
  const rowSum = (n: number, row: number) =>
    data
      .subarray((n * channels * rows + row) * columns, (n * channels * rows + row + 1) * columns)
      .reduce((a, v) => a + v, 0);
  return Array.from({ length: rows }, (_, row) => {
    const moved = Array.from({ length: SIDE }, (_, k) => k).filter(
      (k) => rowSum(k + 1, row) !== rowSum(0, row),
    );
    return [Math.min(...moved), Math.max(...moved)];
  });
}

const layer = fc
  .record({
    op: fc.constantFrom("Conv", "MaxPool", "AveragePool") as fc.Arbitrary<Layer["op"]>,
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 1 }),
  })
  .map((l) => ({
    ...l,
    dilation: l.op === "AveragePool" ? 1 : l.dilation,
    pad: Math.min(l.pad, l.kernel - 1),
  }));

describe("receptiveFields", () => {
  it("are the pixels that move a cell, in random chains of convolutions and pooling", async () => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(layer, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (layers, skip) => {
          const model = chain(layers, skip);
          const found = describeModel(model).layers.layers.find((l) => l.value === "features");
          if (found === undefined || found.field === undefined) return; // maps of one cell have no extent
          const [rows] = found.field;
          for (const [i, [first, last]] of (await reached(model, found.layout.grid[0])).entries()) {
            const [start, end] = [i * rows.stride + rows.start, i * rows.stride + rows.end];
            // at the border, maps end before their field does
            if (start < 0 || end >= SIDE) continue;
            expect([first, last]).toEqual([start, end]);
            checked++;
          }
        },
      ),
      { seed: 9, numRuns: 40 },
    );
    expect(checked).toBeGreaterThan(100);
  });

  it("are the whole image behind a gate that saw all of it, with centres kept", () => {
    const model =
      parseGraphText(`<ir_version: 9, opset_import: ["": 18]> agraph (float[N,3,16,16] image) => (float[N,4] logits)
      <float[4,3,4,4] w = {${new Array(192).fill(0.1).join(",")}}> {
        a = Conv <kernel_shape = [4,4], strides = [4,4]> (image, w)
        pooled = GlobalAveragePool (a) gate = Sigmoid (pooled) gated = Mul (a, gate)
        mean = GlobalAveragePool (gated) logits = Flatten (mean) }`);
    const { layers } = describeModel(model).layers;
    const [plain, gated] = ["a", "gated"].map(
      (v) => layers.find((l) => l.value === v)?.field?.[0] as AxisField,
    );
    expect(plain).toEqual({ stride: 4, start: 0, end: 3, centre: 1.5 });
    expect(gated).toEqual({ stride: 4, start: -Infinity, end: Infinity, centre: 1.5 });
  });

  it.each([
    ["18", [2, 2, 2, 2], false, 435],
    ["34", [3, 4, 6, 3], false, 899],
    ["50", [3, 4, 6, 3], true, 427],
    ["101", [3, 4, 23, 3], true, 971],
    ["152", [3, 8, 36, 3], true, 1451],
  ] as const)("ResNet-%s has the published size", (_, blocks, bottleneck, size) => {
    const field = describeModel(resnet(blocks, bottleneck)).layers.default?.field;
    expect(field?.map(fieldSize)).toEqual([size, size]);
  });
});
