// Time to parse a model file and memory to write it again, against the targets of ViT-B/16 (346 MB): parse <= 0.2 s, peak
// memory of a self-contained write <= 0.3 x the file above the loaded model. One model a process, as peaks only grow.
//   npx tsx --conditions=source bench/model-io.ts /path/to/vit_base_patch16_224.onnx
import { rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseModel, serializeByReference } from "@snellen/graph";
import * as ort from "onnxruntime-node";
import { openModelFile, writeModelFile } from "../packages/snellen/src/node/model-file.ts";

const MB = 2 ** 20;
const path = process.argv[2];
if (path === undefined) throw new Error("usage: model-io.ts model.onnx");

const size = statSync(path).size;
const peak = () => process.resourceUsage().maxRSS * 1024;
const report = (what: string, value: number, unit: string) =>
  console.log(`${what.padEnd(40)} ${value.toFixed(2)} ${unit}`);

const opened = performance.now();
const { model, readExternal } = await openModelFile(path);
report("open (read, parse, validate)", (performance.now() - opened) / 1000, "s");
if (model.bytes === undefined) throw new Error("no bytes");
const times = Array.from({ length: 5 }, () => {
  const start = performance.now();
  parseModel(model.bytes as Uint8Array);
  return performance.now() - start;
});
report("parse, first of 5 further ones", (times[0] as number) / 1000, "s");
report("parse, median", (times.toSorted((a, b) => a - b)[2] as number) / 1000, "s");

const referenced = performance.now();
const bytes = serializeByReference(model, "user.onnx").byteLength;
report("write by reference", (performance.now() - referenced) / 1000, "s");
report("  its size", bytes / MB, "MB");

const target = join(tmpdir(), `snellen-model-io-${process.pid}.onnx`);
const before = process.memoryUsage.rss();
report("memory with the model loaded", before / MB, "MB");
const started = performance.now();
await writeModelFile(target, model, { readExternal });
report("write self-contained", (performance.now() - started) / 1000, "s");
report("  peak memory above that / file size", Math.max(0, peak() - before) / size, "x");

const session = await ort.InferenceSession.create(target, {
  graphOptimizationLevel: "disabled",
  logSeverityLevel: 3,
});
console.log(`ONNX Runtime loads it: ${session.inputNames} -> ${session.outputNames}`);
await session.release();
rmSync(target);
