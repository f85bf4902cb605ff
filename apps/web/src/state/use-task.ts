// A long call as a component sees it: running or not, how far, what came out, and a way to stop it that does stop it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ArgsOf, Failure, Method, ProgressOf, ResultOf } from "../worker/protocol.ts";
import { failureOf } from "./problem.ts";
import { call, generation } from "./session.ts";

export interface Task<M extends Method> {
  readonly isRunning: boolean;
  readonly progress: ProgressOf<M> | null;
  readonly result: ResultOf<M> | null;
  readonly failure: Failure | null;
  /** What bears on the result, such as pictures that were left out. */
  readonly notes: readonly string[];
  readonly run: (args: ArgsOf<M>) => Promise<void>;
  readonly stop: () => void;
}

/** Results are dropped when the model changes. */
export function useTask<M extends Method>(method: M): Task<M> {
  const isRunning = useSignal(false);
  const progress = useSignal<ProgressOf<M> | null>(null);
  const result = useSignal<ResultOf<M> | null>(null);
  const failure = useSignal<Failure | null>(null);
  const notes = useSignal<readonly string[]>([]);
  const control = useRef<AbortController | null>(null);
  const made = generation.value;
  useEffect(() => {
    result.value = null;
    failure.value = null;
    notes.value = [];
    return () => {
      control.current?.abort();
      control.current = null;
      isRunning.value = false;
    };
  }, [made]);
  const run = async (args: ArgsOf<M>): Promise<void> => {
    control.current?.abort();
    const own = new AbortController();
    control.current = own;
    isRunning.value = true;
    progress.value = null;
    failure.value = null;
    notes.value = [];
    try {
      const found = await call(method, args, {
        signal: own.signal,
        onProgress: (told) => {
          if (control.current === own) progress.value = told;
        },
        onNote: (text) => {
          if (control.current === own) notes.value = [...notes.value, text];
        },
      });
      if (control.current === own) result.value = found;
    } catch (error) {
      const told = failureOf(error);
      if (control.current === own && told.code !== "stopped") failure.value = told;
    } finally {
      if (control.current === own) {
        isRunning.value = false;
        control.current = null;
      }
    }
  };
  return {
    isRunning: isRunning.value,
    progress: progress.value,
    result: result.value,
    failure: failure.value,
    notes: notes.value,
    run,
    stop: () => control.current?.abort(),
  };
}
