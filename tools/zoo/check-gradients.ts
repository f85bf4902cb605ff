// Compares our input gradients of the exported zoo with PyTorch's (tools/reference/export_zoo.py): one row per .onnx with its
// .npz. Usage: npx tsx --conditions=source tools/zoo/check-gradients.ts --zoo DIR [--only REGEX] [--all] [--threads N]
// [--time]: also how many forward runs a gradient run takes (best of three each)
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { differentiate } from "@snellen/autodiff";
import { canonicalize, parseModel, serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { needed } from "../needed.ts";
import { type NpyArray, readNpz } from "./npz.ts";

interface Row {
  readonly model: string;
  readonly ok: boolean;
  /** Cosine with PyTorch's float32 gradient, and with its float64 gradient where one was recorded. */
  readonly cosine?: number;
  readonly cosine64?: number;
  /** ‖ours − theirs‖ / ‖theirs‖, and PyTorch's own float32 against float64. */
  readonly error?: number;
  readonly error64?: number;
  readonly theirs?: number;
  readonly logits?: number;
  /** The gradient at batch 1 against the first row of that at batch 2. */
  readonly batch1?: number;
  readonly prepareMs?: number;
  readonly runMs?: number;
  readonly forwards?: number;
  readonly nodes?: number;
  readonly problem?: string;
}

/** Operators with kinks, on which float32 and float64 may take different sides. */
const KINKED =
  /^(Relu|LeakyRelu|PRelu|Clip|HardSigmoid|HardSwish|MaxPool|GlobalMaxPool|ReduceMax|ReduceMin|Max|Min|Abs|TopK)$/;
const SMOOTH_COSINE = 0.9999;
const KINKED_COSINE = 0.999;

const { values: options } = parseArgs({
  options: {
    zoo: { type: "string" },
    only: { type: "string", default: "" },
    all: { type: "boolean", default: false },
    threads: { type: "string", default: "1" },
    time: { type: "boolean", default: false },
  },
});
const zoo = needed(options.zoo, "zoo", "the folder that tools/reference/export_zoo.py wrote");

const numbers = (array: NpyArray): ArrayLike<number> => array.data as ArrayLike<number>;

function compare(ours: ArrayLike<number>, theirs: ArrayLike<number>): { cosine: number; error: number } {
  let [dot, a, b, d] = [0, 0, 0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const [u, v] = [ours[i] as number, theirs[i] as number];
    dot += u * v;
    a += u * u;
    b += v * v;
    d += (u - v) ** 2;
  }
  return { cosine: dot / Math.sqrt(a * b), error: Math.sqrt(d / b) };
}

const tensor = (data: ArrayLike<number>, dims: readonly number[]): Tensor =>
  new Tensor("float32", Float32Array.from(data), dims);

const open = (bytes: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(bytes, {
    intraOpNumThreads: Number(options.threads),
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });

async function bestOfThree(run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 3; k++) {
    const started = performance.now();
    await run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** Time of a gradient run in forward runs, same machine, same threads. */
async function forwardsOf(path: string, x: NpyArray, gradient: () => Promise<unknown>): Promise<number> {
  const forward = await open(readFileSync(path));
  try {
    const feeds = { [forward.inputNames[0] as string]: tensor(numbers(x), x.dims) };
    const alone = await bestOfThree(() => forward.run(feeds));
    return Math.round((10 * (await bestOfThree(gradient))) / alone) / 10;
  } finally {
    await forward.release();
  }
}

async function check(path: string): Promise<Omit<Row, "model">> {
  const started = performance.now();
  const arrays = readNpz(path.replace(/\.onnx$/, ".npz"));
  const [x, seed, grad] = ["x", "seed", "grad"].map((name) => arrays.get(name)) as [
    NpyArray,
    NpyArray,
    NpyArray,
  ];
  const { model, shapes } = canonicalize(parseModel(readFileSync(path)));
  const [input, output] = [model.graph.inputs[0]?.name as string, model.graph.outputs[0]?.name as string];
  const derived = differentiate(model, shapes, { of: [output], wrt: [input] });
  const nodes = derived.model.graph.nodes;
  const session = await open(serializeModel(derived.model));
  const prepareMs = performance.now() - started;
  try {
    const name = derived.gradients.get(input) as string;
    const seedName = derived.seeds.get(output) as string;
    const run = (batch: number) => {
      const cut = ({ data, dims }: NpyArray) => {
        const rest = dims.slice(1).reduce((n, d) => n * d, 1);
        return tensor((data as Float32Array).subarray(0, batch * rest), [batch, ...dims.slice(1)]);
      };
      return session.run({ [input]: cut(x), [seedName]: cut(seed) });
    };
    const runStarted = performance.now();
    const outputs = await run(x.dims[0] as number);
    const runMs = performance.now() - runStarted;
    const ours = outputs[name]?.data as Float32Array;
    const single = compare(ours, numbers(grad));
    const grad64 = arrays.get("grad64");
    const double = grad64 === undefined ? undefined : compare(ours, numbers(grad64));
    const logits = compare(outputs[output]?.data as Float32Array, numbers(arrays.get("logits") as NpyArray));
    const first = (await run(1))[name]?.data as Float32Array;
    const batch1 = compare(first, ours.subarray(0, first.length));
    const batch = x.dims[0] as number;
    const forwards = options.time ? await forwardsOf(path, x, () => run(batch)) : undefined;
    const limit = nodes.some((n) => KINKED.test(n.opType)) ? KINKED_COSINE : SMOOTH_COSINE;
    const best = Math.max(single.cosine, double?.cosine ?? -1);
    const theirs = grad64 === undefined ? undefined : compare(numbers(grad), numbers(grad64)).error;
    // A network so badly conditioned that PyTorch's own float32 gradient is further from the float64 one proves nothing.
    const isNearer = double !== undefined && theirs !== undefined && double.error <= theirs;
    return {
      ok: (best >= limit || isNearer) && batch1.cosine >= limit,
      cosine: single.cosine,
      cosine64: double?.cosine,
      error: single.error,
      error64: double?.error,
      theirs,
      logits: logits.error,
      batch1: batch1.cosine,
      prepareMs: Math.round(prepareMs),
      runMs: Math.round(runMs),
      forwards,
      nodes: nodes.length,
    };
  } finally {
    await session.release();
  }
}

/** Every .onnx below the folder that has its .npz; a file still being written has none. */
function modelsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".onnx"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path.replace(/\.onnx$/, ".npz")))
    .sort();
}

