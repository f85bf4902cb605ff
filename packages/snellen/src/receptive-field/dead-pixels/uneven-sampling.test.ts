// Layers that read pixels unevenly. Oracle: brute force in ONNX Runtime: with weights of one, what a single bright pixel adds to
// the sum of all outputs is the number of windows over it; and the kernels and strides named in arXiv:2108.13576.
import { type Model, parseGraphText, serializeModel } from "@snellen/graph";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { type UnevenSampling, unevenSampling } from "./uneven-sampling.ts";

const SIZE = [48, 48] as const;
/** The block of pixels looked at: far enough from the borders that all windows over them are there. */
const [FIRST, SIDE] = [18, 12];
const ones = (n: number): string => new Array(n).fill(1).join(",");

const network = (nodes: string, initializers = ""): Model =>
  parseGraphText(`<ir_version: 9, opset_import: ["": 19]> agraph (float[N,3,${SIZE}] image) => (float[N,2] logits)
    <float[2,3,1,1] first = {${ones(6)}}${initializers === "" ? "" : `, ${initializers}`}> {
    x = Conv (image, first) [layer] ${nodes} features = Relu (y) pooled = GlobalAveragePool (features) logits = Flatten (pooled) }`);

const found = (nodes: string, initializers?: string): readonly UnevenSampling[] =>
  unevenSampling(describeModel(network(nodes, initializers)));

const conv = (kernel: readonly [number, number], strides: string, more = ""): [string, string] => [
  `y = Conv <strides = [${strides}], kernel_shape = [${kernel}]${more}> (x, w)`,
  `float[2,2,${kernel}] w = {${ones(4 * kernel[0] * kernel[1])}}`,
];

/** What each pixel of the block adds to the sum of the outputs, row by row. */
async function windowsOver(model: Model): Promise<number[]> {
  const outputs = [{ name: "features", dataType: "float32" as const, dims: undefined }];
  const session = await InferenceSession.create(
    serializeModel({ ...model, graph: { ...model.graph, outputs } }),
  );
  const [h, w] = SIZE;
  const count = SIDE * SIDE;
  const image = new Float32Array(count * 3 * h * w);
  for (let i = 0; i < count; i++)
    image[(i * 3 * h + FIRST + Math.floor(i / SIDE)) * w + FIRST + (i % SIDE)] = 1;
  const { features } = await session.run({ image: new Tensor("float32", image, [count, 3, h, w]) });
  await session.release();
  const data = (features as Tensor).data as Float32Array;
  const each = data.length / count;
  return Array.from({ length: count }, (_, i) =>
    data.subarray(i * each, (i + 1) * each).reduce((a, v) => a + v, 0),
  );
}

