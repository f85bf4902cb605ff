import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { activations, leakyRelu } from "./activations.ts";
import {
  type ClosedFormGain,
  closedFormGain,
  type GainSetting,
  meanInverseVariance,
  type Position,
} from "./closed-form.ts";
import { type SimulatedBlock, simulateGain } from "./simulate-gain.ts";

/** ReLU6 and the tanh form of GELU have the moments of their like to three digits. */
const distinct = activations.filter(({ id }) => id !== "relu6" && id !== "gelu-tanh");

/** The formula for what is simulated. */
function formulaOf(block: SimulatedBlock, groups: number): ClosedFormGain {
  const { channels, inputChannels = channels, kernelSide = 1, side = 1 } = block;
  const kernelPositions = kernelSide ** 2;
  return closedFormGain({
    groups,
    channels,
    fanIn: inputChannels * kernelPositions,
    fanOut: channels * kernelPositions,
    kernelPositions,
    activation: block.activation,
    inputActivation: block.inputActivation,
    position: block.position ?? "before-activation",
    spatial: side ** 2,
    padding: block.padding === "circular" ? "none" : "zero",
    convention: "norm",
  });
}

/** Simulated gains, each within 5 % of a valid formula. Oracle: Monte Carlo; standard errors are 1 to 2.5 %, seeds fixed. */
function expectWithin5Percent(block: SimulatedBlock, groups: readonly number[], draws: number): number[] {
  return simulateGain(block, { groups, draws, seed: 12 }).map(({ groups: g, gain, standardError }) => {
    const formula = formulaOf(block, g);
    expect(formula).toMatchObject({ isValid: true, reason: "" });
    expect(standardError / gain).toBeLessThan(0.025);
    expect(Math.abs(gain / formula.gain! - 1)).toBeLessThan(0.05);
    return gain;
  });
}

const linear = (over: Partial<GainSetting>): GainSetting => ({
  groups: 1,
  channels: 256,
  fanIn: 256,
  fanOut: 256,
  activation: "relu",
  position: "before-activation",
  spatial: 1,
  convention: "norm",
  ...over,
});

describe("closedFormGain of a linear layer", () => {
  it("is 1.08 for 256 units in 16 groups, as simulated", () => {
    const gains = expectWithin5Percent(
      { kind: "plain", channels: 256, activation: "relu" },
      [1, 16, 32],
      150,
    );
    expect(Math.abs(gains[1]! / 1.08 - 1)).toBeLessThan(0.05);
  });

  it.each(distinct)("is as simulated with $id", (activation) => {
    expectWithin5Percent({ kind: "plain", channels: 64, activation }, [1, 8], 500);
  });

  it("takes c of its own activation, q of the input's", () => {
    const block = { kind: "plain", channels: 64, activation: "tanh", inputActivation: "relu" } as const;
    // tanh's c over ReLU's q: 0.93, far from 1.18 with tanh's q; 1.01 and 1.19 at this width
    const [gain] = expectWithin5Percent(block, [1], 500);
    expect(gain).toBeLessThan(1.05);
  });

  it("tends to (c/q)·(m−2)/(m−3) in wide layers", () => {
    for (const m of [4, 8, 32]) {
      const { gain } = closedFormGain(linear({ channels: 2 ** 20, fanIn: 1e9, groups: 2 ** 20 / m }));
      expect(gain).toBeCloseTo((m - 2) / (m - 3), 6);
    }
  });

  it("has no mean gain for three or fewer channels per group", () => {
    for (const m of [1, 2]) {
      const formula = closedFormGain(linear({ groups: 256 / m }));
      expect(formula).toMatchObject({ gain: null, isValid: false });
      expect(formula.reason).toMatch(/the mean of 1\/σ² does not exist\.$/);
    }
  });

  it("says where it is out of range", () => {
    const narrow = closedFormGain(linear({ fanIn: 8 }));
    expect(narrow.isValid).toBe(false);
    expect(narrow.reason).toMatch(/fan-in of 8 is smaller than 48/);
    expect(narrow.gain).toBeGreaterThan(1);
  });
});

