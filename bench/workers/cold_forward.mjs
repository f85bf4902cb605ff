// ONNX Runtime's own forward run of a model file from its path, nothing else: the floor of a cold start (bench/cold.ts).
import { InferenceSession, Tensor } from "onnxruntime-node";

const session = await InferenceSession.create(process.argv[2], { intraOpNumThreads: 2 });
await session.run({
  [session.inputNames[0]]: new Tensor("float32", new Float32Array(3 * 224 * 224), [1, 3, 224, 224]),
});
