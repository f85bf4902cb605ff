// The robustness benchmark on a full-size network: which share of the time is ONNX Runtime's, and what worker threads give.
// Usage: npx tsx --conditions=source bench/robustness.ts --model <onnx> --images <folder> [--n 48] [--workers 1,2] [--threads 1]
//        [--corruptions common] [--severity 3]
import { parseArgs } from "node:util";
import {
  conditionsOf,
  createObservations,
  createSubject,
  createVisionModel,
  describeModel,
  evenly,
  type Image,
  runRobustness,
  type Severity,
  selectCorruptions,
} from "snellen";
import { createCorruptionPool, createNodeRuntime, openImages, openModelGraph } from "snellen/node";
import type { Runtime } from "../packages/snellen/src/runtime/runtime.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    images: { type: "string" },
    n: { type: "string", default: "48" },
    workers: { type: "string", default: "1,2" },
    threads: { type: "string", default: "1" },
    corruptions: { type: "string", default: "common" },
    severity: { type: "string", default: "3" },
  },
});
if (flags.model === undefined || flags.images === undefined) throw new Error("give --model and --images");

/** A runtime that knows how long its sessions have run. */
function timed(runtime: Runtime): { runtime: Runtime; seconds: () => number } {
  let seconds = 0;
  const createSession: Runtime["createSession"] = async (model, options) => {
    const session = await runtime.createSession(model, options);
    return {
      ...session,
      run: async (feeds, outputs) => {
        const start = performance.now();
        const results = await session.run(feeds, outputs);
        seconds += (performance.now() - start) / 1000;
        return results;
      },
    };
  };
  return { runtime: { ...runtime, createSession }, seconds: () => seconds };
}

const { entries: all } = await openImages(flags.images, {});
const entries = evenly(all, Number(flags.n));
const ids = selectCorruptions(flags.corruptions.split(",")).map(({ id }) => id);
const conditions = conditionsOf(ids, [Number(flags.severity) as Severity]);

/** The whole benchmark, as the command line runs it but for its journal. */
async function benchmark(workers: number): Promise<{ whole: number; inRuntime: number }> {
  const file = await openModelGraph(flags.model as string);
  const clock = timed(createNodeRuntime());
  const home = { location: file.fileName, weights: { folder: file.folder } };
  const session = { threads: Number(flags.threads) };
  await using model = createVisionModel(describeModel(file.model), { runtime: clock.runtime, home, session });
  await using corruptor = createCorruptionPool({ threads: workers });
  const labels = entries.map(({ label }) => label);
  const subject = createSubject("net", model, labels, "class");
  const observations = createObservations([subject], conditions, entries.length);
  // the session is made, and threads have started, before the clock runs
  const first = await (entries[0] as (typeof entries)[number]).read();
  await model.predict([first]);
  await corruptor.corrupt([first as Image], { corruption: "gaussian_noise", severity: 1, seed: 0 });
  const [start, before] = [performance.now(), clock.seconds()];
  await runRobustness(
    { subjects: [subject], entries, images: [...entries.keys()], conditions, seed: 0, batch: 8, at: "input" },
    {
      corruptor,
      observations,
      onSkip: ({ error }) => console.warn(error.message),
    },
  );
  return { whole: (performance.now() - start) / 1000, inRuntime: clock.seconds() - before };
}

/** Corruptions alone: pictures a second. */
async function corrupting(workers: number): Promise<number> {
  await using corruptor = createCorruptionPool({ threads: workers });
  const pictures = await Promise.all(entries.slice(0, 16).map(async ({ read }) => (await read()) as Image));
  const orders = ids.map((corruption) => ({
    corruption,
    severity: Number(flags.severity) as Severity,
    seed: 0,
  }));
  const run = () =>
    Promise.all(orders.flatMap((order) => pictures.map((picture) => corruptor.corrupt([picture], order))));
  await run();
  const start = performance.now();
  await run();
  return (orders.length * pictures.length) / ((performance.now() - start) / 1000);
}

console.log(
  `${entries.length} images, ${conditions.length} conditions, ${flags.threads} threads of the runtime`,
);
for (const workers of flags.workers.split(",").map(Number)) {
  const { whole, inRuntime } = await benchmark(workers);
  const share = ((100 * inRuntime) / whole).toFixed(1);
  const rate = ((entries.length * conditions.length) / whole).toFixed(1);
  console.log(`workers ${workers}: ${whole.toFixed(1)} s, ${rate} pictures/s, in ONNX Runtime ${share} %`);
  console.log(`workers ${workers}: corruptions alone ${(await corrupting(workers)).toFixed(0)} pictures/s`);
}