describe("closedFormGain of a convolution", () => {
  const conv = { kind: "plain", channels: 64, kernelSide: 3, side: 8 } as const;

  it("is as simulated for 64 channels with ReLU, every tap inside", () => {
    const gains = expectWithin5Percent({ ...conv, activation: "relu", padding: "circular" }, [1, 32, 64], 40);
    // the figures of methods.md §1, of fewer draws
    [1.044, 1.195, 1.468].forEach((noted, i) => {
      expect(Math.abs(gains[i]! / noted - 1)).toBeLessThan(0.05);
    });
  });

  it.each(["relu", "gelu", "silu", "hard-swish", "tanh", "none"])(
    "is as simulated with %s, zero padding",
    (activation) => {
      const block = { ...conv, channels: 32, side: 6, activation };
      expectWithin5Percent(block, [1, 8, 16, 32], 60);
    },
  );

  it("is (c/q)/(1 − μ²/q) for one channel per group and many positions", () => {
    // σ² is then not random: 1/(1 − 1/π) for ReLU
    const setting = linear({ groups: 256, fanIn: 1e9, spatial: 1e8, padding: "none" });
    expect(closedFormGain(setting).gain).toBeCloseTo(1 / (1 - 1 / Math.PI), 5);
  });

  it("is that of a linear layer at one position", () => {
    for (const m of [4, 8, 64]) expect(meanInverseVariance(m, 1, 0.3)).toBeCloseTo(m / (m - 3), 8);
  });

  it.each([
    [2, 9, 0.318],
    [4, 4, 0.2],
    [1, 16, 0],
  ])("has E[1/σ²] of %i channels of %i positions as drawn", (m, positions, offsetShare) => {
    // Monte Carlo of the model in its docstring: an offset per channel and independent positions
    const random = randomStream(m, positions);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1))) * Math.cos(2 * Math.PI * random.uniform(0, 1));
    const draws = 20_000;
    let sum = 0;
    for (let d = 0; d < draws; d++) {
      const values = Array.from({ length: m }, () => {
        const offset = Math.sqrt(offsetShare) * normal();
        return Array.from({ length: positions }, () => offset + Math.sqrt(1 - offsetShare) * normal());
      }).flat();
      const mean = values.reduce((s, v) => s + v, 0) / values.length;
      sum += values.length / values.reduce((s, v) => s + (v - mean) ** 2, 0);
    }
    expect(sum / draws / meanInverseVariance(m, positions, offsetShare)).toBeCloseTo(1, 1.7);
  });

  it.each([
    [1, 0.8, 1.03],
    [16, 0.55, 1.309],
    [32, 0.43, 1.4],
    [64, 0.32, 1.467],
  ])(
    "with %i groups everywhere is that of the eighth layer, of an offset share of %f",
    (groups, offsetShare, gain) => {
      // Oracle: PyTorch 2.15, eight blocks of 64 channels, 3×3 circular on 16×16, ReLU; 30 draws, standard error about 0.015
      const fan = 64 * 9;
      const setting = linear({
        channels: 64,
        groups,
        fanIn: fan,
        fanOut: fan,
        spatial: 256,
        padding: "none",
      });
      expect(Math.abs(closedFormGain({ ...setting, offsetShare }).gain! / gain - 1)).toBeLessThan(0.05);
    },
  );

  it("refuses small groups of inputs with a large mean", () => {
    const sigmoid = closedFormGain(linear({ activation: "sigmoid", spatial: 64, groups: 256 }));
    expect(sigmoid.reason).toMatch(/mean input that large/);
  });
});

describe("closedFormGain of a normalization after the activation", () => {
  const position: Position = "after-activation";

  it.each([...distinct, leakyRelu(0.2)])("is as simulated with $title", (activation) => {
    expectWithin5Percent({ kind: "plain", channels: 64, activation, position }, [1, 2], 500);
  });

  it.each(["gelu", "tanh", "none", "sigmoid"])("is as simulated with %s in groups of 20", (activation) => {
    expectWithin5Percent({ kind: "plain", channels: 60, activation, position }, [3], 700);
  });

  it.each(["relu", "gelu", "silu"])("is as simulated with %s for a convolution", (activation) => {
    const block = { kind: "plain", channels: 32, kernelSide: 3, side: 8, activation, position } as const;
    expectWithin5Percent(block, [1, 8, 32], 60);
  });

  it("is isometric nowhere with ReLU: above c/v = 1.467 for every number of groups, by formula and simulation", () => {
    // the first-order guess c/v·(1 − 2/m), 1 at m = 2π, lacks E[1/σ²] and the steepness where φ is far out
    const block = { kind: "plain", channels: 84, activation: "relu", position } as const;
    for (const { groups, gain } of simulateGain(block, { groups: [1, 4, 12, 14], draws: 150 })) {
      expect(gain).toBeGreaterThan(1.4);
      expect(formulaOf(block, groups).gain).toBeGreaterThan(1.467);
    }
  });

  it("is not sure of small groups, which simulation leaves by up to 9 %", () => {
    const at = (groups: number) => closedFormGain(linear({ position, groups })).isValid;
    expect([at(16), at(8)]).toEqual([false, true]);
  });

  it("refuses grids that are mostly border", () => {
    const setting = linear({ position, spatial: 16, kernelPositions: 9, fanIn: 2304, fanOut: 2304 });
    expect(closedFormGain(setting).reason).toMatch(/zero-padded border/);
    expect(closedFormGain({ ...setting, padding: "none" }).isValid).toBe(true);
  });
});

describe("closedFormGain under the variance convention", () => {
  it("is the gain by norm times N_out/N_in: fan-out over fan-in over the stride squared", () => {
    const setting = linear({ fanIn: 64 * 9, fanOut: 256 * 9, kernelPositions: 9, spatial: 64, stride: 2 });
    const byNorm = closedFormGain(setting).gain!;
    const byVariance = closedFormGain({ ...setting, convention: "variance" }).gain!;
    expect(byVariance / byNorm).toBeCloseTo(1, 12); // 4 times the channels, a quarter of the positions
    const sized = closedFormGain({ ...setting, convention: "variance", sizeRatio: 0.5 });
    expect(sized.gain! / byNorm).toBeCloseTo(0.5, 12);
  });

  it.each([
    [{ groups: 3 }, "groups-do-not-divide"],
    [{ channels: 0 }, "bad-block"],
    [{ fanIn: 0.5 }, "bad-block"],
    [{ stride: 0 }, "bad-block"],
    [{ offsetShare: 1 }, "bad-block"],
    [{ spatial: 1.5 }, "bad-block"],
    [{ activation: "rleu" }, "unknown-activation"],
  ] as const)("refuses %o", (over, code) => {
    expect(() => closedFormGain(linear(over))).toThrow(expect.objectContaining({ code }));
  });
});
