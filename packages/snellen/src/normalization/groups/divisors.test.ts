import { describe, expect, it } from "vitest";
import { candidateGroups, divisors } from "./divisors.ts";

describe("divisors", () => {
  it.each([1, 2, 7, 12, 36, 64, 97, 100, 240, 5040])("of %i are all that divide it", (count) => {
    // oracle: trial of every number
    const tried = Array.from({ length: count }, (_, i) => i + 1).filter((d) => count % d === 0);
    expect(divisors(count)).toEqual(tried);
  });

  it.each([0, -4, 2.5, Number.NaN])("refuses %f channels", (count) => {
    expect(() => divisors(count)).toThrow(/is not a number of channels/);
  });
});

describe("candidateGroups", () => {
  it.each([1, 13, 64, 96, 192, 256, 320, 384, 512, 2048])(
    "is every divisor of %i, at most 16",
    (channels) => {
      expect(divisors(channels).length).toBeLessThanOrEqual(16);
      expect(candidateGroups(channels)).toEqual(divisors(channels));
    },
  );

  it.each([240, 720, 960, 1152, 1280, 1536, 1920, 5040, 6720])("chooses 16 of the many of %i", (channels) => {
    const all = divisors(channels);
    const chosen = candidateGroups(channels);
    expect(all.length).toBeGreaterThan(16);
    expect(chosen).toHaveLength(16);
    expect(chosen.every((d) => all.includes(d))).toBe(true);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
    const upTo = (limit: number) => Math.max(...all.filter((d) => d <= limit));
    for (const usual of [1, channels, upTo(32), upTo(channels / 16)]) expect(chosen).toContain(usual);
    // spread: between neighbours at most a factor of 2.5, or what the divisors themselves leave
    chosen.slice(1).forEach((d, i) => {
      const widest = Math.max(...all.slice(1).map((e, k) => e / all[k]!));
      expect(d / chosen[i]!).toBeLessThanOrEqual(Math.max(2.5, widest));
    });
  });
});
