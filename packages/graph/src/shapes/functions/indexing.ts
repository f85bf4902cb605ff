// Shapes of operators that read or write at computed places, and of those that make tensors: Gather, Scatter, OneHot, Range, Shape.
// ONNX: Gather 13, GatherND 13, ScatterND 18, OneHot 11, Shape 15 (start, end), NonZero 13.
import { dataTypeOfCode } from "../../data-type.ts";
import { attr } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import {
  axisOf,
  given,
  likeFirst,
  mismatch,
  product,
  type ShapeTable,
  show,
  UNKNOWN,
  unknown,
} from "./support.ts";

const gather = given(2, ({ node }, data, indices) => {
  const axis = axisOf(node, data.dims.length, 0);
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  return [{ dataType: data.dataType, dims }];
});

const gatherElements = given(2, (_, data, indices) => [{ dataType: data.dataType, dims: indices.dims }]);

const gatherND = given(2, ({ node }, data, indices) => {
  const depth = indices.dims.at(-1) as number;
  const tail = data.dims.slice(attr.int(node, "batch_dims", 0) + depth);
  return [{ dataType: data.dataType, dims: [...indices.dims.slice(0, -1), ...tail] }];
});

const oneHot = given(3, ({ node }, indices, depth, values) => {
  if (depth.value === undefined) return UNKNOWN;
  const axis = axisOf(node, indices.dims.length + 1, -1);
  const dims = [
    ...indices.dims.slice(0, axis),
    Math.trunc(depth.value[0] as number),
    ...indices.dims.slice(axis),
  ];
  return [{ dataType: values.dataType, dims }];
});

/** Contents are filled in by `values.ts`, which needs the same arguments. */
const range = given(3, (_, start, limit, delta) => {
  const [from] = start.value ?? [];
  const [to] = limit.value ?? [];
  const [step] = delta.value ?? [];
  if (from === undefined || to === undefined || step === undefined) return UNKNOWN;
  const span = start.dataType === "float32" ? Math.fround(to - from) : to - from;
  return [{ dataType: start.dataType, dims: [Math.max(0, Math.ceil(span / step))] }];
});

const constantOfShape = given(1, ({ node }, shape) => {
  const dims = shape.dims[0] === 0 ? [] : shape.value;
  const dataType = attr.has(node, "value") ? attr.tensor(node, "value").dataType : "float32";
  return dims === undefined ? UNKNOWN : [{ dataType, dims }];
});

/** Known whatever the input holds: this is where shape arithmetic starts. */
const shape = given(1, ({ node }, { dims }) => {
  const end = attr.has(node, "end") ? attr.int(node, "end") : dims.length;
  const value = dims.slice(attr.int(node, "start", 0), end);
  return [{ dataType: "int64", dims: [value.length], value }];
});

const size = given(1, (_, x) => [{ dataType: "int64", dims: [], value: [product(x.dims)] }]);

const eyeLike = given(1, ({ node }, x) => {
  const dataType = attr.has(node, "dtype") ? dataTypeOfCode(attr.int(node, "dtype")) : x.dataType;
  return dataType === undefined ? UNKNOWN : [{ dataType, dims: x.dims }];
});

/** Places of the non-zero entries: their number is known only with the contents. */
const nonZero = given(1, (_, x) => {
  if (x.value === undefined) return UNKNOWN;
  return [{ dataType: "int64", dims: [Math.max(x.dims.length, 1), x.value.filter((v) => v !== 0).length] }];
});

const compress = given(2, ({ node }, x, condition) => {
  if (condition.value === undefined) return UNKNOWN;
  const kept = condition.value.filter((c) => c !== 0).length;
  if (!attr.has(node, "axis")) return [{ dataType: x.dataType, dims: [kept] }];
  const axis = axisOf(node, x.dims.length, 0);
  return [{ dataType: x.dataType, dims: x.dims.map((d, i) => (i === axis ? kept : d)) }];
});

/** Random tensors of a stated shape. */
const randomOfShape: ShapeFunction = ({ node }) => {
  const dataType = dataTypeOfCode(attr.int(node, "dtype", 1));
  return dataType === undefined ? UNKNOWN : [{ dataType, dims: attr.ints(node, "shape") ?? [] }];
};

const randomLike = given(1, ({ node }, x) => {
  const dataType = attr.has(node, "dtype") ? dataTypeOfCode(attr.int(node, "dtype")) : x.dataType;
  return dataType === undefined ? UNKNOWN : [{ dataType, dims: x.dims }];
});

const multinomial = given(1, ({ node }, x) => {
  const dataType = dataTypeOfCode(attr.int(node, "dtype", 6));
  if (x.dims.length !== 2) throw mismatch(node, `expected [batch, classes], got ${show(x.dims)}.`);
  if (dataType === undefined) return UNKNOWN;
  return [{ dataType, dims: [x.dims[0] as number, attr.int(node, "sample_size", 1)] }];
});

/** Weighting windows: input 0 is their length. */
const window = given(1, ({ node }, length) => {
  const dataType = dataTypeOfCode(attr.int(node, "output_datatype", 1));
  if (length.value === undefined || dataType === undefined) return UNKNOWN;
  return [{ dataType, dims: [length.value[0] as number] }];
});

export const indexing: ShapeTable = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: likeFirst,
  ScatterElements: likeFirst,
  ScatterND: likeFirst,
  TensorScatter: likeFirst,
  OneHot: oneHot,
  Range: range,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  Size: size,
  EyeLike: eyeLike,
  NonZero: nonZero,
  Compress: compress,
  Unique: unknown,
  RandomNormal: randomOfShape,
  RandomUniform: randomOfShape,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  Bernoulli: randomLike,
  Multinomial: multinomial,
  HannWindow: window,
  HammingWindow: window,
  BlackmanWindow: window,
};
