// What operators read along an axis. Oracle: brute force in ONNX Runtime (test-support/reached.ts): each row and column of pixels is
// brightened and the cells that move are looked up. Weights are positive, so that nothing cancels; equality is exact.
import { parseGraphText } from "@snellen/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { receptiveField } from "./receptive-field.ts";
import { reachedCells } from "./test-support/reached.ts";

const SIZE = [37, 29] as const;
const ones = (n: number): string => new Array(n).fill(1).join(",");

/** A network of these nodes from `x` to `y`, both of two channels, ending in pooling so that it has scores. */
const network = (nodes: string, initializers = "") =>
  parseGraphText(`<ir_version: 9, opset_import: ["": 19]> agraph (float[N,3,${SIZE}] image) => (float[N,2] logits)
    <float[2,3,1,1] first = {${ones(6)}}${initializers === "" ? "" : `, ${initializers}`}> {
    x = Conv (image, first) ${nodes} features = Relu (y) pooled = GlobalAveragePool (features) logits = Flatten (pooled) }`);

interface Compared {
  readonly checked: number;
  /** [start, end] of the hull over the cells inside the image that was found, and as it was derived. */
  readonly found: readonly [number, number];
  readonly derived: readonly [number, number];
}

/** The hull over cells whose field lies inside the image, by trying and as derived. */
async function compared(model: ReturnType<typeof network>, axis: 0 | 1): Promise<Compared> {
  const { stride, start, end } = receptiveField(describeModel(model), "features")[axis];
  let [low, high, checked] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const { cell, first, last } of await reachedCells(model, "features", SIZE, axis)) {
    if (cell * stride + start < 0 || cell * stride + end > SIZE[axis] - 1) continue;
    low = Math.min(low, first - cell * stride);
    high = Math.max(high, last - cell * stride);
    checked++;
  }
  return { checked, found: [low, high], derived: [start, end] };
}

const w = (kh: number, kw: number): string => `float[2,2,${kh},${kw}] w = {${ones(4 * kh * kw)}}`;
const resize = (attributes: string, scales: string): [string, string] => [
  `y = Resize <${attributes}> (x, , scales)`,
  `float[4] scales = {1, 1, ${scales}}`,
];