const digits = (value: number | undefined, form: (v: number) => string): string =>
  (value === undefined ? "-" : form(value)).padStart(9);

function line(row: Row): string {
  const facts = [
    digits(row.cosine, (v) => v.toFixed(6)),
    digits(row.cosine64, (v) => v.toFixed(6)),
    digits(row.error64 ?? row.error, (v) => v.toExponential(1)),
    digits(row.theirs, (v) => v.toExponential(1)),
    digits(row.batch1, (v) => v.toFixed(6)),
    digits(row.runMs, String),
    digits(row.forwards, String),
  ].join(" ");
  return `${row.ok ? "ok  " : "FAIL"} ${row.model.padEnd(48)} ${facts} ${row.problem ?? ""}`;
}

const reportPath = join(zoo, "report.json");
const rows = new Map<string, Row & { readonly time: number }>(
  existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, "utf8")).map((r: Row) => [r.model, r]) : [],
);
const pattern = new RegExp(options.only);
console.log(
  `     ${"model".padEnd(48)}    cosine  cosine64   error64    theirs    batch1        ms  forwards`,
);
for (const path of modelsIn(zoo)) {
  const model = relative(zoo, path);
  const before = rows.get(model);
  const isDone = before?.ok === true && before.time > statSync(path).mtimeMs && !options.all;
  if (!pattern.test(model) || isDone) continue;
  let row: Row;
  try {
    row = { model, ...(await check(path)) };
  } catch (error) {
    row = { model, ok: false, problem: String(error instanceof Error ? error.message : error).slice(0, 300) };
  }
  console.log(line(row));
  rows.set(model, { ...row, time: Date.now() });
  writeFileSync(`${reportPath}.part`, JSON.stringify([...rows.values()], null, 1));
  renameSync(`${reportPath}.part`, reportPath);
}
const all = [...rows.values()].filter((r) => pattern.test(r.model));
for (const folder of new Set(all.map((r) => dirname(r.model)))) {
  const list = all.filter((r) => dirname(r.model) === folder);
  console.log(`${folder}: ${list.filter((r) => r.ok).length} of ${list.length}`);
}
