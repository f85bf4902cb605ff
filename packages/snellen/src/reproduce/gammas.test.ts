// The whole experiment, as small as it gets. Oracles: algebra. In the first block of a ResNet the branch is what its last γ
// multiplies and the skip what the first γ does, so that Var(F)/Var(x) follows their squares; a branch with γ = 0 is none; a
// linear head makes the last γ's gradient one of degree 0.
import { describe, expect, it } from "vitest";
import { gaussianImages } from "../normalization/groups/inputs.ts";
import { documentMarkdown } from "../report/document.ts";
import { openModelData, openTextModel } from "../vision-model/test-support/text-model.ts";
import { type GammaStudy, reproduceGammas } from "./gammas.ts";
import { gammasDocument } from "./gammas-report.ts";
import type { Study } from "./study.ts";

const STUDY: Study = {
  seed: 0,
  effort: { networks: 1, draws: 1, depth: 0.1, activations: 1 },
  open: (network) => openModelData(network, { preset: "none" }),
};

const PLAIN = `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = MatMul (r, wy) }`;

const ratio = ({ runs }: GammaStudy, category: string, gamma: number, block: number) =>
  runs[0]?.ratios.find((r) => r.category === category && r.gamma === gamma)?.ratios[block] as number;

describe("reproduceGammas", () => {
  it("measures made networks and given ones, and goes on from what was kept", async () => {
    await using model = openTextModel(PLAIN);
    const given = {
      name: "plain",
      model,
      kind: "gaussian",
      images: gaussianImages(model.info, 2, 1),
    } as const;
    const kept = new Map<string, string>();
    const keep = async (key: string, value: unknown) => void kept.set(key, JSON.stringify(value));
    const result = await reproduceGammas({ ...STUDY, models: [given], keep });
    expect(result.models[0]?.plan?.notes).toContain("There is no γ in this graph.");
    const study = (name: string) => result.studies.find(({ network }) => network === name) as GammaStudy;
    const basic = study("ResNet, basic, BN");
    expect(ratio(basic, "branch-last", 1, 0) / ratio(basic, "branch-last", 0.5, 0)).toBeCloseTo(4, 2);
    expect(ratio(basic, "shortcut", 0.5, 0) / ratio(basic, "shortcut", 1, 0)).toBeCloseTo(4, 2);
    for (const { runs } of result.studies)
      for (const { category, gamma, ratios } of runs[0]?.ratios ?? [])
        if (category === "branch-last" && gamma === 0) expect(ratios.every((r) => r === 0)).toBe(true);
    const last = study("transformer, pre-LN").runs[0]?.gammas.at(-1);
    expect(last).toMatchObject({ parameter: "norm.weight", category: "terminal" });
    for (const { factor, product } of last?.products ?? []) expect(product).toBeCloseTo(factor, 4);
    expect(last?.scaleChange).toBeCloseTo(1, 4);

    const page = documentMarkdown(gammasDocument(result));
    expect(page).toContain("a quick run");
    expect(page).toContain("not measured yet: needs training");
    const again = await reproduceGammas({
      ...STUDY,
      open: () => {
        throw new Error("made anew");
      },
      models: [given],
      recall: (key) => (kept.has(key) ? JSON.parse(kept.get(key) as string) : undefined),
    });
    expect(again).toEqual(JSON.parse(JSON.stringify(result)));
  });
});
