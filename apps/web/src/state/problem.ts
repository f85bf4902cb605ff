// What went wrong last, as the page tells it.
import { signal } from "@preact/signals";
import { WorkerFailure } from "../client/worker-client.ts";
import type { Failure } from "../worker/protocol.ts";

/** Under what was tried. */
export const problem = signal<{ readonly title: string; readonly failure: Failure } | null>(null);

/** Runs something that the user asked for; what goes wrong is shown, and nothing else changes. */
export async function attempt(title: string, work: () => Promise<void>): Promise<void> {
  problem.value = null;
  try {
    await work();
  } catch (error) {
    const failure = failureOf(error);
    // the model was opened anew, or another one
    if (failure.code !== "stopped") problem.value = { title, failure };
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof WorkerFailure) return error.failure;
  const { message } = error as Error;
  return { code: "internal", what: message, where: null, hint: "Reload the page.", isOurs: true };
}
