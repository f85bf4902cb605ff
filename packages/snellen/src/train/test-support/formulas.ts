// Losses, optimizers and schedules by PyTorch, in float64. Recorded by tools/reference/training_formulas.py.
import { readFileSync } from "node:fs";

export interface Formulas {
  readonly losses: readonly {
    readonly loss: string;
    /** [N, classes]. */
    readonly scores: readonly (readonly number[])[];
    readonly classes: readonly number[];
    readonly labelSmoothing: number;
    /** Mean over the N. */
    readonly value: number;
    /** By the scores. */
    readonly gradient: readonly (readonly number[])[];
  }[];
  readonly optimizers: {
    readonly weights: readonly number[];
    /** At each step. */
    readonly gradients: readonly (readonly number[])[];
    readonly cases: readonly {
      readonly optimizer: string;
      readonly rate: number;
      readonly momentum: number;
      readonly secondMoment: number;
      readonly decay: number;
      /** Weights after each step. */
      readonly after: readonly (readonly number[])[];
    }[];
  };
  /** `<schedule> <steps of warm-up>` → share of the highest rate at each step. */
  readonly schedules: Readonly<Record<string, readonly number[]>>;
}

export const formulas: Formulas = JSON.parse(
  readFileSync(new URL("../fixtures/formulas.json", import.meta.url), "utf8"),
);
