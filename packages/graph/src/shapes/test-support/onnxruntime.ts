// ONNX Runtime as the oracle of shape tests: runs a model's bytes and gives its outputs as tensors.
// Optimizations are off, so that every value of the graph is really computed.
import * as ort from "onnxruntime-node";
import { codeOfDataType, type DataType, dataTypes } from "../../data-type.ts";
import type { Tensor } from "../../tensor.ts";
import { tensorBytes } from "../../tensor.ts";
import type { RunModel } from "../trace-shapes.ts";

const ourTypes = new Map<string, DataType>(dataTypes.map((type) => [type, type]));

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

function toOrt(tensor: Tensor): ort.Tensor {
  const bytes = tensorBytes(tensor).slice();
  const ArrayType = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array, uint8: Uint8Array }[
    tensor.dataType as "float32"
  ];
  return new ort.Tensor(
    tensor.dataType as "float32",
    new (ArrayType as typeof Float32Array)(bytes.buffer),
    tensor.dims,
  );
}

function fromOrt(value: ort.Tensor): Tensor {
  const dataType = ourTypes.get(value.type);
  if (dataType === undefined) throw new Error(`unexpected type ${value.type} (${codeOfDataType("float32")})`);
  const data = value.data as Float32Array;
  return { dataType, dims: value.dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
