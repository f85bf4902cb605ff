// Oracles: the order and the counts written by hand.
import { describe, expect, it } from "vitest";
import { auditRow } from "../exam/test-support/compared.ts";
import { byVerdict, plainWords, VERDICTS, verdictCounts } from "./verdicts.ts";

const row = (id: string, verdict: keyof typeof VERDICTS) => auditRow(id, undefined, verdict);
const rows = [
  row("a", "good"),
  row("b", "notApplicable"),
  row("c", "problem"),
  row("d", "informative"),
  row("e", "good"),
  row("f", "error"),
  row("g", "attention"),
  row("h", "problem"),
];

describe("byVerdict", () => {
  it("begins with problems, ends with what does not apply, and keeps the order within", () => {
    expect(byVerdict(rows).map(({ id }) => id)).toEqual([..."chgfaedb"]);
  });
});

describe("verdictCounts", () => {
  it("counts each verdict that was given", () => {
    expect(verdictCounts(rows)).toBe(
      "2 problems, 1 to look at, 1 that went wrong, 2 fine, 1 for reading, 1 that does not apply here",
    );
    expect(verdictCounts([row("a", "problem"), row("b", "notApplicable"), row("c", "notApplicable")])).toBe(
      "1 problem, 2 that do not apply here",
    );
  });
});

it("has a sign of its own for what is well and what is not", () => {
  const signs = Object.fromEntries(Object.entries(VERDICTS).map(([verdict, text]) => [verdict, text[0]]));
  expect(new Set([signs.good, signs.attention, signs.problem, signs.informative]).size).toBe(4);
});

it("takes the title where a result has no words", () => {
  expect(plainWords(row("a", "good"))).toBe("All is well");
  expect(plainWords({ ...row("a", "good"), inWords: "Fine." })).toBe("Fine.");
});
