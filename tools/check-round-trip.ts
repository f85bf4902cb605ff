// Every ONNX file under the given folders is read, written and compared: message by message with unknown fields, and by what
// ONNX Runtime computes from both.
//   npx tsx --conditions=source tools/check-round-trip.ts ../shared/models ../zoo
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type DataType, type Model, parseModel, serializeModel, type ValueInfo } from "@snellen/graph";
import { ModelProtoSchema } from "onnx-buf";
import * as ort from "onnxruntime-node";

function modelsUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return path.endsWith(".onnx") ? [path] : [];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => modelsUnder(join(path, name)));
}

/** The same values for both models, in [-1, 1). */
function random(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const INPUTS: { readonly [type in DataType]?: (values: Float32Array) => ort.Tensor["data"] } = {
  float32: (v) => v,
  uint8: (v) => Uint8Array.from(v, (x) => 127 + 127 * x),
  int64: (v) => BigInt64Array.from(v, () => 1n),
};

function inputFor({ dataType, dims }: ValueInfo): ort.Tensor {
  const make = INPUTS[dataType ?? "string"];
  if (make === undefined || dims === undefined) throw new Error(`no input of type ${dataType}`);
  const shape = dims.map((d, i) => (typeof d === "number" ? d : i === 0 ? 1 : 224));
  const length = shape.reduce((n, d) => n * d, 1);
  return new ort.Tensor((dataType ?? "float32") as "float32", make(random(length)) as Float32Array, shape);
}

async function outputs(bytes: Uint8Array, model: Model, folder: string): Promise<Map<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: "basic",
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
    enableMemPattern: false,
    extra: { session: { model_external_initializers_file_folder_path: folder } },
  });
  const inputs = model.graph.inputs.filter((i) => !model.graph.initializers.has(i.name));
  const feeds = Object.fromEntries(inputs.map((i) => [i.name, inputFor(i)]));
  const results = await session.run(feeds);
  await session.release();
  return new Map(Object.entries(results));
}

const sameData = (a: ort.Tensor, b: ort.Tensor | undefined): boolean => {
  if (b === undefined || a.dims.join() !== b.dims.join()) return false;
  const view = (t: ort.Tensor) => new Uint8Array((t.data as Float32Array).buffer);
  return Buffer.compare(view(a), view(b)) === 0;
};

/** One encoding for all that say the same, unknown fields included. */
const canonical = (bytes: Uint8Array) => toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes));

let failures = 0;
const files = process.argv.slice(2).flatMap(modelsUnder);
for (const file of files) {
  const notes: string[] = [];
  try {
    const bytes = readFileSync(file);
    const model = parseModel(bytes);
    const written = serializeModel(model);
    if (Buffer.compare(canonical(bytes), canonical(written)) !== 0) notes.push("MESSAGES DIFFER");
    if (bytes.byteLength !== written.byteLength)
      notes.push(`${written.byteLength - bytes.byteLength} bytes longer`);
    const original = await outputs(bytes, model, dirname(file)).catch((e: Error) => e);
    if (original instanceof Error) notes.push(`not run: ${original.message.slice(0, 80)}`);
    else {
      const again = await outputs(written, model, dirname(file));
      const same = [...original].every(([name, tensor]) => sameData(tensor, again.get(name)));
      if (!same) notes.push("OUTPUTS DIFFER");
    }
  } catch (error) {
    notes.push(`FAILED ${(error as Error).message}`);
  }
  if (notes.some((note) => /^[A-Z]{2}/.test(note))) failures++;
  console.log(`${file}: ${notes.length === 0 ? "ok" : notes.join("; ")}`);
}
console.log(`${files.length} files, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
