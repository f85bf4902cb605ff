// Oracle: numbers put in for x, its statistics and the constants.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  constant,
  meanOf,
  normalizedIn,
  number,
  oneOverDeviation,
  plus,
  rootOf,
  type Sum,
  scaled,
  theValue,
  times,
} from "./expressions.ts";

const data = [0.3, -1.2, 2.5, 0.9];
const mean = data.reduce((a, b) => a + b) / 4;
const square = data.reduce((a, b) => a + b * b, 0) / 4;
const known: Readonly<Record<string, number>> = { g: 1.7, b: -0.4 };

/** The number that a sum is at one x. */
const valueAt = (sum: Sum, x: number): number =>
  sum.reduce(
    (total, t) =>
      total +
      t.factor *
        x ** t.x *
        mean ** t.mean *
        square ** t.square *
        0.8 ** t.inverse *
        t.constants.reduce((a, c) => a * (known[c] as number), 1),
    0,
  );

const sums: fc.Arbitrary<Sum> = fc.letrec<{ sum: Sum }>((tie) => ({
  sum: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(theValue, oneOverDeviation, constant("g"), constant("b"), number(2), number(-0.5)),
    fc.tuple(tie("sum"), tie("sum")).map(([a, b]) => plus(a, b) ?? a),
    fc.tuple(tie("sum"), tie("sum")).map(([a, b]) => times(a, b) ?? a),
  ),
})).sum;

it("adds and multiplies as numbers do", () => {
  fc.assert(
    fc.property(sums, sums, fc.constantFrom(...data), (a, b, x) => {
      const [sum, product] = [plus(a, b), times(a, b)];
      const near = (got: number, wanted: number) =>
        expect(Math.abs(got - wanted)).toBeLessThan(1e-9 * (1 + Math.abs(wanted)));
      if (sum !== undefined) near(valueAt(sum, x), valueAt(a, x) + valueAt(b, x));
      if (product !== undefined) near(valueAt(product, x), valueAt(a, x) * valueAt(b, x));
    }),
    { seed: 5, numRuns: 300 },
  );
});

it("takes means of everything up to second order", () => {
  const centred = plus(theValue, [{ ...theValue[0]!, x: 0, mean: -0 + 1, factor: -1 }])!;
  for (const sum of [
    theValue,
    times(theValue, theValue)!,
    times(centred, centred)!,
    times(centred, theValue)!,
  ])
    expect(valueAt(meanOf(sum)!, Number.NaN)).toBeCloseTo(
      data.reduce((a, x) => a + valueAt(sum, x), 0) / 4,
      12,
    );
  expect(meanOf(times(times(theValue, theValue)!, theValue)!)).toBeUndefined();
  expect(meanOf(oneOverDeviation)).toBeUndefined();
  expect(meanOf(times(theValue, constant("g"))!)).toBeUndefined();
});

const meanSum = meanOf(theValue)!;
const squareSum = meanOf(times(theValue, theValue)!)!;
const variance = plus(squareSum, scaled(times(meanSum, meanSum)!, -1))!;
const deviation = rootOf(plus(variance, number(1e-5))!)!;

it("takes the root of a variance or a mean square plus a number, and of nothing else", () => {
  expect(deviation).toEqual({ centred: true, factor: 1, inner: 1e-5, outer: 0 });
  expect(rootOf(plus(scaled(squareSum, 2), number(0.1))!)).toEqual({
    centred: false,
    factor: 2,
    inner: 0.1,
    outer: 0,
  });
  for (const sum of [meanSum, times(meanSum, meanSum)!, theValue, plus(squareSum, times(meanSum, meanSum)!)!])
    expect(rootOf(sum)).toBeUndefined();
  expect(rootOf(plus(squareSum, constant("b"))!)).toBeUndefined();
});

it("tells a normalized value, its scale and its bias, in any order of the arithmetic", () => {
  const g = constant("g");
  const b = constant("b");
  const inverse = times(oneOverDeviation, g)!;
  const centred = plus(theValue, scaled(meanSum, -1))!;
  const byHand = plus(times(times(centred, oneOverDeviation)!, g)!, b)!;
  const asKeras = plus(times(theValue, inverse)!, plus(b, scaled(times(meanSum, inverse)!, -1))!)!;
  for (const sum of [byHand, asKeras])
    expect(normalizedIn(sum, deviation)).toEqual({ centred: true, factor: 1, scale: "g", bias: "b" });
  expect(normalizedIn(times(centred, oneOverDeviation)!, deviation)).toMatchObject({
    scale: undefined,
    bias: undefined,
  });
});

it("takes nothing else for one", () => {
  const root = { ...deviation, centred: false };
  const x = times(theValue, oneOverDeviation)!;
  const centred = plus(x, scaled(times(meanSum, oneOverDeviation)!, -1))!;
  const no = (sum: Sum, of = deviation) => expect(normalizedIn(sum, of)).toBeUndefined();
  no(x);
  no(centred, root);
  no(plus(x, scaled(times(meanSum, oneOverDeviation)!, -0.5))!);
  no(plus(times(x, constant("g"))!, scaled(times(meanSum, oneOverDeviation)!, -1))!);
  no(plus(centred, theValue)!);
  no(times(times(centred, constant("g"))!, constant("b"))!);
  no(plus(centred, times(constant("g"), constant("b"))!)!);
  no(times(centred, oneOverDeviation)!);
});
