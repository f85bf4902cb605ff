// Oracles: marks on paper. Labels never touch, tell their values, and tell neighbours apart.
import { scaleLinear, scaleLog } from "d3-scale";
import { describe, expect, it } from "vitest";
import { plotTicks } from "./plot-ticks.ts";

const LINEAR = { isLog: false, isWhole: false };
const linear = (low: number, high: number) => scaleLinear([low, high], [0, 400]);
const log = (low: number, high: number) => scaleLog([low, high], [0, 400]);
const labels = (ticks: readonly { label: string }[]): string[] => ticks.map(({ label }) => label);

describe("plotTicks", () => {
  it.each([
    [linear(0, 1), LINEAR, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
    [linear(-10, 10), LINEAR, ["−10", "−5", "0", "5", "10"]],
    [linear(0, 4e-4), LINEAR, ["0", "10⁻⁴", "2·10⁻⁴", "3·10⁻⁴", "4·10⁻⁴"]],
    [linear(1, 4), { isLog: false, isWhole: true }, ["1", "2", "3", "4"]],
    [log(1, 10), { isLog: true, isWhole: false }, ["1", "2", "5", "10"]],
    [log(1e-6, 1e6), { isLog: true, isWhole: false }, ["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10000", "10⁶"]],
  ])("marks %#", (scale, kind, expected) => {
    expect(labels(plotTicks(scale, kind, () => 60))).toEqual(expected);
  });

  it("leaves out marks until labels have room", () => {
    for (const room of [10, 40, 80, 150, 300])
      for (const [scale, kind] of [
        [linear(0, 12345), LINEAR],
        [linear(3.1, 3.2), LINEAR],
        [log(1e-12, 1e9), { isLog: true, isWhole: false }],
      ] as const) {
        const ticks = plotTicks(scale, kind, () => room);
        expect(ticks.length).toBeGreaterThan(0);
        const gaps = ticks.slice(1).map(({ at }, i) => at - (ticks[i]?.at ?? 0));
        expect(Math.min(room, ...gaps)).toBe(room);
        expect(new Set(labels(ticks)).size).toBe(ticks.length);
      }
  });

  it("has one mark where a whole value stands alone", () => {
    const ticks = plotTicks(linear(0.5, 1.5), { isLog: false, isWhole: true }, () => 40);
    expect(labels(ticks)).toEqual(["1"]);
  });
});
