// Fuzzes the ONNX reader: damaged small files, made from random ones and from those given, until the time is over.
//   npx tsx --conditions=source tools/fuzz/graph-reader.ts --minutes 10 [--seed 1] [model.onnx…]
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { arbitraryModel } from "../../packages/graph/src/test-support/arbitrary-model.ts";
import { damaged, scrambled, survive } from "../../packages/graph/src/test-support/mutations.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } },
});

const RUNS_PER_SEED = 500;
const SLOW_MS = 2000;
/** What a file may take beside itself: the reader's own objects are small, and no declared size is believed. */
const MANY_BYTES = 256 << 20;

const given = positionals.map((path) => new Uint8Array(readFileSync(path)));

/** Making random models costs more than reading them: a handful serves many files. */
function filesOf(seed: number): Uint8Array[] {
  const models = fc.sample(arbitraryModel, { seed, numRuns: 10 });
  const valid = fc.constantFrom(...models, ...given);
  return fc.sample(fc.oneof(damaged(valid), scrambled(valid)), { seed, numRuns: RUNS_PER_SEED });
}

const outcomes = new Map<string, number>();
const end = Date.now() + Number(values.minutes) * 60_000;
let runs = 0;
let slowest = 0;
let most = 0;

function fail(file: Uint8Array, seed: number, why: string): void {
  const path = `fuzz-${seed}-${runs}.onnx`;
  writeFileSync(path, file);
  console.error(`seed ${seed}: ${why} (${path})`);
  process.exitCode = 1;
}

function run(file: Uint8Array, seed: number): void {
  const start = performance.now();
  const before = process.memoryUsage().arrayBuffers;
  try {
    const outcome = survive(file);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  } catch (error) {
    fail(file, seed, (error as Error).stack ?? String(error));
  }
  const took = performance.now() - start;
  const grown = process.memoryUsage().arrayBuffers - before;
  slowest = Math.max(slowest, took);
  most = Math.max(most, grown);
  if (took > SLOW_MS) fail(file, seed, `took ${Math.round(took)} ms`);
  if (grown > MANY_BYTES + 8 * file.byteLength) fail(file, seed, `took ${grown} bytes`);
  runs++;
}

for (let seed = Number(values.seed); Date.now() < end; seed++)
  for (const file of filesOf(seed)) run(file, seed);

console.log(`${runs} files, slowest ${slowest.toFixed(0)} ms, at most ${(most / 2 ** 20).toFixed(1)} MiB`);
for (const [outcome, count] of [...outcomes].toSorted((a, b) => b[1] - a[1]))
  console.log(`${outcome}: ${count}`);
