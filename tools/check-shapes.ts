// Compares inferred types with those of a run, for every value of the given models at two batch sizes.
// Usage: npx tsx --conditions=source tools/check-shapes.ts model.onnx…
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseModel } from "../packages/graph/src/protobuf.ts";
import { inferShapes } from "../packages/graph/src/shapes/shapes.ts";
import { runWithOnnxRuntime } from "../packages/graph/src/shapes/test-support/onnxruntime.ts";
import { traceTypes } from "../packages/graph/src/shapes/trace-shapes.ts";
import type { ValueType } from "../packages/graph/src/shapes/value-type.ts";

const text = (type: ValueType | undefined): string =>
  type === undefined ? "unknown" : `${type.dataType}[${type.dims.join(",")}]`;

async function check(file: string): Promise<string> {
  const model = parseModel(new Uint8Array(readFileSync(file)));
  const start = performance.now();
  const shapes = inferShapes(model);
  const elapsed = performance.now() - start;
  const differences: string[] = [];
  const missing = new Set<string>();
  let compared = 0;
  for (const types of shapes.probes) {
    const names = model.graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
    const traced = await traceTypes(model, types, names, runWithOnnxRuntime);
    for (const node of model.graph.nodes) {
      for (const name of node.outputs) {
        const [inferred, found] = [types.get(name), traced.get(name)];
        if (found === undefined) continue;
        compared += 1;
        if (inferred === undefined) missing.add(`${node.domain}:${node.opType}`);
        else if (text(inferred) !== text(found))
          differences.push(`${node.opType} "${name}": inferred ${text(inferred)}, ran ${text(found)}`);
      }
    }
  }
  const nodes = model.graph.nodes.length;
  const verdict = differences.length === 0 && missing.size === 0 ? "same" : "DIFFERENT";
  return [
    `${basename(file)}: ${verdict}, ${compared} values, ${nodes} nodes, inferred in ${elapsed.toFixed(1)} ms`,
    ...(missing.size > 0 ? [`  unknown after ${[...missing].join(" ")}`] : []),
    ...differences.slice(0, 10).map((line) => `  ${line}`),
  ].join("\n");
}

for (const file of process.argv.slice(2)) {
  try {
    console.log(await check(file));
  } catch (error) {
    console.log(`${basename(file)}: FAILED ${String(error).slice(0, 600)}`);
  }
}