const EXACT: readonly (readonly [nodes: string, initializers?: string])[] = [
  ["y = Conv <strides = [2, 1], pads = [0, 3, 2, 1]> (x, w)", w(3, 5)],
  ["y = Conv <pads = [3, 0, 3, 0]> (x, w)", w(7, 1)],
  ["y = Conv <dilations = [3, 2], pads = [1, 0, 0, 0]> (x, w)", w(2, 3)],
  ['y = Conv <auto_pad = "SAME_UPPER", strides = [2, 3]> (x, w)', w(4, 4)],
  ['y = Conv <auto_pad = "SAME_LOWER", strides = [2, 3]> (x, w)', w(4, 4)],
  ['y = Conv <auto_pad = "VALID", strides = [2, 3]> (x, w)', w(4, 4)],
  ["y = MaxPool <kernel_shape = [3, 2], strides = [2, 2], pads = [1, 0, 0, 1], ceil_mode = 1> (x)"],
  ["y = AveragePool <kernel_shape = [3, 2], dilations = [2, 3], strides = [2, 1]> (x)"],
  ["y = LpPool <kernel_shape = [3, 2], dilations = [2, 1], strides = [2, 2], ceil_mode = 1> (x)"],
  ["y = ConvTranspose <strides = [2, 3], pads = [1, 0, 0, 1], output_padding = [1, 2]> (x, w)", w(3, 4)],
  ["y = ConvTranspose <strides = [3, 2], dilations = [2, 3]> (x, w)", w(2, 3)],
  ["y = ConvTranspose <strides = [3, 2]> (x, w)", w(1, 1)],
  ['y = ConvTranspose <strides = [2, 2], auto_pad = "SAME_UPPER"> (x, w)', w(3, 5)],
  ['y = ConvTranspose <strides = [2, 2], auto_pad = "SAME_LOWER"> (x, w)', w(3, 5)],
  ["y = ConvTranspose <strides = [2, 2], output_shape = [73, 58]> (x, w)", w(4, 3)],
  resize('mode = "nearest"', "2, 3"),
  resize('mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"', "0.5, 2"),
  resize('mode = "nearest", nearest_mode = "ceil"', "0.4, 1.7"),
  resize('mode = "linear"', "2, 0.5"),
  resize('mode = "linear"', "0.25, 1.5"),
  resize('mode = "linear", coordinate_transformation_mode = "align_corners"', "2, 0.6"),
  resize('mode = "linear", antialias = 1', "0.5, 0.4"),
  resize('mode = "cubic"', "2, 0.6"),
  [
    'y = Resize <mode = "linear", coordinate_transformation_mode = "pytorch_half_pixel", axes = [-1]> (x, , , sizes)',
    "int64[1] sizes = {17}",
  ],
  ["b = Concat <axis = 1> (x, x) c = Concat <axis = 1> (b, b) y = DepthToSpace <blocksize = 2> (c)"],
  [
    "p = Pad (x, pads) d = SpaceToDepth <blocksize = 2> (p) y = Conv (d, v)",
    `int64[8] pads = {0, 0, 1, 0, 0, 0, 0, 1}, float[2,8,1,1] v = {${ones(16)}}`,
  ],
  ["y = LRN <size = 3> (x)"],
  ["y = Pad (x, pads, , axes)", "int64[4] pads = {3, 1, -2, 0}, int64[2] axes = {-1, 2}"],
  [
    "y = Slice (x, s, e, a, t)",
    "int64[2] s = {-35, 3}, int64[2] e = {99, 25}, int64[2] a = {2, 3}, int64[2] t = {2, 3}",
  ],
  ["a, y = Split <axis = 2> (x, s)", "int64[2] s = {9, 28}"],
  [
    "a = Conv <pads = [0, 3, 0, 3]> (x, w) b = Conv <pads = [2, 0, 2, 0]> (x, v) y = Add (a, b)",
    `${w(1, 7)}, float[2,2,5,1] v = {${ones(20)}}`,
  ],
  [
    "p = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w) q = MaxPool <kernel_shape = [1, 1], strides = [2, 2]> (x) y = Concat <axis = 1> (p, q)",
    w(3, 3),
  ],
  // a map of one channel, as spatial attention has it
  [
    "m = ReduceMean <keepdims = 1> (x, c) n = Conv <pads = [3, 3, 3, 3]> (m, v) y = Mul (x, n)",
    `int64[1] c = {1}, float[1,1,7,7] v = {${ones(49)}}`,
  ],
  // pixels that a reshape puts into the channels make up a cell together
  [
    "p = Slice (x, s, e, a) r = Reshape (p, parts) t = Transpose <perm = [0, 1, 3, 5, 2, 4]> (r) y = Reshape (t, map)",
    "int64[2] s = {1, 1}, int64[2] e = {37, 29}, int64[2] a = {2, 3}, int64[6] parts = {0, 2, 9, 4, 7, 4}, int64[4] map = {0, 32, 9, 7}",
  ],
  // rows and columns change places
  [
    "t = Transpose <perm = [0, 1, 3, 2]> (x) u = Conv <strides = [1, 2]> (t, w) y = Transpose <perm = [0, 1, 3, 2]> (u)",
    w(1, 5),
  ],
];

