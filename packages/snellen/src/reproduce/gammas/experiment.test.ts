// The experiment on two kinds of network, as small as they get; the whole is run by the command's test. Oracles: algebra. In the
// first block of a ResNet the branch is what its last γ multiplies and the skip what the first γ does, so that Var(F)/Var(x) follows
// their squares; a branch with γ = 0 is none; a linear head makes the gradient of the γ before it one of degree 0.
import { describe, expect, it } from "vitest";
import { openModelData } from "../../vision-model/test-support/text-model.ts";
import type { Study } from "../study.ts";
import { type GammaRun, gammaStudy } from "./experiment.ts";
import { gammaNetworks } from "./networks.ts";

const STUDY: Study = {
  seed: 0,
  effort: { networks: 1, draws: 1, depth: 1, activations: 1 },
  open: (network) => openModelData(network, { preset: "none" }),
};

async function runOf(name: string): Promise<GammaRun> {
  const network = gammaNetworks(2).find((made) => made.name === name);
  const { runs } = await gammaStudy(network!, STUDY);
  return runs[0] as GammaRun;
}

const ratiosOf = ({ ratios }: GammaRun, category: string, gamma: number) =>
  ratios.find((r) => r.category === category && r.gamma === gamma)?.ratios as number[];

describe("gammaStudy", () => {
  it("shows what γ do to the blocks of a ResNet", async () => {
    const run = await runOf("ResNet, basic, BN");
    const [one, half] = [1, 0.5].map((gamma) => ratiosOf(run, "branch-last", gamma)[0] as number);
    expect((one as number) / (half as number)).toBeCloseTo(4, 2);
    const [full, less] = [1, 0.5].map((gamma) => ratiosOf(run, "shortcut", gamma)[0] as number);
    expect((less as number) / (full as number)).toBeCloseTo(4, 2);
    expect(ratiosOf(run, "branch-last", 0)).toEqual(run.blocks.map(() => 0));
    const inner = run.gammas.filter(({ category }) => category === "scale-invariant");
    expect(inner.map(({ parameter }) => parameter)).toContain("layer1.0.bn1.weight");
    for (const { scaleChange, products } of inner) {
      expect(scaleChange).toBeLessThan(1e-3);
      // to what ε does in channels that hardly vary
      for (const { product } of products) expect(Math.abs((product as number) - 1)).toBeLessThan(0.05);
    }
  });

  it("and of a transformer, whose last γ sets the scale of the scores", async () => {
    const run = await runOf("transformer, pre-LN");
    expect(ratiosOf(run, "branch-last", 0)).toEqual(run.blocks.map(() => 0));
    const last = run.gammas.at(-1);
    expect(last).toMatchObject({ parameter: "norm.weight", category: "terminal" });
    expect(last?.scaleChange).toBeCloseTo(1, 4);
    expect(last?.products).toHaveLength(3);
    for (const { factor, product } of last?.products ?? []) expect(product).toBeCloseTo(factor, 4);
  });
});
