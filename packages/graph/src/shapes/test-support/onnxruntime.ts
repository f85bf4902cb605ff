// ONNX Runtime as the oracle of shape tests: runs a model's bytes and gives its outputs as tensors.
// Optimizations are off, so that every value of the graph is really computed.
import * as ort from "onnxruntime-node";
import { type DataType, dataTypes, typedArrayOf } from "../../data-type.ts";
import { type Tensor, tensorBytes } from "../../tensor.ts";
import type { RunModel } from "../trace-shapes.ts";

export const runWithOnnxRuntime: RunModel = async (model, feeds, outputs) => {
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const inputs = Object.fromEntries([...feeds].map(([name, tensor]) => [name, toOrt(tensor)]));
    const results = await session.run(inputs, [...outputs]);
    return new Map(Object.entries(results).map(([name, value]) => [name, fromOrt(value as ort.Tensor)]));
  } finally {
    await session.release();
  }
};

const toOrt = (tensor: Tensor): ort.Tensor => {
  const type = tensor.dataType as "float32";
  const ArrayType = typedArrayOf(type) as typeof Float32Array;
  return new ort.Tensor(type, new ArrayType(tensorBytes(tensor).slice().buffer as ArrayBuffer), tensor.dims);
};

function fromOrt(value: ort.Tensor): Tensor {
  const dataType = dataTypes.find((type): type is DataType => type === value.type);
  if (dataType === undefined) throw new Error(`a type that Snellen does not know: ${value.type}`);
  const data = value.data as Float32Array;
  return { dataType, dims: value.dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
