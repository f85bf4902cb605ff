// Oracle: made-up figures on both sides of each decision.
import { describe, expect, it } from "vitest";
import { compareExams } from "./comparison.ts";
import type { Figure } from "./result.ts";
import { auditRow, examOf, figureOf } from "./test-support/compared.ts";

/** One figure of two models. */
function changed(before: Partial<Figure>, after: Partial<Figure>, images: object = {}) {
  const figures = [before, after].map((changes) => figureOf("error", changes.value ?? null, changes));
  const exams = figures.map((own, i) =>
    examOf(["before", "after"][i] as string, [auditRow("a", [own])], i === 1 ? images : {}),
  );
  const [row] = compareExams(exams).rows;
  return { verdict: row?.verdicts[1], isBetter: row?.isBetter[1], difference: row?.differences[1] };
}

const known = (value: number, half: number, changes: Partial<Figure> = {}) => ({
  value,
  interval: [value - half, value + half] as [number, number],
  ...changes,
});

describe("compareExams", () => {
  it("is certain where the two intervals lie apart, by the way that is better", () => {
    const [low, high] = [known(10, 2), known(20, 2)];
    const difference = { value: 10, interval: null, basis: "intervals" };
    expect(changed(low, high)).toEqual({ verdict: "worse", isBetter: false, difference });
    expect(changed(high, low)).toMatchObject({ verdict: "better", isBetter: true });
    const raised = (figure: object) => ({ ...figure, better: "higher" as const });
    expect(changed(raised(low), raised(high))).toMatchObject({ verdict: "better", isBetter: true });
    const neither = (figure: object) => ({ ...figure, better: null });
    expect(changed(neither(low), neither(high))).toMatchObject({ verdict: "different", isBetter: null });
  });

  it("says that there is no certain difference where they touch or overlap", () => {
    for (const after of [known(14, 2), known(13, 2), known(10, 2)])
      expect(changed(known(10, 2), after)).toMatchObject({
        verdict: "no-certain-difference",
        isBetter: null,
      });
  });

  it("gives numbers and direction alone where one has no interval, equal as far as is shown", () => {
    expect(changed(known(10, 2), { value: 50 })).toEqual({
      verdict: "higher",
      isBetter: false,
      difference: { value: 40, interval: null, basis: "numbers" },
    });
    expect(changed({ value: 3, interval: null }, { value: 2 })).toMatchObject({
      verdict: "lower",
      isBetter: true,
    });
    expect(changed({ value: 3, better: null }, { value: 2 })).toMatchObject({ isBetter: null });
    expect(changed({ value: 1e-6 }, { value: 2e-6 })).toMatchObject({ verdict: "equal", isBetter: null });
    const plain = { unit: "" };
    expect(changed({ value: 1e-6, ...plain }, { value: 2e-6, ...plain })).toMatchObject({
      verdict: "higher",
    });
  });

  it("tells nothing of a number that one of them lacks", () => {
    for (const [before, after] of [
      [{ value: null }, { value: 1 }],
      [{ value: 1 }, { value: null }],
    ])
      expect(changed(before ?? {}, after ?? {})).toEqual({
        verdict: "unknown",
        isBetter: null,
        difference: null,
      });
  });

  const paired = (model: string, from: string, interval: [number, number] | null) => ({
    paired: { model, differences: [{ from, value: 3, interval, images: 20 }] },
  });

  it("takes the pairs of the exam before the models' own intervals", () => {
    const before = known(10, 8, paired("first", "second", null));
    const after = (interval: [number, number] | null, from = "first") =>
      known(12, 8, paired("second", from, interval));
    expect(changed(before, after([1, 5]))).toEqual({
      verdict: "worse",
      isBetter: false,
      difference: { value: 3, interval: [1, 5], basis: "pairs", images: 20 },
    });
    expect(changed(before, after([-1, 5]))).toMatchObject({ verdict: "no-certain-difference" });
    // too few images, and a model of another exam
    for (const other of [after(null), after([1, 5], "third")])
      expect(changed(before, other)).toMatchObject({
        verdict: "no-certain-difference",
        difference: { value: 2, basis: "intervals" },
      });
  });

  it("pairs outcomes of the same images, never of others", () => {
    const before = { ...known(50, 20), outcomes: `${"1".repeat(10)}${"0".repeat(10)}-` };
    const after = { ...known(90, 25), outcomes: `${"1".repeat(18)}001`, better: "lower" as const };
    expect(changed(before, after)).toMatchObject({
      verdict: "worse",
      difference: { value: 40, basis: "pairs", images: 20 },
    });
    for (const images of [{ name: "others" }, { count: 21 }])
      expect(changed(before, after, images)).toMatchObject({
        verdict: "no-certain-difference",
        difference: { basis: "intervals" },
      });
  });

  it("has a row for every figure of any model and a line for every audit, whoever lacks it", () => {
    const old = examOf("old", [auditRow("a", undefined, "problem"), auditRow("b", [figureOf("x", 1)])]);
    const newer = examOf("newer", [auditRow("a", [figureOf("y", 2)]), auditRow("c", [], "attention")]);
    const comparison = compareExams([old, newer, old], ["1", "2", "3"]);
    expect(comparison.models).toEqual(["1", "2", "3"].map((name) => ({ name, images: 20 })));
    expect(comparison.audits).toEqual([
      { id: "a", verdicts: ["problem", "good", "problem"] },
      { id: "b", verdicts: ["good", null, "good"] },
      { id: "c", verdicts: [null, "attention", null] },
    ]);
    expect(comparison.rows.map(({ audit, figure, values }) => [audit, figure, values])).toEqual([
      ["a", "y", [null, 2, null]],
      ["b", "x", [1, null, 1]],
    ]);
    expect(comparison.rows[1]?.verdicts).toEqual([null, "unknown", "equal"]);
    expect(comparison.rows[1]?.name).toBe("the x");
  });

  it("calls models as their files where it is not told otherwise, and stands an empty list", () => {
    expect(compareExams([examOf("a.onnx", [])]).models).toEqual([{ name: "a.onnx", images: 20 }]);
    expect(compareExams([])).toEqual({ version: 1, models: [], audits: [], rows: [] });
  });
});
