// Oracle: verdicts by hand on either side of zero and of the margin of five points, with the whole interval.
import { describe, expect, it } from "vitest";
import { both, losesMore, mostCorruptions, type Standing, standing } from "./standing.ts";

describe("standing", () => {
  it.each([
    [-0.03, -0.01, "more-robust"],
    [-0.01, 0.02, "as-robust"],
    // surely more lost, and surely no more than the margin
    [0.01, 0.05, "as-robust"],
    // surely more lost, perhaps by less than the margin
    [0.01, 0.06, "less-robust"],
    [-0.01, 0.06, "open"],
    [null, null, "open"],
  ] as const)("from %s to %s is %s", (low, high, expected) => {
    expect(standing({ low, high })).toBe(expected);
  });
});

describe("as robust or more under most corruptions", () => {
  const [more, as, less, open] = ["more-robust", "as-robust", "less-robust", "open"] as const;
  it.each<[readonly Standing[], string]>([
    [[more, as, less], "holds"],
    [[as, less, less], "does not hold"],
    [[as, open, less], "undecided"],
    // half is not most
    [[as, more, open, open], "undecided"],
    [[less, less, open, open], "does not hold"],
    [[], "undecided"],
  ])("%j: %s", (standings, outcome) => {
    expect(mostCorruptions(standings)).toMatchObject({ outcome, corruptions: standings.length });
  });

  it("is told with counts", () => {
    expect(mostCorruptions([more, as, as, less, open])).toMatchObject({ robust: 3, more: 1, less: 1 });
  });
});

it("losing more is refuted by being as robust", () => {
  expect((["less-robust", "as-robust", "more-robust", "open"] as const).map(losesMore)).toEqual([
    "holds",
    "does not hold",
    "does not hold",
    "undecided",
  ]);
});

it("both parts must hold, and one refutes both", () => {
  expect(both("holds", "holds")).toBe("holds");
  expect(both("undecided", "does not hold")).toBe("does not hold");
  expect(both("holds", "undecided")).toBe("undecided");
});
