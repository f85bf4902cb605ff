// Speaks with bench/torch_worker.py, or another worker of its kind, line by line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Answer {
  readonly ms?: number;
  readonly rss_mb?: number;
  /** Images that were run, where they are fewer than asked for. */
  readonly images?: number;
  /** Why nothing was run. */
  readonly none?: string;
}

export interface TorchWorker {
  ask(question: object): Promise<Answer>;
  close(): void;
}

/** @param python an interpreter with tools/reference/requirements.txt installed */
export function startTorchWorker(python: string, threads: number, script = "torch_worker.py"): TorchWorker {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(python, ["-W", "ignore", path, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once("exit", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the PyTorch worker ended"));
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    close: () => {
      child.stdin.end();
    },
  };
}
