// Oracle: distances from isometry counted by hand.
import { describe, expect, it } from "vitest";
import { adviceEffect } from "./advice-effect.ts";
import type { LayerAdvice } from "./layer-advice.ts";

const layer = (gainNow: number | null, gainThen: number | null, groups: number | null = 32) =>
  ({ groups, advised: 4, gainNow, gainThen }) as LayerAdvice;

const effect = (layers: LayerAdvice[], ...[now, then]: (number | null)[]) =>
  adviceEffect({
    layers,
    profile: {
      nodes: [],
      curves: [
        { name: "as it is", lengths: [], spread: now ?? null },
        { name: "advised", lengths: [], spread: then ?? null },
      ],
    },
  });

describe("adviceEffect", () => {
  it("helps where layers come nearer to 1 and the whole network's gradient becomes more even", () => {
    expect(effect([layer(2, 1), layer(0.5, 1), layer(1, 1, 4)], Math.log(2), Math.log(1.25))).toEqual({
      changed: 2,
      helps: true,
      text: "The advice changes 2 of 3 layers: changed one by one, their gains come nearer to 1 (off by a factor of 1.00 on average, 2.00 now); with all changed at once, the gradient's length becomes more even from layer to layer (it differs by a factor of 1.25 on average, 2.00 now).",
    });
  });

  it("does not where the whole becomes less even, or stays as it is, however near single layers come", () => {
    for (const [then, word] of [
      [0.8, "less even"],
      [0.52, "as uneven"],
    ] as const) {
      const found = effect([layer(2, 1)], 0.5, then);
      expect(found.helps).toBe(false);
      expect(found.text).toMatch(
        /^Leave the network as it is: the advice changes 1 of 1 layers, which does not/,
      );
      expect(found.text).toContain(word);
    }
  });

  it("does not where batch normalizations had gains nearer to 1 than any number of groups", () => {
    const found = effect([layer(0.9, 0.5, null)], 0.8, 0.2);
    expect([found.helps, found.text]).toEqual([false, expect.stringContaining("move away from 1")]);
  });

  it("goes by the layers where no profile tells of the whole, and says when nothing does", () => {
    expect(effect([layer(2, 1)]).helps).toBe(true);
    expect(effect([layer(null, null)])).toMatchObject({
      helps: false,
      text: expect.stringContaining("no gain"),
    });
    expect(effect([layer(2, 2, 4)])).toEqual({
      changed: 0,
      helps: false,
      text: "Every layer has the advised number of groups.",
    });
  });
});
