// Gradients of normalizations. With x̂ = (x − μ)·r, r = 1/√(σ² + ε), μ and σ² over a set of positions:
//   y = x̂·γ + β   ⇒   dx = r·(g − mean g − x̂·mean(g∘x̂)),  g = dy∘γ,  dγ = Σ dy∘x̂,  dβ = Σ dy     (means over that set)
import { attr, BATCH, describeNode, type GraphBuilder, type Node, UnsupportedError } from "@snellen/graph";
import { axesFrom, besideChannels, inverseDeviation, meanOver, spatialAxes } from "../deviation.ts";
import { castLike, mul, scaled, shifted, square } from "../emit.ts";
import type { Rule } from "../rule.ts";
import { at, product } from "../window.ts";

/** All axes but the channels' (axis 1). */
const exceptChannels = (rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1);

const sumTo = (b: GraphBuilder, value: string, axes: readonly number[]): string =>
  b.op("ReduceSum", [value, b.ints(axes)], { keepdims: 0 });

const filled = (b: GraphBuilder, value: number, like: string): string =>
  b.op("Expand", [b.scalar(value, like), b.ints(b.dims(like))]);

/** g − mean g − x̂·mean(g∘x̂): what is left of a gradient that neither shifts nor scales the normalized set. */
function centred(b: GraphBuilder, g: string, normal: string, axes: readonly number[]): string {
  const along = mul(b, normal, meanOver(b, mul(b, g, normal), axes));
  return b.op("Sub", [b.op("Sub", [g, meanOver(b, g, axes)]), along]);
}

/**
 * With stored statistics, y is linear in x: dx is the same BatchNormalization without shifts, which ONNX Runtime keeps in its
 * blocked layout (a product with a broadcast vector leaves it).
 */
export const BatchNormalization: Rule = (c) => {
  const { b, node, x, dy, needs } = c;
  if (attr.int(node, "training_mode", 0) === 1) return batchStatistics(c);
  const [value, scale, , mean, variance] = x as [string, string, string, string, string];
  const epsilon = { float: attr.float(node, "epsilon", 1e-5) };
  const axes = exceptChannels(b.rank(value));
  const zeros = filled(b, 0, mean);
  const normalize = (v: string, gain: string, centre: string): string =>
    b.op("BatchNormalization", [v, gain, zeros, centre, variance], { epsilon });
  const perScale =
    needs(1) || needs(4) ? sumTo(b, mul(b, dy, normalize(value, filled(b, 1, mean), mean)), axes) : "";
  const power = () => shifted(b, variance, epsilon.float);
  const total = () => sumTo(b, dy, axes);
  return [
    needs(0) ? normalize(dy, scale, zeros) : null,
    needs(1) ? perScale : null,
    needs(2) ? total() : null,
    // dμ = −γ·r·Σdy,  dσ² = −½·γ·r²·Σ dy∘x̂
    needs(3) ? b.op("Neg", [b.op("Div", [mul(b, total(), scale), b.op("Sqrt", [power()])])]) : null,
    needs(4) ? b.op("Div", [mul(b, perScale, scaled(b, scale, -0.5)), power()]) : null,
  ];
};

/** Statistics of the batch itself, over all axes but the channels'. */
const batchStatistics: Rule = ({ b, node, x, dy, dys, needs }) => {
  if (dys.slice(1).some((d) => d !== undefined)) throw statisticsRefused(node);
  const [value, scale] = x as [string, string];
  const rank = b.rank(value);
  const axes = exceptChannels(rank);
  const { normal, inverse } = recomputed(b, node, value, axes);
  const gain = () => mul(b, besideChannels(b, scale, rank), inverse);
  return [
    needs(0) ? mul(b, centred(b, dy, normal, axes), gain()) : null,
    needs(1) ? sumTo(b, mul(b, dy, normal), axes) : null,
    needs(2) ? sumTo(b, dy, axes) : null,
  ];
};

const statisticsRefused = (node: Node): UnsupportedError =>
  new UnsupportedError("no-gradient-form", "running statistics have no gradient.", {
    where: describeNode(node),
    hint: "Differentiate the normalized output instead.",
  });

