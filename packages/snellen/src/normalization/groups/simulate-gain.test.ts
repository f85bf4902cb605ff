import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import {
  blockOutput,
  drawBlock,
  inputGradient,
  planOf,
  type SimulatedBlock,
  simulateGain,
} from "./simulate-gain.ts";

const small = { channels: 6, inputChannels: 4, kernelSide: 3, side: 4 } as const;
const BLOCKS: readonly (SimulatedBlock & { readonly groups: number })[] = [
  { kind: "plain", channels: 12, inputChannels: 7, activation: "gelu", groups: 3 },
  { kind: "plain", ...small, activation: "silu", groups: 2 },
  { kind: "plain", ...small, activation: "tanh", padding: "circular", groups: 6 },
  { kind: "plain", ...small, activation: "mish", position: "after-activation", groups: 3 },
  { kind: "residual", ...small, inputChannels: 6, activation: "gelu", inputActivation: "none", groups: 2 },
];

describe("inputGradient", () => {
  it.each(BLOCKS)("of a $kind block with $activation is the finite difference of its output", (block) => {
    // Σ g·o moves by ∂L/∂x·d along a random direction d: central difference, error about h² = 1e-8
    const plan = planOf(block);
    const draw = drawBlock(plan, randomStream(8));
    const random = randomStream(9);
    const along = draw.input.map(() => random.uniform(-1, 1));
    const loss = (step: number) => {
      const input = draw.input.map((x, k) => x + step * along[k]!);
      return blockOutput(plan, { ...draw, input }, block.groups).reduce(
        (s, o, k) => s + o * draw.gradient[k]!,
        0,
      );
    };
    const { whole } = inputGradient(plan, draw, block.groups);
    const slope = whole.reduce((sum, g, k) => sum + g * along[k]!, 0);
    expect((loss(1e-4) - loss(-1e-4)) / 2e-4 / slope).toBeCloseTo(1, 5);
  });

  it("is orthogonal to the input of a plain linear block", () => {
    // property: the output does not change with the input's scale, but for ε
    const plan = planOf({ kind: "plain", channels: 32, activation: "relu", epsilon: 0 });
    const draw = drawBlock(plan, randomStream(2));
    const { whole } = inputGradient(plan, draw, 4);
    const dot = whole.reduce((sum, g, k) => sum + g * draw.input[k]!, 0);
    expect(Math.abs(dot)).toBeLessThan(1e-10);
  });
});

// Oracle: the same blocks in PyTorch 2.15 (conv2d, group_norm, autograd), 1,500 draws, Gaussian gradients:
// [G = 1, 8, 32] of 32 channels, 3×3 on 6×6; standard errors 0.004, of the residual block 0.014.
const conv = { channels: 32, kernelSide: 3, side: 6 } as const;
const PYTORCH: readonly (SimulatedBlock & { readonly means: readonly number[]; readonly error: number })[] = [
  {
    kind: "plain",
    ...conv,
    activation: "relu",
    padding: "circular",
    means: [1.0252, 1.1379, 1.5167],
    error: 0.004,
  },
  { kind: "plain", ...conv, activation: "gelu", means: [1.0887, 1.1401, 1.3083], error: 0.004 },
  {
    kind: "plain",
    ...conv,
    activation: "gelu",
    position: "after-activation",
    means: [1.2874, 1.3056, 1.3738],
    error: 0.004,
  },
  { kind: "residual", ...conv, activation: "relu", means: [3.0878, 3.567, 4.9365], error: 0.014 },
];

describe("simulateGain", () => {
  it.each(PYTORCH)("gives PyTorch's mean: $kind, $activation, $position", ({ means, error, ...block }) => {
    const gains = simulateGain(block, { groups: [1, 8, 32], draws: 100, seed: 1 });
    gains.forEach(({ gain, standardError }, i) => {
      // weights of a residual block are scaled otherwise there; normalization cancels it
      expect(Math.abs(gain - means[i]!)).toBeLessThan(4 * Math.hypot(error, standardError));
      expect(standardError / gain).toBeLessThan(0.03);
    });
  });

  it("of a residual block is 1 more than its branch's on average", () => {
    // closed form: the cross term is the trace of the branch's Jacobian, of mean 0 as the last weight's sign is free
    const [whole] = simulateGain(
      { kind: "residual", channels: 64, activation: "relu", inputActivation: "none" },
      { groups: [4], draws: 200 },
    );
    const branch = whole!.branch!;
    expect(Math.abs(whole!.gain - 1 - branch.gain)).toBeLessThan(
      3 * (whole!.standardError + branch.standardError),
    );
    expect(whole!.standardError).toBeLessThan(0.1);
  });

  it("is 0 with one value per group: then the output does not depend on the input", () => {
    const [gain] = simulateGain(
      { kind: "plain", channels: 8, activation: "relu" },
      { groups: [8], draws: 4 },
    );
    expect(gain!.gain).toBe(0);
  });

  it("scales by elements under the variance convention", () => {
    const block = { kind: "plain", channels: 24, inputChannels: 36, activation: "relu" } as const;
    const options = { groups: [1, 3], draws: 5 };
    const byNorm = simulateGain(block, options);
    simulateGain(block, { ...options, convention: "variance" }).forEach(({ gain }, i) => {
      expect(gain).toBeCloseTo((byNorm[i]!.gain * 24) / 36, 12);
    });
  });

  it("depends on the seed alone", () => {
    const block = { kind: "plain", channels: 16, activation: "relu" } as const;
    const at = (seed: number) => simulateGain(block, { groups: [1, 4], draws: 3, seed });
    expect(at(5)).toEqual(at(5));
    expect(at(5)[0]!.gain).not.toBe(at(6)[0]!.gain);
  });

  it.each([
    [{ channels: 0 }, [1], "bad-block"],
    [{ channels: 8, kernelSide: 2, side: 4 }, [1], "bad-block"],
    [{ channels: 8, kernelSide: 5, side: 3 }, [1], "bad-block"],
    [{ channels: 8 }, [3], "groups-do-not-divide"],
    [{ channels: 8, activation: "rleu" }, [1], "unknown-activation"],
    [{ channels: 8, kind: "residual", inputChannels: 4 }, [1], "bad-block"],
  ] as const)("refuses %o with groups %o", (block, groups, code) => {
    const run = () => simulateGain({ kind: "plain", activation: "relu", ...block }, { groups, draws: 2 });
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
