// Speaks with bench/torch_worker.py, line by line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface TorchWorker {
  ask(question: object): Promise<{ ms?: number; rss_mb?: number }>;
  close(): void;
}

/** @param python an interpreter with tools/reference/requirements.txt installed */
export function startTorchWorker(python: string, threads: number): TorchWorker {
  const script = fileURLToPath(new URL("./torch_worker.py", import.meta.url));
  const child = spawn(python, ["-W", "ignore", script, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: { resolve: (answer: object) => void; reject: (error: Error) => void }[] = [];
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