/** Over each channel's map. One LayerNormalization over the map gives x̂ and r. */
export const InstanceNormalization: Rule = ({ b, node, x, dy, needs }) => {
  const [value, scale] = x as [string, string];
  const rank = b.rank(value);
  const spatial = spatialAxes(rank);
  const sizes = b.dims(value).slice(2);
  const ones = b.op("Expand", [
    b.scalar(1, value),
    sizes.includes(BATCH) ? b.op("Shape", [value], { start: 2 }) : b.ints(sizes),
  ]);
  const epsilon = { float: attr.float(node, "epsilon", 1e-5) };
  const [normal, , inverse] = b.ops("LayerNormalization", [value, ones], 3, { axis: 2, epsilon }) as [
    string,
    string,
    string,
  ];
  const gain = () => mul(b, castLike(b, inverse, value), besideChannels(b, scale, rank));
  const axes = exceptChannels(rank);
  return [
    needs(0) ? mul(b, centred(b, dy, normal, spatial), gain()) : null,
    needs(1) ? sumTo(b, mul(b, dy, normal), axes) : null,
    needs(2) ? sumTo(b, dy, axes) : null,
  ];
};

/**
 * Over the axes from `axis` on. The forward operator is asked for μ and r (outputs 2 and 3), which cost nothing more; they are
 * outputs of their own in second order:  dx += (dμ − x̂·r²·dr) / n
 */
export const LayerNormalization: Rule = ({ b, node, x, dys, needs }) => {
  const [value, scale] = x as [string, string];
  const axes = axesFrom(node, b.rank(value));
  const single = b.dataType(value) === "float32";
  const { normal, inverse } = single ? reported(b, node, value) : recomputed(b, node, value, axes);
  const [dy, dMean, dInverse] = dys;
  const parts: string[] = [];
  if (dy !== undefined) parts.push(mul(b, centred(b, mul(b, dy, scale), normal, axes), inverse));
  const share = 1 / elements(b, node, value, axes);
  if (dMean !== undefined) parts.push(scaled(b, castLike(b, dMean, value), share));
  if (dInverse !== undefined) {
    const perValue = mul(b, castLike(b, dInverse, value), square(b, inverse));
    parts.push(mul(b, normal, scaled(b, perValue, -share)));
  }
  return [
    needs(0) ? parts.reduce((a, c) => b.op("Add", [a, c])) : null,
    needs(1) && dy !== undefined ? mul(b, dy, normal) : null,
    needs(2) && dy !== undefined ? dy : null,
  ];
};

interface Standardized {
  /** x̂ */
  readonly normal: string;
  /** r */
  readonly inverse: string;
}

/** From the node's own statistics, which are single precision whatever the input is. */
function reported(b: GraphBuilder, node: Node, value: string): Standardized {
  const [, mean, inverse] = b.outputsOf(node, 3) as [string, string, string];
  return { normal: mul(b, b.op("Sub", [value, mean]), inverse), inverse };
}

function recomputed(b: GraphBuilder, node: Node, value: string, axes: readonly number[]): Standardized {
  const offset = b.op("Sub", [value, meanOver(b, value, axes)]);
  const inverse = inverseDeviation(b, node, offset, axes);
  return { normal: mul(b, offset, inverse), inverse };
}

function elements(b: GraphBuilder, node: Node, value: string, axes: readonly number[]): number {
  const dims = b.dims(value);
  const sizes = axes.map((a) => at(dims, a));
  if (!sizes.includes(BATCH)) return product(sizes);
  throw new UnsupportedError("dynamic-normalized-size", "it normalizes over the batch.", {
    where: describeNode(node),
    hint: "Differentiate at a fixed batch size.",
  });
}

/**
 * y = x·s^{−β}, s = bias + α·mean over the window of n channels (zeros outside) of x²:
 * dx = dy·s^{−β} − (2αβ)·x·(mean over the mirrored window of dy·x·s^{−β−1}).
 * A window over channels is an average pooling over [N, 1, C, rest].
 */
export const LRN: Rule = ({ b, node, x, dy }) => {
  const value = x[0] as string;
  const size = attr.int(node, "size");
  const alpha = attr.float(node, "alpha", 1e-4);
  const beta = attr.float(node, "beta", 0.75);
  const [n, channels] = b.dims(value) as [number, number];
  const before = Math.floor((size - 1) / 2);
  const around = (v: string, begin: number, end: number): string => {
    const flat = b.op("Reshape", [v, b.ints([0, 1, channels, -1])]);
    const pads = [begin, 0, end, 0];
    const mean = b.op("AveragePool", [flat], { kernel_shape: [size, 1], pads, count_include_pad: 1 });
    return b.op("Reshape", [mean, n === BATCH ? b.op("Shape", [v]) : b.ints(b.dims(v))]);
  };
  const s = shifted(
    b,
    scaled(b, around(square(b, value), before, size - 1 - before), alpha),
    attr.float(node, "bias", 1),
  );
  const direct = mul(b, dy, b.op("Pow", [s, b.scalar(-beta, s)]));
  const shared = b.op("Div", [mul(b, direct, value), s]);
  const back = mul(b, value, scaled(b, around(shared, size - 1 - before, before), 2 * alpha * beta));
  return [b.op("Sub", [direct, back])];
};
