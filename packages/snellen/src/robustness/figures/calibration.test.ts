// Oracles: bins by hand; the error by chance from calibrated outcomes that are drawn. The Python reference is in result.test.ts.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import type { ClassColumns } from "../observation-columns.ts";
import { createObservations } from "../observations.ts";
import { calibrationOf } from "./calibration.ts";

/** Outcomes given as confidence and whether the class is right. */
function outcomes(rows: readonly (readonly [confidence: number, isRight: boolean])[]): ClassColumns {
  const store = createObservations([{ name: "net", outcome: "class" }], ["clean"], rows.length + 2);
  store.record(
    "net",
    "clean",
    rows.map(([confidence, isRight], image) => ({ image, predicted: 0, confidence, rank: isRight ? 0 : 4 })),
  );
  // without a label, and none at all
  store.record("net", "clean", [{ image: rows.length, predicted: 1, confidence: 0.5, rank: -1 }]);
  return store.columns("net", "clean") as ClassColumns;
}

describe("calibrationOf", () => {
  it("weighs each bin's distance by its outcomes", () => {
    const { n, ece, bins } = calibrationOf([
      outcomes([
        [0.95, true],
        [0.97, false],
        [0.99, true],
        [0.5, true],
      ]),
    ]);
    // |2.91 − 2| in the last bin, |0.5 − 1| in the eighth
    expect(n).toBe(4);
    expect(ece).toBeCloseTo((0.91 + 0.5) / 4, 6);
    expect(bins.map((b) => b.n)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3]);
    expect(bins[14]?.accuracy).toBeCloseTo(2 / 3, 12);
    expect(bins[0]).toEqual({ n: 0, confidence: null, accuracy: null });
  });

  it("takes the confidences 0 and 1 into the first and the last bin", () => {
    const { bins } = calibrationOf([
      outcomes([
        [0, false],
        [1, true],
      ]),
    ]);
    expect([bins[0]?.n, bins[14]?.n]).toEqual([1, 1]);
  });

  it("knows nothing without labels", () => {
    expect(calibrationOf([outcomes([])])).toMatchObject({ n: 0, ece: null, eceByChance: null });
  });

  it("tells what chance makes of calibrated outcomes: the mean error over 200 drawn sets, to 5 %", () => {
    const random = randomStream(3);
    const drawn = Array.from({ length: 200 }, () =>
      calibrationOf([
        outcomes(
          Array.from({ length: 300 }, () => {
            const confidence = Math.sqrt(random.uniform(0, 1));
            return [confidence, random.uniform(0, 1) < confidence] as const;
          }),
        ),
      ]),
    );
    const mean = (of: (c: (typeof drawn)[number]) => number | null) =>
      drawn.reduce((sum, c) => sum + (of(c) ?? Number.NaN), 0) / drawn.length;
    const [seen, expected] = [mean((c) => c.ece), mean((c) => c.eceByChance)];
    expect(Math.abs(seen / expected - 1)).toBeLessThan(0.05);
  });
});
