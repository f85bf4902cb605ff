// Models above 2 GiB: opened, run, written again and run again, with offsets beyond 2^31 and 2^32. The weights are a sparse
// file, so reading costs nothing; the copy takes 4.5 GiB of disk for a moment.
//   npx tsx --conditions=source tools/check-large-model.ts [folder]
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  loadExternalTensors,
  type Model,
  parseGraphText,
  serializeModel,
  tensorNumbers,
} from "@snellen/graph";
import * as ort from "onnxruntime-node";
import { openModelFile, writeModelFile } from "../packages/snellen/src/node/model-file.ts";

const GIB = 2 ** 30;
const ROW = 1024;
const HUGE_ROWS = (2.5 * GIB) / (4 * ROW);

/** Rows of `huge` (2.5 GiB), and weights that lie behind 2^31 and 2^32 bytes. */
const EXTERNAL = {
  huge: { dims: [HUGE_ROWS, ROW], offset: 0 },
  behind31: { dims: [ROW], offset: 2.5 * GIB + 4096 },
  behind32: { dims: [ROW], offset: 4 * GIB + 64 },
};

function model(): Model {
  const text = parseGraphText(`large (int64[1] row) => (float[1,1024] y) {
    picked = Gather (huge, row)
    sum = Add (picked, behind31)
    y = Mul (sum, behind32)
  }`);
  const initializers = new Map(
    Object.entries(EXTERNAL).map(([name, { dims, offset }]) => {
      const length = 4 * dims.reduce((n, d) => n * d, 1);
      return [
        name,
        { dataType: "float32" as const, dims, data: { location: "weights.bin", offset, length } },
      ];
    }),
  );
  return { ...text, graph: { ...text.graph, initializers } };
}

async function writeSparse(path: string): Promise<void> {
  const file = await open(path, "w");
  const put = async (value: number, position: number) => {
    const bytes = new Uint8Array(new Float32Array(ROW).fill(value).buffer);
    await file.write(bytes, 0, bytes.byteLength, position);
  };
  await put(3, 4 * ROW * (HUGE_ROWS - 1));
  await put(4, EXTERNAL.behind31.offset);
  await put(5, EXTERNAL.behind32.offset);
  await file.close();
}

async function run(path: string): Promise<string> {
  const session = await ort.InferenceSession.create(path, { graphOptimizationLevel: "disabled" });
  const { y } = await session.run({
    row: new ort.Tensor("int64", BigInt64Array.of(BigInt(HUGE_ROWS - 1)), [1]),
  });
  await session.release();
  return `y = ${(y?.data as Float32Array | undefined)?.[ROW - 1]} (expected 35)`;
}

const rss = () => `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB peak`;

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "snellen-large-"));
try {
  const path = join(folder, "large.onnx");
  writeFileSync(path, serializeModel(model()));
  await writeSparse(join(folder, "weights.bin"));
  const file = await openModelFile(path);
  const loaded = await loadExternalTensors(file.model, file.readExternal, (name) => name !== "huge");
  for (const name of ["behind31", "behind32"])
    console.log(name, tensorNumbers(loaded.graph.initializers.get(name)!)[ROW - 1], rss());
  const started = performance.now();
  const written = await writeModelFile(join(folder, "copy.onnx"), file.model, {
    readExternal: file.readExternal,
  });
  console.log(`written in ${((performance.now() - started) / 1000).toFixed(1)} s, ${rss()}`);
  for (const name of written) console.log(name, statSync(name).size);
  console.log("original", await run(path));
  console.log("copy", await run(join(folder, "copy.onnx")), rss());
} finally {
  rmSync(folder, { recursive: true });
}
