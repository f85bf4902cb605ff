// Speaks line by line with a Python process of workers/, which does one thing when told to.
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

export interface PythonWorker {
  ask(question: object): Promise<Answer>;
  close(): void;
}

/**
 * @param script of workers/
 * @param python an interpreter with what the script imports: tools/reference/requirements.txt, or what the script says
 */
export function startPythonWorker(script: string, python: string, threads: number): PythonWorker {
  const path = fileURLToPath(new URL(`workers/${script}`, import.meta.url));
  const child = spawn(python, ["-W", "ignore", path, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once("exit", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${script} ended`));
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
