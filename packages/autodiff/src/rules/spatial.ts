// Gradients of operators that sample or assemble images at given places: Col2Im, GridSample, AffineGrid.
// ONNX: Col2Im 18, GridSample 20, AffineGrid 20. GridSample after Jaderberg et al. 2015, "Spatial transformer networks".
import { attr, type GraphBuilder, makeTensor, type Node } from "@snellen/graph";
import { reshapeLike } from "../broadcast.ts";
import { add, castLike, minusFrom, mul, scaled, shifted } from "../emit.ts";
import { constantOf, refusal } from "../refusal.ts";
import { firstOnly, type Rule } from "../rule.ts";
import { at, product, spatial } from "../window.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Row-major positions in an image of all combinations of one position for each axis. */
const positions = (perAxis: readonly (readonly number[])[], sizes: readonly number[]): number[] =>
  perAxis.reduce<number[]>(
    (all, own, axis) => all.flatMap((p) => own.map((i) => p * at(sizes, axis) + i)),
    [0],
  );

// Each column took part in the image once: dx[n, c·k, l] = dy[n, c, place of element k in block l]
export const Col2Im = firstOnly(({ b, node, x, dy }) => {
  const image = constantOf(b, node, x[1] as string);
  const block = constantOf(b, node, x[2] as string);
  const rank = image.length;
  const strides = attr.ints(node, "strides") ?? block.map(() => 1);
  const dilations = attr.ints(node, "dilations") ?? block.map(() => 1);
  const pads = attr.ints(node, "pads") ?? [...block, ...block].map(() => 0);
  const sizes = image.map((size, i) => size + at(pads, i) + at(pads, i + rank));
  const counts = sizes.map((size, i) =>
    Math.floor((size - at(dilations, i) * (at(block, i) - 1) - 1) / at(strides, i) + 1),
  );
  const steps = positions(
    counts.map((n, i) => range(n).map((o) => o * at(strides, i))),
    sizes,
  );
  const elements = positions(
    block.map((n, i) => range(n).map((k) => k * at(dilations, i))),
    sizes,
  );
  const places = elements.flatMap((e) => steps.map((s) => e + s));
  const padded = pads.every((p) => p === 0)
    ? dy
    : b.op("Pad", [dy, b.ints([0, 0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank)])]);
  const flat = b.op("Reshape", [padded, b.ints([0, 0, product(sizes)])]);
  const index = b.tensor(makeTensor("int64", [places.length], places), "columns");
  return reshapeLike(b, b.op("Gather", [flat, index], { axis: 2 }), x[0] as string);
});

// grid = base · θᵀ:  dθ = dyᵀ · base, base the places [x, y, (z,) 1] of the output's pixels in [−1, 1]
export const AffineGrid = firstOnly(({ b, node, x, dy }) => {
  const sizes = constantOf(b, node, x[1] as string).slice(2);
  const corners = attr.int(node, "align_corners", 0) === 1;
  const coordinate = (i: number, size: number): number =>
    corners ? (size === 1 ? 0 : (2 * i) / (size - 1) - 1) : (2 * i + 1) / size - 1;
  const base = range(product(sizes)).flatMap((p) => {
    const place: number[] = [];
    let rest = p;
    for (const size of sizes.toReversed()) {
      place.push(coordinate(rest % size, size));
      rest = Math.floor(rest / size);
    }
    return [...place, 1];
  });
  const axes = sizes.length;
  const flat = b.op("Reshape", [dy, b.ints([0, -1, axes])]);
  const places = b.tensor(makeTensor(b.dataType(dy), [product(sizes), axes + 1], base), "places");
  return b.op("MatMul", [b.op("Transpose", [flat], { perm: [0, 2, 1] }), places]);
});

/** One axis of the sampling grid: [N, P] each. */
interface Sampled {
  /** Pixel before the place, as a real number. */
  readonly low: string;
  /** Place minus `low`, 0…1; undefined when the nearest pixel takes all. */
  readonly share: string | undefined;
  /** d place / d grid; zero where the border stops it. */
  readonly slope: string;
  readonly size: number;
}

/**
 * y[n,c,p] = Σ_corners w(corner) · X[n,c,corner]:  dX adds dy·w to the corners;  d grid = Σ_c dy·X · ∂w/∂grid.
 * Two axes, linear or nearest, zeros or border around.
 */
