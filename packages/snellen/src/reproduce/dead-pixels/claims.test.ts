// Oracle: verdicts by hand from made-up numbers on either side of each bound.
import { describe, expect, it } from "vitest";
import type { Estimate } from "../jackknife.ts";
import { claimsOf } from "./claims.ts";
import type { DeadPixelExperiment, NetworkResult } from "./experiment.ts";

const around = (value: number, half: number): Estimate => ({ value, interval: [value - half, value + half] });

const network = (more: object, name = "net"): NetworkResult =>
  ({
    name,
    dataset: "photos",
    images: 100,
    labelled: 100,
    accuracy: 0.5,
    parameters: 1,
    size: null,
    checkerboard: null,
    padding: null,
    perturbation: null,
    isQuantized: false,
    refused: [],
    skipped: [],
    ...more,
  }) as NetworkResult;

const FITTED = { r2: around(0.9, 0.05), ceiling: 0.99, converged: true, reason: null };

const NOTHING: DeadPixelExperiment = {
  version: 1,
  seed: 0,
  networks: [],
  trainings: [],
  family: [],
  regime: null,
};
const claim = (id: string, networks: readonly NetworkResult[]) =>
  claimsOf({ ...NOTHING, networks }).find((c) => c.id === id);
const verdict = (id: string, more: object) => claim(id, [network(more)])?.findings[0]?.verdict;

