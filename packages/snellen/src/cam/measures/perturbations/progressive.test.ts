// Oracle: hand literals, and that each step adds its share of the pixels in order of relevance.
import { describe, expect, it } from "vitest";
import { evidenceOf } from "../test-support/evidence.ts";
import { blurred } from "./blur.ts";
import { deletion, insertion, replacedCounts, STEPS } from "./progressive.ts";

const area = 100;
const values = Float32Array.from({ length: area }, (_, i) => ((37 * i) % area) + 1);
const { subject } = evidenceOf({
  map: values,
  dims: [10, 10],
  input: [...values, ...values.map((v) => -v)],
  units: { baseline: [0.5, -7], noise: [0, 0] },
});

describe("deletion and insertion", () => {
  it("steps by equal shares, and by pixels where there are few", () => {
    expect(replacedCounts(3)).toEqual([0, 1, 2, 3]);
    expect(replacedCounts(64)).toEqual(Array.from({ length: 33 }, (_, k) => 2 * k));
    expect(replacedCounts(area).length).toBe(STEPS + 1);
  });

  it("deletes the most relevant first, to each channel's baseline", () => {
    const steps = [...deletion.inputs(subject)];
    steps.forEach((step, k) => {
      const gone = replacedCounts(area)[k + 1] as number;
      step.forEach((v, o) => {
        const isGone = (values[o % area] as number) > area - gone;
        const nothing = o < area ? 0.5 : -7;
        expect(v).toBe(isGone ? nothing : subject.input[o]);
      });
    });
    expect(steps.length).toBe(STEPS);
  });

  it("inserts into the blurred input, and ends one step before the input itself", () => {
    const steps = [...insertion.inputs(subject)];
    expect(steps[0]).toEqual(blurred(subject.input, [10, 10]));
    const last = steps.at(-1) as Float32Array;
    const differing = [...last.keys()].filter((o) => last[o] !== subject.input[o]);
    for (const o of differing)
      expect(values[o % area]).toBeLessThanOrEqual(area - (replacedCounts(area)[31] as number));
    expect(steps.length).toBe(STEPS);
  });
});
