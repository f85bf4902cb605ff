// Oracles: SciPy's direct solver on pytorch-grad-cam's matrix (tools/reference/measure_values.py); linear functions solve the
// system wherever all eight neighbours exist, as their weights are symmetric; constants and mirror images always do.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recorded } from "../test-support/evidence.ts";
import { imputed } from "./imputer.ts";

const worst = (ours: ArrayLike<number>, theirs: ArrayLike<number>): number =>
  Math.max(...Array.from(theirs, (v, i) => Math.abs(v - (ours[i] as number))));

/** Pixels of a square picture by their place. */
const square = (side: number, value: (x: number, y: number) => number): Float32Array =>
  Float32Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side)));

const mirrored = <T extends Float32Array | Uint8Array>(values: T, side: number): T =>
  values.map((_, i) => values[i - (i % side) + side - 1 - (i % side)] as number) as T;

describe("imputed", () => {
  const { side, picture, cases } = recorded.imputations;
  it.each(Object.keys(cases))("agrees with a direct solver: %s", (name) => {
    const { known, filled } = cases[name] as { known: string; filled: number[] };
    const missing = Uint8Array.from(known, (c) => (c === "0" ? 1 : 0));
    const ours = imputed(Float32Array.from(picture), missing, [side, side]);
    // Values up to 3, recorded with six digits, solved to 1e-7.
    expect(worst(ours, filled)).toBeLessThan(1e-5);
  });

  it("continues a linear ramp through a hole, in every channel", () => {
    const n = 61;
    const ramps = [square(n, (x, y) => 0.5 * x - y + 3), square(n, (x, y) => 2 * x + 0.1 * y)];
    const values = Float32Array.from(ramps.flatMap((ramp) => [...ramp]));
    const missing = Uint8Array.from(square(n, (x, y) => (Math.hypot(x - 30, y - 28) < 25 ? 1 : 0)));
    const broken = values.map((v, i) => (missing[i % (n * n)] === 1 ? 1e6 : v));
    expect(worst(imputed(broken, missing, [n, n]), values)).toBeLessThan(1e-3);
  });

  it("keeps what is known, fills constants exactly, commutes with mirroring", () => {
    const sizes = fc.integer({ min: 2, max: 12 });
    fc.assert(
      fc.property(
        sizes,
        fc.infiniteStream(fc.boolean()),
        fc.float({ min: -3, max: 3 }),
        (n, coins, level) => {
          const missing = Uint8Array.from({ length: n * n }, () => Number(coins.next().value));
          missing[n] = 0;
          const values = square(n, (x, y) => Math.sin(3 * x + 5 * y));
          const filled = imputed(values, missing, [n, n]);
          const constant = imputed(
            values.map((v, i) => (missing[i] === 1 ? v : Math.fround(level))),
            missing,
            [n, n],
          );
          expect(
            worst(
              constant,
              square(n, () => Math.fround(level)),
            ),
          ).toBeLessThan(1e-6);
          expect(filled.filter((_, i) => missing[i] === 0)).toEqual(
            values.filter((_, i) => missing[i] === 0),
          );
          const other = imputed(mirrored(values, n), mirrored(missing, n), [n, n]);
          expect(worst(mirrored(other, n), filled)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 50, seed: 1 },
    );
  });
});