describe("claimsOf", () => {
  it.each([
    [around(0.9, 0.05), 0.99, true, "holds"],
    [around(0.9, 0.05), 0.99, false, "undecided"],
    [around(0.8, 0.05), 0.99, true, "undecided"],
    [around(0.5, 0.05), 0.99, true, "does not hold"],
    // all but noise is explained
    [around(0.5, 0.05), 0.6, true, "undecided"],
    [around(0.5, 0.05), null, true, "undecided"],
    [{ value: 0.5, interval: null }, 0.99, true, "undecided"],
    [null, null, false, "undecided"],
  ])("a Gaussian's R² of %j of at most %j, converged %j: %s", (r2, ceiling, converged, expected) => {
    expect(verdict("gaussian", { size: { r2, ceiling, converged, reason: "wide" } })).toBe(expected);
  });

  it("does not decide on size and accuracy with three networks, and says why", () => {
    const sized = [1, 2, 3].map((k) =>
      network(
        { accuracy: k / 10, size: { ...FITTED, sigma: around(k, 0.1), theoretical: [null, 9] } },
        `n${k}`,
      ),
    );
    const [sigma, theoretical] = claim("size-accuracy", sized)?.findings ?? [];
    expect(sigma).toMatchObject({ subject: "photos, sigma", verdict: "undecided" });
    expect(sigma?.measured).toContain("3 networks cannot give a p below 0.333");
    expect(theoretical).toMatchObject({ subject: "photos, theoretical size", verdict: "undecided" });
  });

  it("compares sizes within a data set only, and says where size tells accuracy", () => {
    const sized = Array.from({ length: 12 }, (_, k) =>
      network(
        {
          dataset: k < 6 ? "photos" : "letters",
          accuracy: k < 6 ? k / 10 : ((k * 5) % 7) / 10,
          size: { ...FITTED, sigma: around(k, 0.1), theoretical: null },
        },
        `n${k}`,
      ),
    );
    const found = claim("size-accuracy", sized)?.findings.filter(({ subject }) => /sigma/.test(subject));
    expect(found?.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ["photos, sigma", "does not hold"],
      ["letters, sigma", "undecided"],
    ]);
  });

  it.each([
    [1, 11, true, "holds"],
    [1, 0, true, "does not hold"],
    [1, 4, true, "undecided"],
    [1, 11, false, "undecided"],
    [0, 0, true, "holds"],
    [0, 11, true, "does not hold"],
  ])(
    "%i uneven layers and a peak in %i of 11 looks (spectrum %j): %s",
    (uneven, withPeak, canShow, expected) => {
      const offenders = Array.from({ length: uneven }, () => ({ kind: "odd-kernel" }));
      const checkerboard = { offenders, looks: { withPeak, all: 11 }, canShow, peak: null };
      expect(verdict("checkerboard", { checkerboard })).toBe(expected);
    },
  );

  it.each([
    [1e-6, 0.5, 0.5, "holds"],
    [2e-5, 0.5, 0.5, "does not hold"],
    [1e-6, 0.5, 0.501, "does not hold"],
    [null, null, null, "undecided"],
  ])(
    "padding that changes scores by %j and L1 from %j to %j: %s",
    (outputDifference, before, after, expected) => {
      const padding = { changes: [{}], outputDifference, L1Before: before, L1After: after };
      expect(verdict("padding", { padding })).toBe(expected);
      expect(verdict("padding", { padding: { ...padding, changes: [] } })).toBeUndefined();
    },
  );

  it.each([
    [around(0.85, 0.05), "holds"],
    [around(0.75, 0.05), "undecided"],
    [around(0.6, 0.05), "does not hold"],
  ])("an R² of perturbed pixels of %j: %s", (r2, expected) => {
    const perturbation = { r2, slope: 1, pixels: [], images: 8 };
    expect(verdict("perturbation", { perturbation })).toBe(expected);
    expect(verdict("perturbation", { perturbation, isQuantized: true })).toBe("undecided");
  });

  it("lists what needs training as not measured, and judges it once there are trainings", () => {
    const ids = ["micro-object", "classification", "trained-l1"];
    for (const id of ids)
      expect(claim(id, [])?.findings[0]?.verdict).toBe("not measured yet: needs training");
    const trainings = Array.from({ length: 16 }, (_, i) => ({
      network: "net",
      task: "micro-object" as const,
      padded: i % 2 === 0,
      seed: i >> 1,
      epochs: 50,
      learnedAt: i % 2 === 0 ? 15 : 30,
      accuracy: 1,
      L1Normalized: null,
      L1Before: null,
      curve: [],
      diverged: false,
    }));
    const judged = claimsOf({ ...NOTHING, trainings });
    const found = judged.find(({ id }) => id === "micro-object")?.findings[0];
    expect(found?.verdict).toBe("holds");
    expect(found?.measured).toContain("-15 [-15, -15] by padding");
  });

  it("judges each network that was trained by itself", () => {
    const trainings = ["sooner", "later"].flatMap((network) =>
      Array.from({ length: 16 }, (_, i) => ({
        network,
        task: "classification" as const,
        padded: i % 2 === 0,
        seed: i >> 1,
        epochs: 4,
        learnedAt: null,
        accuracy: 0.8,
        L1Normalized: 0.5 + (i % 2 === 0 ? 0.1 : 0) * (network === "sooner" ? -1 : 1),
        L1Before: 0.6,
        curve: [0.7],
        diverged: false,
      })),
    );
    const of = (id: string) =>
      claimsOf({ ...NOTHING, trainings })
        .find((own) => own.id === id)
        ?.findings.map(({ subject, verdict }) => [subject, verdict]);
    expect(of("trained-l1")).toEqual([
      ["sooner", "holds"],
      ["later", "does not hold"],
    ]);
    expect(of("classification")).toEqual([
      ["sooner", "undecided"],
      ["later", "undecided"],
    ]);
    expect(of("micro-object")).toEqual([["trainings", "not measured yet: needs training"]]);
  });

  it("compares sizes over networks trained alike, by the means of their seeds", () => {
    const family = Array.from({ length: 12 }, (_, i) => ({
      network: `n${i >> 1}`,
      seed: i % 2,
      parameters: 1,
      // the seeds' own order is another than that of the means
      accuracy: (i >> 1) / 10 + (i % 2 === 0 ? 0.3 : 0),
      diverged: false,
      sigma: i >> 1,
      r2: 0.9,
      theoretical: [3, 1, 2, 6, 5, 4][i >> 1] ?? null,
    }));
    const found = claimsOf({ ...NOTHING, family })
      .find(({ id }) => id === "size-accuracy")
      ?.findings.map(({ subject, verdict, measured }) => [subject, verdict, measured.includes("6 networks")]);
    expect(found).toEqual([
      ["networks trained alike, sigma", "does not hold", true],
      ["networks trained alike, theoretical size", "undecided", true],
    ]);
  });
});
