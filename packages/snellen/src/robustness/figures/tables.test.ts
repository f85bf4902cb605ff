// Oracle: the result that the tables are made from, and their size by hand.
import { describe, expect, it } from "vitest";
import type { Estimate } from "./estimates.ts";
import { robustnessResult } from "./result.ts";
import { corruptionCsv, type DataTable, robustnessCsv, summaryCsv } from "./tables.ts";
import { madeUpObservations } from "./test-support/made-up.ts";

const models = ["a", "b"].map((name) => ({ name, outcome: "class", classes: 10 }) as const);
const store = madeUpObservations({ models, corruptions: ["snow", "fog"], images: 20 });
const result = robustnessResult(store, { images: { name: "", skipped: [] }, seed: 0 });

const byName = ({ columns, rows }: DataTable) =>
  rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));

const named = (name: string, { value, low, high }: Estimate) => ({
  [name]: value,
  [`${name}_low`]: low,
  [`${name}_high`]: high,
});

describe("the tables", () => {
  it.each([
    ["robustnessCsv", robustnessCsv(result), 2 * 11],
    ["corruptionCsv", corruptionCsv(result), 2 * 2 * 6],
    ["summaryCsv", summaryCsv(result), 2 * 10 + 7],
  ] as const)("%s has a cell for every column, once each", (_, { columns, rows }, count) => {
    expect(new Set(columns).size).toBe(columns.length);
    expect(rows).toHaveLength(count);
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it("hold the result's numbers under their names", () => {
    const c = result.models[1]!.conditions[3]!;
    expect(byName(robustnessCsv(result))).toContainEqual({
      model: "b",
      corruption: "snow",
      severity: 3,
      n: 20,
      labelled: 20,
      ...named("accuracy", c.accuracy),
      error: c.error.value,
      ...named("top5", c.top5),
      ...named("agreement", c.agreement),
      confidence: c.confidence,
      ece: c.ece,
      ece_by_chance: c.eceByChance,
    });
    expect(byName(robustnessCsv(result))[0]).toMatchObject({
      corruption: "clean",
      severity: 0,
      agreement: null,
    });
    const { ce } = result.models[0]!.corruptions[1]!;
    expect(byName(corruptionCsv(result))).toContainEqual({
      model: "a",
      corruption: "fog",
      figure: "ce",
      ...ce,
    });
    const { mce } = result.comparisons[0]!;
    expect(byName(summaryCsv(result))).toContainEqual({
      model: "a",
      minus: "b",
      figure: "mean CE over 2 corruptions",
      value: mce.value,
      low: mce.low,
      high: mce.high,
      n: 20,
    });
  });
});