export const GridSample: Rule = ({ b, node, x, dy, needs }) => {
  const [image, grid] = x as [string, string];
  const options = samplingOf(node);
  const sizes = spatial(b, image, node);
  if (sizes.length !== 2) throw refusal(node, `${sizes.length} spatial axes`);
  const [height, width] = sizes as [number, number];
  const flatGrid = b.op("Reshape", [grid, b.ints([0, -1, 2])]);
  const [gx, gy] = b.ops("Split", [flatGrid, b.ints([1, 1])], 2, { axis: 2 }) as [string, string];
  const axes = [sampled(b, gx, width, options), sampled(b, gy, height, options)] as const;
  const flat = b.op("Reshape", [dy, b.ints([0, 0, -1])]);
  const channels = b.op("Shape", [flat]);
  const corners = (options.nearest ? CORNERS.slice(0, 1) : CORNERS).map((c) => corner(b, axes, c, channels));
  const pixels = b.op("Reshape", [image, b.ints([0, 0, height * width])]);
  return [
    needs(0) ? reshapeLike(b, imageGradient(b, flat, pixels, corners), image) : null,
    needs(1) && !options.nearest ? reshapeLike(b, gridGradient(b, flat, pixels, corners, axes), grid) : null,
  ];
};

interface Sampling {
  readonly nearest: boolean;
  readonly border: boolean;
  readonly corners: boolean;
}

function samplingOf(node: Node): Sampling {
  const mode = attr.string(node, "mode", "linear");
  const padding = attr.string(node, "padding_mode", "zeros");
  if (!["linear", "bilinear", "nearest"].includes(mode)) throw refusal(node, `mode ${mode}`);
  if (!["zeros", "border"].includes(padding)) throw refusal(node, `padding ${padding}`);
  return {
    nearest: mode === "nearest",
    border: padding === "border",
    corners: attr.int(node, "align_corners", 0) === 1,
  };
}

/** [right, down] of the pixel before the place; the pixel itself comes first. */
const CORNERS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
];

function imageGradient(b: GraphBuilder, dy: string, pixels: string, corners: readonly Corner[]): string {
  const zeros = b.op("Expand", [b.scalar(0, dy), b.op("Shape", [pixels])]);
  return corners.reduce(
    (sum, { place, weight }) =>
      b.op("ScatterElements", [sum, place, mul(b, dy, besideChannels(b, weight))], {
        axis: 2,
        reduction: "add",
      }),
    zeros,
  );
}

function gridGradient(
  b: GraphBuilder,
  dy: string,
  pixels: string,
  corners: readonly Corner[],
  axes: readonly [Sampled, Sampled],
): string {
  const values = corners.map(({ place }) => {
    const colours = b.op("GatherElements", [pixels, place], { axis: 2 });
    return b.op("ReduceSum", [mul(b, dy, colours), b.ints([1])], { keepdims: 0 });
  });
  const along = axes.map(({ slope }, axis) => {
    const rises = corners.map(({ rise }, i) => mul(b, values[i] as string, rise[axis] as string));
    return b.op("Unsqueeze", [mul(b, add(b, ...rises), slope), b.ints([2])]);
  });
  return b.op("Concat", along, { axis: 2 });
}

/** [N, P] → [N, 1, P]. */
const besideChannels = (b: GraphBuilder, value: string): string => b.op("Unsqueeze", [value, b.ints([1])]);

function sampled(
  b: GraphBuilder,
  column: string,
  size: number,
  { border, corners, nearest }: Sampling,
): Sampled {
  const g = b.op("Squeeze", [column, b.ints([2])]);
  const factor = (corners ? size - 1 : size) / 2;
  const free = shifted(b, scaled(b, g, factor), corners ? factor : factor - 0.5);
  const place = border ? b.op("Clip", [free, b.scalar(0, free), b.scalar(size - 1, free)]) : free;
  const inside = castLike(b, b.op("Equal", [place, free]), free);
  const low = b.op(nearest ? "Round" : "Floor", [place]);
  const share = nearest ? undefined : b.op("Sub", [place, low]);
  return { low, share, slope: scaled(b, inside, factor), size };
}

interface Corner {
  /** Row-major pixel, int64 [N, C, P], always inside the image. */
  readonly place: string;
  /** Share of this pixel, [N, P]; 0 outside of the image. */
  readonly weight: string;
  /** Derivative of the weight by the place along x and along y. */
  readonly rise: readonly [string, string];
}

function corner(
  b: GraphBuilder,
  axes: readonly [Sampled, Sampled],
  [right, down]: readonly [number, number],
  shape: string,
): Corner {
  const along = ({ low, share, size }: Sampled, next: number) => {
    const pixel = next === 0 ? low : shifted(b, low, 1);
    const clamped = b.op("Clip", [pixel, b.scalar(0, pixel), b.scalar(size - 1, pixel)]);
    const inside = castLike(b, b.op("Equal", [clamped, pixel]), pixel);
    const weight = share === undefined ? inside : mul(b, next === 0 ? minusFrom(b, 1, share) : share, inside);
    return { clamped, weight, sign: next === 0 ? b.op("Neg", [inside]) : inside };
  };
  const [x, y] = [along(axes[0], right), along(axes[1], down)];
  const flat = add(b, scaled(b, y.clamped, axes[0].size), x.clamped);
  return {
    place: b.op("Expand", [besideChannels(b, b.op("Cast", [flat], { to: 7 })), shape]),
    weight: mul(b, x.weight, y.weight),
    rise: [mul(b, x.sign, y.weight), mul(b, x.weight, y.sign)],
  };
}
