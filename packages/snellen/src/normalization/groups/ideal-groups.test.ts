import { describe, expect, it } from "vitest";
import { divisors } from "./divisors.ts";
import { type IdealGroupsOptions, idealGroups } from "./ideal-groups.ts";

describe("idealGroups", () => {
  it.each([
    // n_in, n_out, m = 3 + 1/(n_in/n_out − 1): closed form of (m−2)/(m−3)·n_out/n_in = 1
    [512, 256, 4],
    [384, 256, 5],
    [320, 256, 7],
    [9 * 128, 8 * 128, 11],
  ])("of a linear layer from %i to %i is C/m with m near %i, by variance", (nIn, nOut, m) => {
    const { groups } = idealGroups({
      channels: nOut,
      inputChannels: nIn,
      activation: "relu",
      convention: "variance",
    });
    const distance = (d: number) => Math.abs(Math.log((((nOut / d - 2) / (nOut / d - 3)) * nOut) / nIn));
    const finite = divisors(nOut).filter((d) => nOut / d > 3);
    const nearest = finite.reduce((best, d) => (distance(d) < distance(best) ? d : best));
    expect(groups).toBe(nearest);
    if (nOut % m === 0) expect(groups).toBe(nOut / m);
  });

  it("meets m = 5, 7, 13 where they divide", () => {
    for (const [nIn, nOut, m] of [
      [600, 400, 5],
      [875, 700, 7],
      [1430, 1300, 13],
    ] as const) {
      const { groups, gain } = idealGroups({
        channels: nOut,
        inputChannels: nIn,
        activation: "relu",
        convention: "variance",
      });
      expect(nOut / groups!).toBe(m);
      expect(gain).toBeCloseTo(1, 1.5);
    }
  });

  it("is one group by variance where the layer does not narrow", () => {
    const options = {
      channels: 256,
      inputChannels: 256,
      activation: "relu",
      convention: "variance",
    } as const;
    expect(idealGroups(options).groups).toBe(1);
    expect(idealGroups({ ...options, inputChannels: 128 }).groups).toBe(1);
  });

  it("is one group by norm with ReLU, whose gain only grows with the number of groups", () => {
    const { groups, gains } = idealGroups({
      channels: 64,
      kernel: [3, 3],
      spatial: [14, 14],
      activation: "relu",
    });
    expect(groups).toBe(1);
    expect(gains.map((g) => g.groups)).toEqual(divisors(64));
    gains.slice(1).forEach(({ gain }, i) => {
      expect(gain!).toBeGreaterThan(gains[i]!.gain!);
    });
  });

  it("is the valid divisor of the gain nearest to 1 in log, and fewer groups on ties", () => {
    // property, over settings whose best is inside, at the end, and tied (no mean input: gains alike)
    const settings: readonly IdealGroupsOptions[] = [
      { channels: 48, activation: "gelu", inputChannels: 72, convention: "variance" },
      { channels: 60, kernel: [3, 3], spatial: [8, 8], activation: "sigmoid", inputActivation: "relu" },
      {
        channels: 96,
        kernel: [1, 1],
        spatial: [32, 32],
        activation: "hard-swish",
        position: "after-activation",
      },
    ];
    for (const setting of settings) {
      const { groups, gain, gains } = idealGroups(setting);
      const valid = gains.filter((g) => g.isValid);
      expect(valid.length).toBeGreaterThan(3);
      const least = Math.min(...valid.map((g) => Math.abs(Math.log(g.gain!))));
      expect(Math.abs(Math.log(gain!))).toBeCloseTo(least, 8);
      expect(groups).toBe(valid.find((g) => Math.abs(Math.log(g.gain!)) < least + 1e-9)!.groups);
    }
  });

  it("takes sizes from kernel and channels, or fans as given", () => {
    const options = {
      channels: 64,
      kernel: [3, 3],
      spatial: [8, 8],
      activation: "relu",
      convention: "variance",
    } as const;
    const given = idealGroups({ ...options, fanIn: 32 * 9, fanOut: 64 * 9 });
    expect(idealGroups({ ...options, inputChannels: 32 })).toEqual(given);
    expect(given.gains[0]!.gain).toBeGreaterThan(1.9);
  });

  it("says that a prime number has two divisors only", () => {
    const { gains, note } = idealGroups({ channels: 97, activation: "relu" });
    expect(gains.map((g) => g.groups)).toEqual([1, 97]);
    expect(note).toBe("97 is prime: 1 and 97 are the only numbers of groups.");
  });

  it("has no ideal where nothing is in range", () => {
    const { groups, gain, note } = idealGroups({ channels: 2, inputChannels: 64, activation: "relu" });
    expect([groups, gain]).toEqual([null, null]);
    expect(note).toMatch(/measure the gain/);
  });

  it("tells its formula and range", () => {
    const { formula, range } = idealGroups({ channels: 64, activation: "relu", convention: "variance" });
    expect(formula).toBe("((c/q)·(m−2)/(m−3))·N_out/N_in");
    expect(range).toMatch(/m ≥ 4/);
  });

  it.each([
    [{ channels: 0 }, "bad-channels"],
    [{ channels: 12.5 }, "bad-channels"],
    [{ inputChannels: -1 }, "bad-block"],
    [{ fanIn: 0.5 }, "bad-block"],
    [{ fanOut: 0 }, "bad-block"],
    [{ stride: -1 }, "bad-block"],
    [{ kernel: [3, 0] }, "bad-block"],
    [{ kernel: [3, 3] }, "bad-block"],
    [{ kernel: [3, 3], spatial: [7, 6.5] }, "bad-block"],
    [{ activation: "gleu" }, "unknown-activation"],
  ] as const)("refuses %o", (over, code) => {
    const run = () => idealGroups({ channels: 64, activation: "relu", ...over });
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
