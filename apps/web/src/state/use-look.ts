// The picture that is looked at with its heat maps, made anew whenever a choice changes; while one is made the one before stays.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { HeatMapArgs, Looked } from "../worker/handlers/heat-maps.ts";
import type { Failure } from "../worker/protocol.ts";
import { call, failureOf, generation, pictures } from "./session.ts";

export interface Look {
  readonly looked: Looked | null;
  readonly failure: Failure | null;
  readonly isBusy: boolean;
}

/** @param wanted null where there is no picture yet */
export function useLook(wanted: HeatMapArgs | null): Look {
  const looked = useSignal<Looked | null>(null);
  const failure = useSignal<Failure | null>(null);
  const isBusy = useSignal(false);
  const running = useRef<AbortController | null>(null);
  // other pictures may stand at the same place
  const picture = wanted === null ? undefined : pictures.value.list[wanted.image]?.url;
  const key = JSON.stringify([wanted, picture]);
  const made = generation.value;
  useEffect(() => {
    looked.value = null;
  }, [made]);
  useEffect(() => {
    if (wanted === null) return;
    const own = new AbortController();
    running.current = own;
    isBusy.value = true;
    call("heatMaps", wanted, { signal: own.signal })
      .then((found) => {
        if (running.current !== own) return;
        looked.value = found;
        failure.value = null;
      })
      .catch((error: unknown) => {
        if (running.current === own) failure.value = failureOf(error);
      })
      .finally(() => {
        if (running.current === own) isBusy.value = false;
      });
    return () => {
      own.abort();
      running.current = null;
    };
  }, [key, made]);
  return { looked: looked.value, failure: failure.value, isBusy: isBusy.value };
}
