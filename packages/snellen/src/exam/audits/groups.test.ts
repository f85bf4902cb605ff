// Oracle: gains chosen by hand.
import { describe, expect, it } from "vitest";
import type { GroupAdvice } from "../../normalization/groups/advise-groups.ts";
import type { LayerAdvice } from "../../normalization/groups/layer-advice.ts";
import type { Artifacts } from "../artifacts.ts";
import { groups } from "./groups.ts";

const layer = (changes: Partial<LayerAdvice>): LayerAdvice => ({
  node: "/norm",
  module: "norm",
  form: "group-normalization",
  kind: "group",
  channels: 64,
  groups: 32,
  ideal: { closedForm: 1, measured: 4 },
  idealByConvention: {
    norm: { closedForm: 1, measured: 4 },
    variance: { closedForm: 1, measured: 4 },
  },
  advised: 4,
  gains: [],
  gainNow: 1.3,
  gainThen: 1.01,
  affine: "own",
  block: {
    input: "x",
    output: "y",
    position: "before-activation",
    activation: "relu",
    inputActivation: "relu",
    fanIn: 576,
    fanOut: 576,
    kernel: 9,
    sizeRatio: 1,
  },
  notes: [],
  ...changes,
});

const judge = (...layers: LayerAdvice[]) => judgeWhole(layers, [0.5, 0.3]);

const judgeWhole = (layers: LayerAdvice[], spreads: readonly [number, number]) => {
  const advice: GroupAdvice = {
    convention: "norm",
    inputs: { kind: "images", count: 8 },
    layers,
    blocks: [],
    profile: {
      nodes: ["/norm"],
      curves: ["as it is", "advised"].map((name, i) => ({
        name,
        lengths: [1],
        spread: spreads[i] as number,
      })),
    },
    notes: [],
  };
  return groups.audit({ groups: advice } as Artifacts);
};

describe("the audit of groups", () => {
  it("is good as long as no gain is twice as far from 1 as it could be", () => {
    const found = judge(layer({}), layer({ gainNow: 0.6, gainThen: 1 }));
    expect([found.verdict, found.remedy]).toEqual(["good", undefined]);
    expect(found.summary).toContain("2 of 2 layers");
  });

  it("points at layers that bend the gradient, whether they shrink or stretch it", () => {
    for (const gainNow of [2.2, 1 / 2.2]) {
      const found = judge(layer({}), layer({ module: "far", gainNow, gainThen: 1.02 }));
      expect(found.verdict).toBe("attention");
      expect(found.summary).toContain(
        `The layer with most to gain is far: gain ${gainNow.toPrecision(3)} with 32 groups, 1.02 with 4`,
      );
      expect(found.remedy).toMatch(/^snellen fix groups/);
    }
  });

  it("advises nothing where the network as a whole does not gain by it", () => {
    const found = judgeWhole([layer({ gainNow: 2.2, gainThen: 1.02 })], [0.3, 0.5]);
    expect([found.verdict, found.remedy]).toEqual(["informative", undefined]);
    expect(found.summary).toMatch(/^Leave the network as it is: the advice changes 1 of 1 layers/);
  });

  it("says when every layer is as advised", () => {
    expect(judge(layer({ groups: 4, gainNow: 1.01 })).summary).toMatch(/^Every layer has the advised number/);
  });

  it("gives the mean distance from isometry as a figure: halved and doubled gains are equally far", () => {
    const gains = [0.5, 2, null].map((gainNow) => layer({ gainNow, gainThen: 1 }));
    const { figures } = judge(...gains, layer({ gainNow: 4, gainThen: 4 }));
    expect(figures?.[0]).toMatchObject({ id: "gain", better: "lower" });
    expect(figures?.[0]?.value).toBeCloseTo((4 / 3) * Math.LN2, 12);
    // twice as far is not farther than that
    expect(figures?.[1]).toMatchObject({ id: "far", value: 0 });
    expect(judge(layer({ gainNow: null })).figures?.[0]?.value).toBeNull();
  });

  it("is not applicable without groups", () => {
    const found = groups.audit({ groups: { reason: "Nothing works on groups." } } as Artifacts);
    expect(found).toEqual({ verdict: "notApplicable", summary: "Nothing works on groups." });
  });
});
