// Stand-ins for tests of experiments that train: a runtime whose trainings diverge, one that must not be used, and a journal in memory.
import { Tensor } from "onnxruntime-common";
import { createNodeRuntime } from "../../node/runtime.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** Of every training step the loss is no number. */
export function divergingRuntime(): Runtime {
  const runtime = createNodeRuntime();
  return {
    ...runtime,
    async createSession(...given) {
      const session = await runtime.createSession(...given);
      return {
        ...session,
        async run(...asked) {
          const results = await session.run(...asked);
          return "step.loss" in results
            ? { ...results, "step.loss": new Tensor("float32", Float32Array.of(Number.NaN), []) }
            : results;
        },
      };
    },
  };
}

/** For what a journal must give. */
export const idleRuntime: Runtime = {
  name: "idle",
  createSession: () => Promise.reject(new Error("nothing should be run")),
};

/** Pieces as a file's lines would give them back. */
export function memoryJournal() {
  const kept = new Map<string, string>();
  return {
    kept,
    recall: (key: string): unknown => (kept.has(key) ? JSON.parse(kept.get(key) as string) : undefined),
    keep: async (key: string, value: unknown): Promise<void> => void kept.set(key, JSON.stringify(value)),
  };
}
