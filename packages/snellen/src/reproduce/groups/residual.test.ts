// Residual blocks. Oracle: skip and branch are independent, so that the squares of their gradients add up: gain of the sum =
// gain of the branch + 1, to the spread of few draws and one network.
import { describe, expect, it } from "vitest";
import { openModelData } from "../../vision-model/test-support/text-model.ts";
import { residualCurves } from "./residual.ts";

describe("residualCurves", () => {
  it("have sums of one more than the branch, simulated and on graphs, as the closed form says", async () => {
    const curves = await residualCurves({
      seed: 1,
      effort: { networks: 1, draws: 0.1, depth: 1, activations: 1 },
      open: (network) => openModelData(network, { preset: "none" }),
    });
    expect(curves.map(({ by, rows }) => [by, rows.map(({ groups }) => groups)])).toEqual([
      ["simulation", [1, 2, 4, 8, 16, 32]],
      ["graph", [1, 4, 8, 32]],
    ]);
    for (const { rows } of curves)
      for (const { sum, branch, branchFormula, isInRange } of rows) {
        expect(Math.abs(sum.value - branch.value - 1)).toBeLessThan(0.1);
        expect(isInRange).toBe(true);
        expect(Math.abs(branch.value / (branchFormula as number) - 1)).toBeLessThan(0.3);
      }
    const [, graphs] = curves;
    const [first, , , last] = graphs?.rows[0]?.byBlock ?? [];
    // x has grown by then
    expect(last?.value).toBeLessThan((first?.value as number) - 0.5);
  });
});