describe("receptive fields of single operators", () => {
  it.each(EXACT.map(([nodes, initializers = ""]) => ({ nodes, initializers })))(
    "$nodes",
    async ({ nodes, initializers }) => {
      for (const axis of [0, 1] as const) {
        const { checked, found, derived } = await compared(network(nodes, initializers), axis);
        expect(checked).toBeGreaterThan(4);
        derived.forEach((edge, i) => {
          // a scale of 1.7 in single precision makes no two cells read quite alike
          expect(found[i]).toBeCloseTo(edge, 5);
        });
      }
    },
  );

  it.each([
    "r = Slice (x, s, e, a, t) y = Add (x, r)",
    "y = InstanceNormalization (x, g, g)",
    "y = Softmax <axis = 3> (x)",
    "y = LayerNormalization <axis = 2> (x, n)",
    "p = GlobalAveragePool (x) q = Sigmoid (p) y = Mul (x, q)",
    "p = GlobalAveragePool (x) q = Expand (p, like) y = Concat <axis = 1> (x, q)",
  ])("%s brings in the whole image", async (nodes) => {
    const given = `int64[1] s = {-1}, int64[1] e = {-99}, int64[1] a = {3}, int64[1] t = {-1}, float[2] g = {1, 1}, int64[4] like = {1, 1, ${SIZE}}, float[${SIZE}] n = {${ones(SIZE[0] * SIZE[1])}}`;
    const [, columns] = receptiveField(describeModel(network(nodes, given)), "features");
    expect([columns.start, columns.end, columns.stride]).toEqual([-Infinity, Infinity, 1]);
  });
});

const window = fc.record({
  op: fc.constantFrom("Conv", "MaxPool", "AveragePool", "ConvTranspose", "Resize"),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
  scale: fc.tuple(fc.constantFrom(0.5, 0.6, 1, 1.5, 2), fc.constantFrom(0.5, 0.6, 1, 1.5, 2)),
  mode: fc.constantFrom("nearest", "linear"),
});

describe("receptive fields of random chains", () => {
  it("hold every pixel that moves a cell; behind convolutions and pooling alone, no other", async () => {
    let [checked, exact] = [0, 0];
    const property = fc.asyncProperty(fc.array(window, { minLength: 2, maxLength: 3 }), async (layers) => {
      const initializers: string[] = [];
      const nodes = layers.map(({ op, kernel, stride, dilation, pads, scale, mode }, i) => {
        const [input, output] = [i === 0 ? "x" : `v${i}`, i === layers.length - 1 ? "y" : `v${i + 1}`];
        if (op === "Resize") {
          initializers.push(`float[4] scales${i} = {1, 1, ${scale}}`);
          return `${output} = Resize <mode = "${mode}"> (${input}, , scales${i})`;
        }
        // padding stays below the kernel, as pooling demands
        const fitted = pads.map((pad, k) => Math.min(pad, (kernel[k % 2] as number) - 1));
        const attributes = `kernel_shape = [${kernel}], strides = [${stride}], dilations = [${dilation}], pads = [${fitted}]`;
        if (op.endsWith("Pool")) return `${output} = ${op} <${attributes}> (${input})`;
        initializers.push(`float[2,2,${kernel}] w${i} = {${ones(4 * kernel[0] * kernel[1])}}`);
        return `${output} = ${op} <${attributes}> (${input}, w${i})`;
      });
      const model = network(nodes.join(" "), initializers.join(", "));
      const plain = layers.every(({ op }) => op !== "Resize" && op !== "ConvTranspose");
      for (const axis of [0, 1] as const) {
        const result = await compared(model, axis);
        if (result.checked === 0) continue;
        checked += result.checked;
        const [[low, high], [start, end]] = [result.found, result.derived];
        expect(low).toBeGreaterThanOrEqual(start - 1e-9);
        expect(high).toBeLessThanOrEqual(end + 1e-9);
        if (plain) expect([low, high]).toEqual([start, end]);
        exact += plain ? result.checked : 0;
      }
    });
    await fc.assert(property, { seed: 20261124, numRuns: Number(process.env.SNELLEN_RUNS ?? 40) });
    expect(checked).toBeGreaterThan(300);
    expect(exact).toBeGreaterThan(50);
  });
});