describe("unevenSampling", () => {
  it("counts the windows over each pixel, of any kernel, stride, dilation and padding", async () => {
    const side = (most: number) =>
      fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
    const property = fc.asyncProperty(
      side(5),
      side(4),
      side(2),
      side(3),
      async (kernel, strides, dilations, pads) => {
        const more = `, dilations = [${dilations}], pads = [${pads}, ${pads}]`;
        const [nodes, initializers] = conv(kernel, `${strides}`, more);
        const [row] = found(nodes, initializers);
        const counted = await windowsOver(network(nodes, initializers));
        expect(row === undefined).toBe(counted.every((n) => n === counted[0]));
        if (row === undefined) return;
        const over = (axis: 0 | 1, i: number): number => {
          const coverage = row.coverage[axis];
          return coverage[(FIRST + i) % coverage.length] as number;
        };
        // a pixel of one colour reaches both channels, and each of them both channels of the output
        const expected = counted.map((_, i) => 4 * over(0, Math.floor(i / SIDE)) * over(1, i % SIDE));
        expect(counted).toEqual(expected);
      },
    );
    await fc.assert(property, { seed: 20261125, numRuns: 25 });
  });

  it.each([
    ["1x1/2", conv([1, 1], "2, 2"), [1, 0], "odd-kernel", "kernel-padding"],
    ["3x3/2", conv([3, 3], "2, 2", ", pads = [1,1,1,1]"), [1, 2], "odd-kernel", "kernel-padding"],
    ["7x7/2", conv([7, 7], "2, 2", ", pads = [3,3,3,3]"), [3, 4], "odd-kernel", "kernel-padding"],
    ["5x5/4, whose 6 is no multiple", conv([5, 5], "4, 4"), [2, 1, 1, 1], "odd-kernel", "no"],
    ["dilated 3x3/2", conv([3, 3], "2, 2", ", dilations = [2,2]"), [3, 0], "odd-kernel", "no"],
    ["6x6/4", conv([6, 6], "4, 4"), [2, 2, 1, 1], "uneven-overlap", "no"],
    [
      "max-pool 3/2",
      ["y = MaxPool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]> (x)"],
      [1, 2],
      "pooling",
      "pooling",
    ],
    [
      "average pool 3/2",
      ["y = AveragePool <kernel_shape = [3,3], strides = [2,2]> (x)"],
      [2, 1],
      "pooling",
      "pooling",
    ],
    ["Lp pool 1/2", ["y = LpPool <kernel_shape = [1,1], strides = [2,2]> (x)"], [1, 0], "pooling", "pooling"],
    [
      "every other pixel",
      [
        "y = Slice (x, s, e, a, t)",
        "int64[2] s = {1, 1}, int64[2] e = {99, 99}, int64[2] a = {2, 3}, int64[2] t = {2, 2}",
      ],
      [0, 1],
      "subsampling",
      "no",
    ],
    [
      "nearest to a half",
      [
        'y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, , s)',
        "float[4] s = {1, 1, 0.5, 0.5}",
      ],
      [1, 0],
      "subsampling",
      "no",
    ],
    [
      "linear to a quarter",
      ['y = Resize <mode = "linear"> (x, , s)', "float[4] s = {1, 1, 0.25, 0.25}"],
      [0, 1, 1, 0],
      "subsampling",
      "no",
    ],
  ] as const)("lists %s", (_, [nodes, initializers], counts, kind, fixable) => {
    expect(found(nodes, initializers)).toEqual([
      expect.objectContaining({ node: "layer", kind, fixable, coverage: [counts, counts] }),
    ]);
  });

  it("names the weight, and the axis that is uneven", () => {
    const [row] = found(...conv([3, 2], "2, 2"));
    expect(row).toMatchObject({
      weight: "w",
      kernel: [3, 2],
      stride: [2, 2],
      coverage: [
        [2, 1],
        [1, 1],
      ],
    });
    expect(row?.reason).toMatchInlineSnapshot(
      `"odd kernel with an even stride, so that some pixels are under more windows than their neighbours: 3x2 kernel, stride 2x2."`,
    );
  });

  it("follows rows and columns that changed places", () => {
    const [row] = found(
      "t = Transpose <perm = [0,1,3,2]> (x) u = Conv <strides = [2,1]> (t, w) y = Transpose <perm = [0,1,3,2]> (u)",
      `float[2,2,3,1] w = {${ones(12)}}`,
    );
    expect(row).toMatchObject({ kernel: [1, 3], stride: [1, 2], coverage: [[1], [2, 1]] });
  });

  it.each([
    ["patches without overlap", conv([4, 4], "4, 4")],
    ["4x4/2", conv([4, 4], "2, 2", ", pads = [1,1,1,1]")],
    ["3x3/1", conv([3, 3], "1, 1")],
    ["pooling of the whole map", ["y = AveragePool <kernel_shape = [48,48], strides = [2,2]> (x)"]],
    ["max-pool 2/2", ["y = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x)"]],
    ["linear to a half", ['y = Resize <mode = "linear"> (x, , s)', "float[4] s = {1, 1, 0.5, 0.5}"]],
    [
      "antialiased to a quarter",
      ['y = Resize <mode = "linear", antialias = 1> (x, , s)', "float[4] s = {1, 1, 0.25, 0.25}"],
    ],
    [
      "a binomial blur",
      [
        "y = Conv <strides = [2,2], pads = [1,1,1,1], group = 2> (x, w)",
        `float[2,1,3,3] w = {${[1, 2, 1, 2, 4, 2, 1, 2, 1, 1, 2, 1, 2, 4, 2, 1, 2, 1].join(",")}}`,
      ],
    ],
    [
      "slices that together take every pixel",
      [
        "a = Slice (x, z, e, r, t) p = Slice (x, o, e, r, t) y = Concat <axis = 1> (a, p)",
        "int64[1] z = {0}, int64[1] o = {1}, int64[1] e = {99}, int64[1] r = {2}, int64[1] t = {2}",
      ],
    ],
  ] as const)("leaves out %s", (_, [nodes, initializers]) => {
    expect(found(nodes, initializers)).toEqual([]);
  });
});
