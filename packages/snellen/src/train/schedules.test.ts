// Shares of the highest rate beside PyTorch's schedulers behind its linear warm-up (tools/reference/training_formulas.py).
import { describe, expect, it } from "vitest";
import { rateShare, schedule, schedules } from "./schedules.ts";
import { formulas } from "./test-support/formulas.ts";

const CASES = Object.entries(formulas.schedules).map(([key, shares]) => {
  const [id = "", warmup] = key.split(" ");
  return { id, warmup: Number(warmup), shares };
});

it.each(CASES)("$id behind a warm-up of $warmup is PyTorch's", ({ id, warmup, shares }) => {
  const chosen = schedule(id);
  const ours = shares.map((_, step) => rateShare(chosen, step, shares.length, warmup));
  ours.forEach((share, step) => {
    expect(share, `step ${step}`).toBeCloseTo(shares[step] as number, 12);
  });
});

it("covers every schedule", () => {
  expect(new Set(CASES.map(({ id }) => id))).toEqual(new Set(schedules.map(({ id }) => id)));
});

describe.each(schedules)("$id", (chosen) => {
  it("never stops before its end", () => {
    for (const [steps, warmup] of [
      [1, 0],
      [1, 1],
      [10, 10],
      [7, 3],
    ] as const) {
      const shares = Array.from({ length: steps }, (_, step) => rateShare(chosen, step, steps, warmup));
      expect(shares.every((share) => share > 0 && share <= 1)).toBe(true);
    }
  });

  it("rises in a line and falls from there", () => {
    const shares = Array.from({ length: 12 }, (_, step) => rateShare(chosen, step, 12, 4));
    expect(shares.slice(0, 5)).toEqual([0.25, 0.5, 0.75, 1, 1]);
    for (let step = 5; step < 12; step++)
      expect(shares[step]).toBeLessThanOrEqual(shares[step - 1] as number);
  });
});

it("names the nearest schedule", () => {
  expect(() => schedule("cosin")).toThrow(/Did you mean "cosine"/);
});
