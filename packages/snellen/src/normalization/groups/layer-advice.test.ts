// Advice for modules that a network calls several times. Oracle: geometric means and their logarithms by hand.
import { expect, it } from "vitest";
import { type LayerAdvice, withSharedModules } from "./layer-advice.ts";

const layer = (
  module: string | null,
  measured: readonly (number | null)[],
  advised: number,
  closedForm: readonly (number | null)[] = [null, null, null],
): LayerAdvice => {
  const groups = [1, 2, 4];
  const gains = groups.map((count, i) => ({
    ...{ groups: count, closedForm: closedForm[i] as number | null, measured: measured[i] as number | null },
    ...{ low: null, high: null },
  }));
  const gainThen = measured[groups.indexOf(advised)] as number | null;
  // what the function does not look at is left out
  return { module, gains, advised, gainThen, notes: ["own"] } as unknown as LayerAdvice;
};

it("advises for the mean of the gains, by logarithm", () => {
  // √(2 · 0.125) = 0.5, √(1 · 0.81) = 0.9, √(0.5 · 1.28) = 0.8
  const layers = [layer("a", [2, 1, 0.5], 2), layer("b", [1, 2, 3], 1), layer("a", [0.125, 0.81, 1.28], 4)];
  const [first, other, second] = withSharedModules(layers);
  expect(other).toBe(layers[1]);
  const notes = ["own", "is called 2 times: G = 2 is advised for the mean of its gains."];
  expect(first).toMatchObject({ advised: 2, gainThen: 1, notes });
  expect(second).toMatchObject({ advised: 2, gainThen: 0.81, notes });
});

it("takes the formula where nothing was measured, and no number that is not known everywhere", () => {
  const none = [null, null, null];
  const [first] = withSharedModules([
    layer("a", none, 1, [1.2, 1.1, 1]),
    layer("a", none, 1, [0.5, 0.9, null]),
  ]);
  expect(first).toMatchObject({ advised: 2, gainThen: null });
});

it("leaves layers whose module no name tells", () => {
  const layers = [layer(null, [2, 1, 0.5], 2), layer(null, [0.125, 0.81, 1.28], 4)];
  expect(withSharedModules(layers)).toEqual(layers);
});
