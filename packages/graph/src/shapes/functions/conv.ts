// Shapes of convolutions and pooling.
// ONNX: Conv, ConvTranspose, ConvInteger, QLinearConv, DeformConv, the pools, Col2Im, MaxUnpool, RoiAlign.
import type { DataType } from "../../data-type.ts";
import { attr } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import { given, isPresent, mismatch, product, type ShapeTable, show, UNKNOWN } from "./support.ts";
import { slide, slideBack, windowOf } from "./window.ts";

/** A convolution of input 0 by the weight at `weight`; the element type is given, or that of an input. */
const conv =
  (weight: number, type: DataType | number): ShapeFunction =>
  ({ node, inputs }) => {
    const x = inputs[0];
    const w = inputs[weight];
    const dataType = typeof type === "number" ? inputs[type]?.dataType : type;
    if (x === undefined || w === undefined || dataType === undefined) return UNKNOWN;
    const group = attr.int(node, "group", 1);
    if (x.dims.length !== w.dims.length || x.dims[1] !== (w.dims[1] as number) * group)
      throw mismatch(node, `weight ${show(w.dims)} in ${group} group(s) does not fit input ${show(x.dims)}.`);
    const window = windowOf(node, w.dims.slice(2));
    return [
      { dataType, dims: [x.dims[0] as number, w.dims[0] as number, ...slide(window, x.dims.slice(2))] },
    ];
  };

const convTranspose = given(2, ({ node }, x, w) => {
  if (x.dims.length !== w.dims.length || x.dims[1] !== w.dims[0])
    throw mismatch(node, `weight ${show(w.dims)} does not fit input ${show(x.dims)}.`);
  const channels = (w.dims[1] as number) * attr.int(node, "group", 1);
  const spatial = slideBack(node, windowOf(node, w.dims.slice(2)), x.dims.slice(2));
  return [{ dataType: x.dataType, dims: [x.dims[0] as number, channels, ...spatial] }];
});

/** Pooling; a second output (MaxPool) holds the indices. */
const pool = given(1, ({ node }, x) => {
  const kernel = attr.ints(node, "kernel_shape") ?? [];
  if (kernel.length !== x.dims.length - 2)
    throw mismatch(node, `kernel ${show(kernel)} does not fit input ${show(x.dims)}.`);
  const dims = [...x.dims.slice(0, 2), ...slide(windowOf(node, kernel), x.dims.slice(2))];
  return [
    { dataType: x.dataType, dims },
    { dataType: "int64", dims },
  ];
});

const globalPool = given(1, (_, x) => [
  { dataType: x.dataType, dims: x.dims.map((d, axis) => (axis < 2 ? d : 1)) },
]);

/** Inverse of MaxPool: as a transposed convolution without overlap, or the size in input 2. */
const maxUnpool = given(1, (context, x) => {
  const { node, inputs } = context;
  if (isPresent(context, 2)) {
    const dims = inputs[2]?.value;
    return dims === undefined ? UNKNOWN : [{ dataType: x.dataType, dims }];
  }
  const spatial = slideBack(node, windowOf(node, attr.ints(node, "kernel_shape") ?? []), x.dims.slice(2));
  return [{ dataType: x.dataType, dims: [...x.dims.slice(0, 2), ...spatial] }];
});

const col2Im = given(3, (_, x, image, block) => {
  if (image.value === undefined || block.value === undefined) return UNKNOWN;
  const channels = (x.dims[1] as number) / product(block.value);
  return [{ dataType: x.dataType, dims: [x.dims[0] as number, channels, ...image.value] }];
});

/** One pooled map per region. */
const roiAlign = given(2, ({ node }, x, rois) => [
  {
    dataType: x.dataType,
    dims: [
      rois.dims[0] as number,
      x.dims[1] as number,
      attr.int(node, "output_height", 1),
      attr.int(node, "output_width", 1),
    ],
  },
]);

const maxRoiPool = given(2, ({ node }, x, rois) => [
  {
    dataType: x.dataType,
    dims: [rois.dims[0] as number, x.dims[1] as number, ...(attr.ints(node, "pooled_shape") ?? [])],
  },
]);

/** Pooling of quantized values, channels first or last. */
const qLinearPool =
  (global: boolean): ShapeFunction =>
  (context) => {
    const x = context.inputs[0];
    if (x === undefined) return UNKNOWN;
    const last = attr.int(context.node, "channels_last", 0) === 1;
    const channelsFirst = last ? [x.dims[0], x.dims.at(-1), ...x.dims.slice(1, -1)] : x.dims;
    const inputs = [{ dataType: x.dataType, dims: channelsFirst as number[] }];
    const [y] = (global ? globalPool : pool)({ ...context, inputs });
    if (y === undefined) return UNKNOWN;
    const [n, c, ...spatial] = y.dims as [number, number, ...number[]];
    return [{ dataType: x.dataType, dims: last ? [n, ...spatial, c] : y.dims }];
  };

export const convolutions: ShapeTable = {
  Conv: conv(1, 0),
  ConvInteger: conv(1, "int32"),
  QLinearConv: conv(3, 7),
  DeformConv: conv(1, 0),
  ConvTranspose: convTranspose,
  AveragePool: pool,
  MaxPool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  MaxUnpool: maxUnpool,
  Col2Im: col2Im,
  RoiAlign: roiAlign,
  MaxRoiPool: maxRoiPool,
  "com.microsoft::FusedConv": conv(1, 0),
  "com.microsoft::QLinearAveragePool": qLinearPool(false),
  "com.microsoft::QLinearGlobalAveragePool": qLinearPool(true),
};
