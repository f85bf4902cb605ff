// The first principal component of a feature map, inside the graph: the Gram matrix squared until one direction is left.
// Squaring doubles the number of power iterations: after 14 of them a gap of 0.5 % between the two largest is settled.
import { BATCH, type GraphBuilder, makeTensor, UnsupportedError } from "@snellen/graph";

const SQUARINGS = 14;

/** Matrices of more rows would take seconds; finer layers are refused. */
export const MOST_ROWS = 2048;

/** Rows of the smaller of the two Gram matrices: positions × positions, or channels × channels. */
export const principalRows = (positions: number, channels: number): number => Math.min(positions, channels);

/** Least norm divided by: a feature map that is constant has no direction, and gives zeros. */
const TINY = 1e-30;

/**
 * Projects each position's features on the direction in which they vary most.
 * The sign is that for which strong features (by their norm) are positive: a singular vector has none of its own.
 * @param features float32 [N, K, h, w]; @returns float32 [N, h, w]
 * @throws UnsupportedError `layer-too-fine`
 */
export function principalComponent(b: GraphBuilder, features: string): string {
  // squares of features of 1e-16 or 1e20 would leave what float32 holds
  const highest = b.op("ReduceMax", [b.op("Abs", [features]), b.ints([1, 2, 3])], { keepdims: 1 });
  const magnitude = b.op("Max", [highest, b.scalar(TINY)]);
  const { rows, centred } = centredRows(b, b.op("Div", [features, magnitude]));
  const [, positions, channels] = b.dims(centred) as [number, number, number];
  const turned = b.op("Transpose", [centred], { perm: [0, 2, 1] });
  const byPosition = positions <= channels;
  const gram = b.op("MatMul", byPosition ? [centred, turned] : [turned, centred]);
  const vector = dominant(b, gram);
  const projection = byPosition
    ? b.op("Mul", [vector, largestValue(b, gram, vector)])
    : b.op("MatMul", [centred, vector]);
  const map = asMap(b, withSign(b, projection, rows), features);
  return b.op("Mul", [map, b.op("Squeeze", [magnitude, b.ints([3])])]);
}

/**
 * The first component of kernel principal component analysis with the kernel tanh(x·y/K + 1).
 * @param features float32 [N, K, h, w]; @returns float32 [N, h, w]
 * @throws UnsupportedError `layer-too-fine`
 */
export function kernelComponent(b: GraphBuilder, features: string): string {
  const { rows, centred } = centredRows(b, features);
  const channels = b.dims(centred)[2] as number;
  const turned = b.op("Transpose", [centred], { perm: [0, 2, 1] });
  const products = b.op("Mul", [b.op("MatMul", [centred, turned]), b.scalar(1 / channels)]);
  const kernel = b.op("Tanh", [b.op("Add", [products, b.scalar(1)])]);
  const mean = (axis: number) => b.op("ReduceMean", [kernel, b.ints([axis])], { keepdims: 1 });
  const both = b.op("ReduceMean", [kernel, b.ints([1, 2])], { keepdims: 1 });
  const gram = b.op("Add", [b.op("Sub", [b.op("Sub", [kernel, mean(1)]), mean(2)]), both]);
  const vector = dominant(b, gram);
  return asMap(b, withSign(b, b.op("Mul", [vector, largestValue(b, gram, vector)]), rows), features);
}

/** Positions as rows, [N, h·w, K], as they are and with each channel's mean taken off. */
function centredRows(b: GraphBuilder, features: string): { rows: string; centred: string } {
  const [batch, channels, h, w] = b.dims(features) as [number, number, number, number];
  const flat = b.op("Reshape", [features, b.ints([batch === BATCH ? -1 : batch, channels, h * w])]);
  const rows = b.op("Transpose", [flat], { perm: [0, 2, 1] });
  const centred = b.op("Sub", [rows, b.op("ReduceMean", [rows, b.ints([1])], { keepdims: 1 })]);
  return { rows, centred };
}

/** Unit eigenvector of the largest eigenvalue of symmetric [N, n, n], as [N, n, 1]; zeros for a zero matrix. */
function dominant(b: GraphBuilder, gram: string): string {
  const n = b.dims(gram)[1] as number;
  if (n > MOST_ROWS) {
    throw new UnsupportedError(
      "layer-too-fine",
      `principal components of ${n} × ${n} products are not taken.`,
      {
        where: "--method",
        hint: `Take a coarser --layer: at most ${MOST_ROWS} cells or ${MOST_ROWS} channels.`,
      },
    );
  }
  let power = scaledToOne(b, gram);
  for (let i = 0; i < SQUARINGS; i++) power = scaledToOne(b, b.op("MatMul", [power, power]));
  // a multiple of v·vᵀ now: its longest column is along v
  const lengths = b.op("ReduceL2", [power, b.ints([1])], { keepdims: 0 });
  const longest = b.op("ArgMax", [lengths], { axis: 1, keepdims: 0 });
  const onOff = b.op("OneHot", [longest, b.ints([n]), b.tensor(makeTensor("float32", [2], [0, 1]))], {
    axis: -1,
  });
  const column = b.op("MatMul", [power, b.op("Unsqueeze", [onOff, b.ints([2])])]);
  const refined = b.op("MatMul", [gram, column]);
  return b.op("Div", [refined, norm(b, refined, [1, 2])]);
}

/** √λ of a unit eigenvector, [N, 1, 1]: what a projection's entries are multiples of. */
function largestValue(b: GraphBuilder, gram: string, vector: string): string {
  const turned = b.op("Transpose", [vector], { perm: [0, 2, 1] });
  const value = b.op("MatMul", [turned, b.op("MatMul", [gram, vector])]);
  return b.op("Sqrt", [b.op("Relu", [value])]);
}

/** Multiplied by the sign of its covariance with the features' norm: [N, n, 1]. */
function withSign(b: GraphBuilder, projection: string, rows: string): string {
  const strength = b.op("ReduceL2", [rows, b.ints([2])], { keepdims: 1 });
  const mean = b.op("ReduceMean", [strength, b.ints([1])], { keepdims: 1 });
  const product = b.op("Mul", [projection, b.op("Sub", [strength, mean])]);
  const covariance = b.op("ReduceSum", [product, b.ints([1])], { keepdims: 1 });
  const negative = b.op("Less", [covariance, b.scalar(0)]);
  return b.op("Mul", [projection, b.op("Where", [negative, b.scalar(-1), b.scalar(1)])]);
}

function asMap(b: GraphBuilder, projection: string, features: string): string {
  const [batch, , h, w] = b.dims(features) as [number, number, number, number];
  return b.op("Reshape", [projection, b.ints([batch === BATCH ? -1 : batch, h, w])]);
}

const scaledToOne = (b: GraphBuilder, matrix: string): string =>
  b.op("Div", [matrix, norm(b, matrix, [1, 2])]);

const norm = (b: GraphBuilder, value: string, axes: readonly number[]): string =>
  b.op("Max", [b.op("ReduceL2", [value, b.ints(axes)], { keepdims: 1 }), b.scalar(TINY)]);
