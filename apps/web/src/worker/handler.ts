// What a request to the worker is: a function of what was opened before, with a way to tell how far it is and to be stopped.
import type { Opened } from "./opened.ts";

export interface HandlerContext<Progress = unknown> {
  /** What this worker works on; handlers may set its fields. */
  readonly opened: Opened;
  readonly signal: AbortSignal;
  readonly progress: (value: Progress) => void;
  /** Says what bears on the result, such as a picture that was left out. */
  readonly note: (text: string) => void;
}

export type Handler<Args, Result, Progress = never> = (
  args: Args,
  context: HandlerContext<Progress>,
) => Promise<Result> | Result;

/** Share done of a step, 0 to 1. */
export interface StepProgress {
  readonly step: string;
  readonly done: number;
}
