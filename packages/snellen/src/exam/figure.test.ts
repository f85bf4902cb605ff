// Oracle: values chosen by hand.
import { expect, it } from "vitest";
import { estimateFigure, figure } from "./figure.ts";

const HEAD = { id: "error", name: "error", unit: "%", better: "lower" } as const;

it("has no value where there is no finite number, and then no interval", () => {
  for (const value of [null, undefined, Number.NaN, Number.NEGATIVE_INFINITY])
    expect(figure(HEAD, value, [0, 1])).toEqual({ ...HEAD, value: null });
  expect(estimateFigure(HEAD, { value: null, low: 0, high: 1 })).toEqual({ ...HEAD, value: null });
});

it("keeps an interval that has a width and ends", () => {
  expect(figure(HEAD, 2, [1, 4])).toEqual({ ...HEAD, value: 2, interval: [1, 4] });
  for (const interval of [undefined, null, [2, 2], [1, Number.POSITIVE_INFINITY]] as const)
    expect(figure(HEAD, 2, interval)).toEqual({ ...HEAD, value: 2 });
});

it("scales a share and its interval alike", () => {
  const share = { value: 0.5, low: 0.25, high: 0.75 };
  expect(estimateFigure(HEAD, share, 100)).toEqual({ ...HEAD, value: 50, interval: [25, 75] });
  expect(estimateFigure(HEAD, { ...share, low: null }, 100)).toEqual({ ...HEAD, value: 50 });
});
