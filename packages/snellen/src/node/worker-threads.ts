// Starts threads of our workers: from what was built, or from the TypeScript sources in tests and while developing.
import Tinypool from "tinypool";

export interface ThreadOptions {
  /** Threads at most; they start with the first work, and end when idle for a minute. */
  readonly threads: number;
  /** What each thread finds in `Tinypool.workerData`: plain data, copied but for what lies in shared memory. */
  readonly workerData: unknown;
}

const IS_SOURCE = import.meta.url.endsWith(".ts");

/**
 * Threads that run the function `work` of a worker's module. Destroy the pool, or the process stays.
 * @param worker the module beside this one, without its ending
 */
export function createThreads(worker: string, { threads, workerData }: ThreadOptions): Tinypool {
  const start = IS_SOURCE
    ? { file: "./source-worker.mjs", argv: [`./${worker}.ts`], execArgv: ["--conditions=source"] }
    : { file: `./${worker}.js`, argv: [], execArgv: [] };
  return new Tinypool({
    filename: new URL(start.file, import.meta.url).href,
    name: "work",
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    workerData,
    isolateWorkers: false,
    argv: start.argv,
    execArgv: start.execArgv,
  });
}
