// Renders optotypes into one flat file for training: per sample, classIndex (1 byte), then RGB bytes [64, 64, 3].
// npx tsx --conditions=source tools/train/make-data.ts --out train.bin --count 100000 --seed 1 [--start 0] [--size 64]

import { closeSync, openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { optotypes } from "../../packages/snellen/src/datasets/optotypes/optotype.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    count: { type: "string" },
    seed: { type: "string" },
    start: { type: "string", default: "0" },
    size: { type: "string", default: "64" },
  },
});
if (values.out === undefined || values.count === undefined || values.seed === undefined) {
  throw new Error("--out, --count and --seed are needed.");
}

const size = Number(values.size);
const count = Number(values.count);
const record = 1 + 3 * size * size;
const chunk = Buffer.alloc(256 * record);
const file = openSync(values.out, "w");
let filled = 0;
for (const sample of optotypes({ seed: Number(values.seed), start: Number(values.start), count, size })) {
  chunk[filled] = sample.classIndex;
  chunk.set(sample.image.data, filled + 1);
  filled += record;
  if (filled === chunk.length) {
    writeSync(file, chunk);
    filled = 0;
  }
}
writeSync(file, chunk, 0, filled);
closeSync(file);
