// Compares inferred shapes with those of a run, for every value of the given models at two batch sizes.
// Usage: npx tsx tools/check-shapes.ts model.onnx…
import { readFileSync } from "node:fs";
import { parseModel } from "../packages/graph/src/protobuf.ts";
import { compareWithRun } from "../packages/graph/src/shapes/test-support/compare-with-run.ts";

for (const file of process.argv.slice(2)) {
  try {
    const model = parseModel(new Uint8Array(readFileSync(file)));
    const { types, contents, unknown, differences } = await compareWithRun(model);
    console.log(
      `${differences.length === 0 ? "same" : "DIFFERENT"} ${types} types, ${contents} contents: ${file}`,
    );
    if (unknown.length > 0) console.log(`  unknown after ${unknown.join(" ")}`);
    for (const line of differences.slice(0, 10)) console.log(`  ${line}`);
    if (differences.length > 0) process.exitCode = 1;
  } catch (error) {
    console.log(`FAILED ${file}: ${String(error).slice(0, 600)}`);
    process.exitCode = 1;
  }
}
