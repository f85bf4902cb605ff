// Shapes of operators that change the resolution: Resize, Upsample, GridSample, DepthToSpace, DFT and their kin.
// ONNX: Resize 19 (axes, keep_aspect_ratio_policy), DepthToSpace 13, DFT 20, GridSample 22.
import { attr } from "../../model.ts";
import type { ShapeContext } from "../value-type.ts";
import {
  type Dims,
  frontAxis,
  given,
  isPresent,
  mismatch,
  type ShapeTable,
  show,
  UNKNOWN,
} from "./support.ts";

/** ONNX Runtime multiplies in float32, so that 1.1 · 10 is what it is there. */
const scaled = (size: number, scale: number): number => Math.floor(Math.fround(Math.fround(scale) * size));

/** Sizes asked for, reduced or enlarged to one common scale where the policy says so. */
function keepAspect(policy: string, from: Dims, to: Dims): Dims {
  if (policy === "stretch") return to;
  const scales = to.map((size, i) => size / (from[i] as number));
  const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return from.map((size) => Math.round(Math.fround(scale * size)));
}

/** Input 2 holds scales, input 3 sizes (one of them empty); below opset 11 input 1 holds scales. */
const resize = given(1, (context, x) => {
  const { node, opset } = context;
  const scales = listAt(context, opset < 11 ? 1 : 2);
  const sizes = listAt(context, 3);
  if (scales === undefined || sizes === undefined) return UNKNOWN;
  const rank = x.dims.length;
  const axes = (attr.ints(node, "axes") ?? x.dims.map((_, i) => i)).map((a) => frontAxis(node, a, rank));
  const from = axes.map((axis) => x.dims[axis] as number);
  const wanted = sizes.length > 0 ? sizes : scales;
  if (wanted.length !== axes.length)
    throw mismatch(node, `${wanted.length} sizes or scales for ${axes.length} axes of ${show(x.dims)}.`);
  const policy = attr.string(node, "keep_aspect_ratio_policy", "stretch");
  const to =
    sizes.length > 0 ? keepAspect(policy, from, sizes) : from.map((d, i) => scaled(d, scales[i] as number));
  const dims = [...x.dims];
  axes.forEach((axis, i) => {
    dims[axis] = to[i] as number;
  });
  return [{ dataType: x.dataType, dims }];
});

/** Contents of an optional list input: empty when absent, undefined when not known. */
const listAt = (context: ShapeContext, index: number): Dims | undefined =>
  isPresent(context, index) ? (context.inputs[index]?.dims[0] === 0 ? [] : context.inputs[index]?.value) : [];

const upsample = given(1, (context, x) => {
  const scales = isPresent(context, 1) ? context.inputs[1]?.value : attr.floats(context.node, "scales");
  if (scales === undefined) return UNKNOWN;
  return [{ dataType: x.dataType, dims: x.dims.map((d, i) => scaled(d, scales[i] ?? 1)) }];
});

/** [N, C, …] sampled at a grid of [N, …out, coordinates]. */
const gridSample = given(2, (_, x, grid) => [
  { dataType: x.dataType, dims: [...x.dims.slice(0, 2), ...grid.dims.slice(1, -1)] },
]);

/** Input 1 is the size [N, C, H, W] or [N, C, D, H, W] of what will be sampled. */
const affineGrid = given(2, (_, theta, size) => {
  if (size.value === undefined) return UNKNOWN;
  const [n, , ...spatial] = size.value as [number, number, ...number[]];
  return [{ dataType: theta.dataType, dims: [n, ...spatial, spatial.length] }];
});

const depthToSpace = given(1, ({ node }, x) => {
  const block = attr.int(node, "blocksize");
  const [n, c, h, w] = x.dims as [number, number, number, number];
  return [{ dataType: x.dataType, dims: [n, c / block ** 2, h * block, w * block] }];
});

const spaceToDepth = given(1, ({ node }, x) => {
  const block = attr.int(node, "blocksize");
  const [n, c, h, w] = x.dims as [number, number, number, number];
  return [{ dataType: x.dataType, dims: [n, c * block ** 2, Math.floor(h / block), Math.floor(w / block)] }];
});

/** Fourier transform along one axis; the last axis holds real and imaginary part. */
const dft = given(1, (context, x) => {
  const { node, inputs, opset } = context;
  if (isPresent(context, 1) && inputs[1]?.value === undefined) return UNKNOWN;
  if (isPresent(context, 2) && inputs[2]?.value === undefined) return UNKNOWN;
  const rank = x.dims.length;
  const axis = frontAxis(node, inputs[2]?.value?.[0] ?? attr.int(node, "axis", opset < 20 ? 1 : -2), rank);
  const onesided = attr.int(node, "onesided", 0) === 1;
  const inverse = attr.int(node, "inverse", 0) === 1;
  const given = inputs[1]?.value?.[0];
  const dims = [...x.dims];
  const size = dims[axis] as number;
  if (onesided && inverse) dims[axis] = given ?? 2 * (size - 1);
  else dims[axis] = onesided ? Math.floor((given ?? size) / 2) + 1 : (given ?? size);
  dims[rank - 1] = onesided && inverse ? 1 : 2;
  return [{ dataType: x.dataType, dims }];
});

/** Crops or pads the centre to input 1's size along `axes`. */
const centerCropPad = given(2, ({ node }, x, shape) => {
  if (shape.value === undefined) return UNKNOWN;
  const axes = attr.ints(node, "axes") ?? x.dims.map((_, i) => i);
  const dims = [...x.dims];
  axes.forEach((axis, i) => {
    dims[frontAxis(node, axis, dims.length)] = shape.value?.[i] as number;
  });
  return [{ dataType: x.dataType, dims }];
});

export const resampling: ShapeTable = {
  Resize: resize,
  Upsample: upsample,
  GridSample: gridSample,
  AffineGrid: affineGrid,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  DFT: dft,
  CenterCropPad: centerCropPad,
};
