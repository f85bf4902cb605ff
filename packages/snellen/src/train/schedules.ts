// Learning rates over a training, as a share of the highest: a warm-up that rises in a line, then one of these.
import { findById } from "../find-by-id.ts";

export interface Schedule {
  readonly id: string;
  readonly title: string;
  /** Share of the highest rate. @param progress 0 at the first step behind the warm-up, 1 behind the last */
  readonly share: (progress: number) => number;
}

/** When, and by how much, the rate falls (He et al. 2016). */
const FALLS = [0.5, 0.75] as const;
const FALL = 0.1;

/** All schedules of the learning rate. */
export const schedules: readonly Schedule[] = [
  {
    id: "cosine",
    title: "half a cosine, down to 0 (Loshchilov & Hutter 2017)",
    share: (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)),
  },
  {
    id: "steps",
    title: "a tenth after half of the steps, and again after three quarters",
    share: (progress) => FALL ** FALLS.filter((at) => progress >= at).length,
  },
  { id: "linear", title: "in a line, down to 0", share: (progress) => 1 - progress },
  { id: "constant", title: "the same throughout", share: () => 1 },
];

/**
 * The schedule of an id.
 * @throws UsageError `unknown-schedule`
 */
export const schedule = (id: string): Schedule =>
  findById(schedules, id, { code: "unknown-schedule", what: "schedule", flag: "--schedule" });

/**
 * Share of the highest learning rate at a step.
 * @param step from 0
 * @param warmup steps until the highest is reached; 0 for none
 */
export function rateShare({ share }: Schedule, step: number, steps: number, warmup: number): number {
  if (step < warmup) return (step + 1) / warmup;
  return share((step - warmup) / Math.max(1, steps - warmup));
}
