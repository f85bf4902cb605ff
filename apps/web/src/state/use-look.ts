// The picture that is looked at with its heat maps, made anew whenever a choice changes; while one is made the one before stays.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { StepProgress } from "../worker/handler.ts";
import type { HeatMapArgs, Looked } from "../worker/handlers/heat-maps.ts";
import type { Failure } from "../worker/protocol.ts";
import { pictures } from "./pictures.ts";
import { failureOf } from "./problem.ts";
import { call, generation } from "./session.ts";
import { type StepId, step } from "./steps.ts";

export interface Look {
  readonly looked: Looked | null;
  readonly failure: Failure | null;
  readonly isBusy: boolean;
  readonly progress: StepProgress | null;
  readonly stop: () => void;
}

/**
 * @param wanted null where there is no picture yet
 * @param where the step that shows it; nothing is made while another is shown
 */
export function useLook(wanted: HeatMapArgs | null, where: StepId): Look {
  const looked = useSignal<Looked | null>(null);
  const failure = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const progress = useSignal<StepProgress | null>(null);
  const running = useRef<AbortController | null>(null);
  const answered = useRef<string | null>(null);
  // other pictures may stand at the same place
  const picture = wanted === null ? undefined : pictures.value.list[wanted.image]?.url;
  const made = generation.value;
  const key = JSON.stringify([made, wanted, picture]);
  const isShown = step.value === where;
  useEffect(() => {
    looked.value = null;
  }, [made]);
  useEffect(() => {
    if (wanted === null || !isShown || answered.current === key) return;
    const own = new AbortController();
    running.current = own;
    answered.current = null;
    isBusy.value = true;
    progress.value = null;
    failure.value = null;
    const onProgress = (told: StepProgress): void => {
      if (running.current === own) progress.value = told;
    };
    call("heatMaps", wanted, { signal: own.signal, onProgress })
      .then((found) => {
        if (running.current === own) looked.value = found;
      })
      .catch((error: unknown) => {
        if (running.current !== own) return;
        failure.value = failureOf(error);
        // what was seen before stays only where it was not asked for anything else
        if (failure.value.code !== "stopped") looked.value = null;
      })
      .finally(() => {
        if (running.current !== own) return;
        isBusy.value = false;
        answered.current = key;
      });
    return () => {
      own.abort();
      running.current = null;
      isBusy.value = false;
    };
  }, [key, isShown]);
  return {
    looked: looked.value,
    failure: failure.value,
    isBusy: isBusy.value,
    progress: progress.value,
    stop: () => running.current?.abort(),
  };
}
