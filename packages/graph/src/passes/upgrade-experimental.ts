// Operators of opset 1 that ONNX never standardized, as old converters from Keras and CoreML wrote them: those with an equal
// today, and the rest with a reason.
import { attr, makeNode } from "../model.ts";
import { makeTensor } from "../tensor.ts";
import type { Converter, Step } from "./upgrade-converters.ts";

const affine =
  (scale: string, shift: string): Converter =>
  (node, context) => {
    const type = context.inputType(node);
    const { emitter } = context;
    const product = emitter.op("Mul", [
      node.inputs[0] ?? "",
      emitter.scalar(attr.float(node, scale, 1), type),
    ]);
    const bias = emitter.scalar(attr.float(node, shift, 0), type);
    return makeNode("Add", [product, bias], node.outputs, { name: node.name });
  };

const imageScaler: Converter = (node, { emitter }) => {
  const bias = attr.floats(node, "bias") ?? [];
  const shift = emitter.tensor(makeTensor("float32", [bias.length, 1, 1], bias), "bias");
  const product = emitter.op("Mul", [node.inputs[0] ?? "", emitter.scalar(attr.float(node, "scale", 1))]);
  return makeNode("Add", [product, shift], node.outputs, { name: node.name });
};

const scaledTanh: Converter = (node, context) => {
  const type = context.inputType(node);
  const { emitter } = context;
  const inner = emitter.op("Mul", [node.inputs[0] ?? "", emitter.scalar(attr.float(node, "beta", 1), type)]);
  const alpha = emitter.scalar(attr.float(node, "alpha", 1), type);
  return makeNode("Mul", [emitter.op("Tanh", [inner]), alpha], node.outputs, { name: node.name });
};

const refuse: Converter = (_, { fail }) =>
  fail("it was an experimental operator that ONNX never standardized");

/** They went away at different times; opset 7 is the first that runtimes promise to run. */
const STANDARD = 7;

const CONVERSIONS: Readonly<Record<string, Converter>> = {
  Affine: affine("alpha", "beta"),
  ImageScaler: imageScaler,
  ScaledTanh: scaledTanh,
  ATen: refuse,
  ConstantFill: refuse,
  Crop: refuse,
  DynamicSlice: refuse,
  GivenTensorFill: refuse,
  GRUUnit: refuse,
  ParametricSoftplus: refuse,
  Scale: refuse,
};

export const EXPERIMENTAL_CONVERTERS: Readonly<Record<string, readonly Step[]>> = Object.fromEntries(
  Object.entries(CONVERSIONS).map(([op, convert]) => [op, [{ since: STANDARD, convert }]]),
);
