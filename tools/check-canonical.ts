// Runs models before and after canonicalization at several batch sizes and compares the outputs.
// Usage: npx tsx --conditions=source tools/check-canonical.ts [--batches 1,2,3] [--opt] <model.onnx>…
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type DataType,
  type Model,
  opsetOf,
  parseModel,
  serializeModel,
  type ValueInfo,
} from "@snellen/graph";
import * as ort from "onnxruntime-node";
import { canonicalize } from "../packages/graph/src/canonicalize.ts";

const args = process.argv.slice(2);
const flag = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const batches = (flag("--batches") ?? "1,2,3").split(",").map(Number);
const dims = Object.fromEntries(
  (flag("--dims") ?? "").split(",").flatMap((p) => (p ? [[p.split("=")[0], Number(p.split("=")[1])]] : [])),
);

/** Seeded uniform numbers in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function feedOf(info: ValueInfo, batch: number): ort.Tensor {
  const shape = (info.dims ?? []).map((d, axis) =>
    typeof d === "number"
      ? d
      : axis === 0
        ? batch
        : (dims[String(d)] ?? dims[`${info.name}.${axis}`] ?? batch),
  );
  const count = shape.reduce((n, d) => n * d, 1);
  const next = uniform(7 + batch);
  const make: Partial<Record<DataType, () => ort.Tensor>> = {
    float32: () =>
      new ort.Tensor(
        "float32",
        Float32Array.from({ length: count }, () => 2 * next() - 1),
        shape,
      ),
    uint8: () =>
      new ort.Tensor(
        "uint8",
        Uint8Array.from({ length: count }, () => 256 * next()),
        shape,
      ),
    int64: () =>
      new ort.Tensor(
        "int64",
        BigInt64Array.from({ length: count }, () => BigInt(Math.floor(5 * next()))),
        shape,
      ),
  };
  const made = make[info.dataType ?? "string"]?.();
  if (made === undefined) throw new Error(`no feed for ${info.dataType}`);
  return made;
}

const session = (bytes: Uint8Array | string, folder: string) => {
  const options: ort.InferenceSession.SessionOptions = {
    intraOpNumThreads: 2,
    graphOptimizationLevel: "basic",
    logSeverityLevel: 3,
    extra: {
      session: { model_external_initializers_file_folder_path: folder, intra_op: { allow_spinning: "0" } },
    },
  };
  return typeof bytes === "string"
    ? ort.InferenceSession.create(bytes, options)
    : ort.InferenceSession.create(bytes, options);
};

function difference(a: ort.Tensor, b: ort.Tensor): number {
  if (String(a.dims) !== String(b.dims)) throw new Error(`dims [${a.dims}] became [${b.dims}]`);
  let worst = 0;
  let scale = 1e-6;
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  for (let i = 0; i < x.length; i++) {
    worst = Math.max(worst, Math.abs(Number(x[i]) - Number(y[i])));
    scale = Math.max(scale, Math.abs(Number(x[i])));
  }
  return worst / scale;
}

const opTypes = (model: Model): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { opType } of model.graph.nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  return counts;
};

let failures = 0;
for (const path of args) {
  try {
    const model = parseModel(readFileSync(path));
    const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
    const start = performance.now();
    const canonical = canonicalize(model, { dims }).model;
    const ms = performance.now() - start;
    const before = await session(path, dirname(path));
    const after = await session(serializeModel(canonical), dirname(path));
    const differences: string[] = [];
    for (const batch of batches) {
      const feeds = Object.fromEntries(inputs.map((v) => [v.name, feedOf(v, batch)]));
      const [a, b] = [await before.run(feeds), await after.run(feeds)];
      const worst = Math.max(
        ...Object.keys(a).map((name) => difference(a[name] as ort.Tensor, b[name] as ort.Tensor)),
      );
      differences.push(worst.toExponential(1));
      if (!(worst < 1e-4)) failures++;
      if (typeof inputs[0]?.dims?.[0] === "number") break;
    }
    await before.release();
    await after.release();
    const left = [...opTypes(canonical)].filter(([op]) =>
      /Shape|Range|Where|ConstantOf|Expand|If|Loop|Identity|Cast|Gather/.test(op),
    );
    console.log(
      `${path.split("/").at(-1)} opset ${opsetOf(model)}: ${model.graph.nodes.length} -> ${canonical.graph.nodes.length} nodes, ${ms.toFixed(0)} ms, differences ${differences} ${left.map((e) => e.join(":"))}`,
    );
  } catch (error) {
    failures++;
    console.log(`${path}: FAILED ${(error as Error).message.slice(0, 600)}`);
  }
}
process.exitCode = failures > 0 ? 1 : 0;
