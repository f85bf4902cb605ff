// Gradient of Resize: linear in x and separable, so that along each axis dx = Mᵀ·dy with the matrix M of that axis.
// Sizes are known, so M is a constant; whole-number nearest enlargement is an average pooling instead.
import { attr, BATCH, type GraphBuilder, makeTensor, type Node } from "@snellen/graph";
import { affine } from "../blocked.ts";
import { coordinateModes, type Interpolation, type ResizedAxis, resizeMatrix } from "../interpolation.ts";
import { constantOf, refusal } from "../refusal.ts";
import { firstOnly } from "../rule.ts";

interface Axis extends ResizedAxis {
  readonly axis: number;
  /** `to` × `from`, row-major. */
  readonly matrix: readonly number[];
}

export const Resize = firstOnly(({ b, node, x, y, dy }) => {
  const axes = resizedAxes(b, node, x, y[0] as string);
  const factors = axes.map(repetition);
  if (axes.length > 0 && factors.every((f) => f !== undefined) && axes.every(({ axis }) => axis >= 2)) {
    return sumTiles(b, dy, axes, factors as number[]);
  }
  return axes.reduce((gradient, axis) => contract(b, gradient, axis), dy);
});

function resizedAxes(b: GraphBuilder, node: Node, inputs: readonly string[], y: string): Axis[] {
  const from = b.dims(inputs[0] as string);
  const to = b.dims(y);
  const listed = (attr.ints(node, "axes") ?? from.map((_, i) => i)).map((a) => (a < 0 ? a + from.length : a));
  const scales =
    constantInput(b, node, inputs[2]) ??
    commonScale(
      b,
      node,
      inputs[3],
      listed.map((a) => from[a] as number),
    );
  const how = interpolationOf(node);
  const needsRoi = how.coordinates === "tf_crop_and_resize";
  const roi = needsRoi ? constantInput(b, node, inputs[1]) : undefined;
  const axes = listed.map((axis, i): ResizedAxis & { axis: number } => ({
    axis,
    from: from[axis] as number,
    to: to[axis] as number,
    scale: Math.fround(scales?.[i] ?? (to[axis] as number) / (from[axis] as number)),
    roi: [roi?.[i] ?? 0, roi?.[i + listed.length] ?? 1],
  }));
  const changing = axes.filter(
    (a) => a.from !== a.to || a.scale !== 1 || (needsRoi && (a.roi[0] !== 0 || a.roi[1] !== 1)),
  );
  for (const a of changing)
    if (a.from === BATCH || a.to === BATCH) throw refusal(node, `axis ${a.axis} follows the batch`);
  return changing.map((a) => ({ ...a, matrix: resizeMatrix(a, how) }));
}

/** With keep_aspect_ratio_policy, sizes state one scale for all axes; undefined otherwise. */
function commonScale(b: GraphBuilder, node: Node, sizes = "", from: readonly number[]): number[] | undefined {
  const policy = attr.string(node, "keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return undefined;
  const ratios = constantInput(b, node, sizes)?.map((size, i) => size / (from[i] as number)) ?? [];
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return from.map(() => scale);
}

/** Contents of an optional list input; undefined when it is absent or empty. */
function constantInput(b: GraphBuilder, node: Node, name = ""): readonly number[] | undefined {
  if (name === "") return undefined;
  const values = constantOf(b, node, name);
  return values.length === 0 ? undefined : values;
}

function interpolationOf(node: Node): Interpolation {
  const coordinates = attr.string(node, "coordinate_transformation_mode", "half_pixel");
  if (!coordinateModes.has(coordinates)) throw refusal(node, `coordinate mode ${coordinates} is not known`);
  return {
    mode: attr.string(node, "mode", "nearest") as Interpolation["mode"],
    coordinates,
    nearestMode: attr.string(node, "nearest_mode", "round_prefer_floor"),
    cubicCoefficient: attr.float(node, "cubic_coeff_a", -0.75),
    excludeOutside: attr.int(node, "exclude_outside", 0) === 1,
    antialias: attr.int(node, "antialias", 0) === 1,
  };
}

/** How often each position is repeated, when the matrix repeats all equally often; else undefined. */
function repetition({ from, to, matrix }: Axis): number | undefined {
  const times = to / from;
  if (!Number.isInteger(times)) return undefined;
  const repeats = matrix.every(
    (w, i) => w === (Math.floor(Math.floor(i / from) / times) === i % from ? 1 : 0),
  );
  return repeats ? times : undefined;
}

/** dx is the sum over each tile of dy: an average pooling stays in ONNX Runtime's blocked layout. */
function sumTiles(b: GraphBuilder, dy: string, axes: readonly Axis[], factors: readonly number[]): string {
  const kernel = b
    .dims(dy)
    .slice(2)
    .map((_, i) => factors[axes.findIndex((a) => a.axis === i + 2)] ?? 1);
  const mean = b.op("AveragePool", [dy], { kernel_shape: kernel, strides: kernel });
  return affine(
    b,
    mean,
    kernel.reduce((n, k) => n * k, 1),
  );
}

/** Contracts one axis of the gradient with the matrix: one MatMul over [leading axes, to, trailing axes]. */
function contract(b: GraphBuilder, gradient: string, { axis, from, to, matrix }: Axis): string {
  const dims = b.dims(gradient);
  const type = b.dataType(gradient);
  if (axis === dims.length - 1) {
    return b.op("MatMul", [gradient, b.tensor(makeTensor(type, [to, from], matrix), "resize")]);
  }
  const turned = Array.from(
    { length: from * to },
    (_, i) => matrix[(i % to) * from + Math.floor(i / to)] as number,
  );
  const left = b.tensor(makeTensor(type, [from, to], turned), "resize");
  if (axis === dims.length - 2) return b.op("MatMul", [left, gradient]);
  // The trailing axes as one; those before stay as they are (0 copies a dimension).
  const zeros = dims.slice(0, axis).map(() => 0);
  const trailing = dims.slice(axis + 1);
  const flat = b.op("Reshape", [gradient, b.ints([...zeros, to, -1])]);
  return b.op("Reshape", [b.op("MatMul", [left, flat]), b.ints([...zeros, from, ...trailing])]);
}
