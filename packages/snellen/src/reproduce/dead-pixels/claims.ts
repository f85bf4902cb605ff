// What the paper claims of effective fields and dead pixels, each with the test that decides it here and what the test found.
// Claims: Kim et al., arXiv:2108.13576. Thresholds and tests: derived here.

import { type Relation, relation } from "../../cam/measures/relation.ts";
import { shortNumber } from "../../report/number.ts";
import { type Claim, estimated, type Finding } from "../claim.ts";
import { differenceFinding, SIGNIFICANT, UNMEASURED } from "../claims-section.ts";
import type { Estimate } from "../jackknife.ts";
import type { DeadPixelExperiment, NetworkResult } from "./experiment.ts";
import { familyRelations } from "./family.ts";
import { type TrainingRun, trainingClaims, trainingDifference } from "./trainings.ts";

/** R² from which a field counts as Gaussian; the paper states no bound. */
const GAUSSIAN = 0.8;
/** R² of change and R that the paper reports before padding. */
const PUBLISHED_R2 = 0.75;
/** Rank correlations within this say that size tells next to nothing. */
const WEAK = 0.5;
/** Relative changes of scores that count as rounding: kernels of other sizes sum in another order. */
const ROUNDING = 1e-5;
/** Of L1: rounding also moves pixels across the corner of a ReLU. */
const SAME_L1 = 1e-3;

/** The claims in the paper's order, trainings last. */
export function claimsOf({ networks, trainings, family, seed }: DeadPixelExperiment): Claim[] {
  return [
    { ...TESTS.gaussian, findings: networks.flatMap(gaussian) },
    {
      ...TESTS.size,
      findings: [...relationsOf(networks, seed), ...familyRelations(family, seed)].map(sizeTells),
    },
    { ...TESTS.checkerboard, findings: networks.flatMap(checkerboard) },
    { ...TESTS.padding, findings: networks.flatMap(padding) },
    { ...TESTS.perturbation, findings: networks.flatMap(perturbation) },
    ...trainingClaims.map((claim) => ({
      id: claim.id,
      title: claim.title,
      test: `sign-flip test on pairs of trainings, ${claim.unit}: lower with padding, p < ${SIGNIFICANT}`,
      findings: trained(claim, trainings, seed),
    })),
  ];
}

const TESTS = {
  gaussian: {
    id: "gaussian",
    title: "the effective field of a feature map is a Gaussian",
    test: `R² of the Gaussian is ${GAUSSIAN} or more (a bound of this project) with its whole interval; it does not hold where the interval lies below, also as a share of what R's remaining noise leaves to explain`,
  },
  size: {
    id: "size-accuracy",
    title: "the size of the field does not tell accuracy",
    test: `rank correlation of size and accuracy over the networks of one data set: the claim does not hold where p < ${SIGNIFICANT} (permutations), and holds where the whole interval lies within ±${WEAK}`,
  },
  checkerboard: {
    id: "checkerboard",
    title:
      "networks with unevenly read pixels (odd kernels with even strides) show a checkerboard, others do not",
    test: "a peak of R's spectrum at a stride's frequency, five times its surroundings, whichever tenth of the images is left out, exactly where such layers are",
  },
  padding: {
    id: "padding",
    title: "padding kernels leaves the function, and before training L1, as they are",
    test: `largest difference of a score at most ${ROUNDING} of the largest score, and L1 within ${SAME_L1} of what it was`,
  },
  perturbation: {
    id: "perturbation",
    title: `perturbed pixels change the score as R says (Theorem 1), with the published R² of ${PUBLISHED_R2} or more`,
    test: `R² of the change and R over pixels is ${PUBLISHED_R2} or more with its whole interval; it does not hold where the interval lies below`,
  },
} as const;

/** Where an estimate lies with its whole interval; undefined for on both sides, or no interval. */
function sideOf({ interval }: Estimate, bound: number): "above" | "below" | undefined {
  if (interval === null) return undefined;
  return interval[0] >= bound ? "above" : interval[1] < bound ? "below" : undefined;
}

function gaussian({ name, size }: NetworkResult): Finding[] {
  if (size === null) return [];
  const { r2, ceiling, converged, reason } = size;
  const measured = `R² ${estimated(r2)}${ceiling === null ? "" : ` of at most ${shortNumber(ceiling)}`}${converged ? "" : `; ${reason}`}`;
  if (r2 === null) return [{ subject: name, verdict: "undecided", measured }];
  const side = sideOf(r2, GAUSSIAN);
  // noise alone must not make a field look unlike a Gaussian
  const isUnlike = side === "below" && ceiling !== null && (r2.interval?.[1] ?? 1) < GAUSSIAN * ceiling;
  const verdict = side === "above" && converged ? "holds" : isUnlike ? "does not hold" : "undecided";
  return [{ subject: name, verdict, measured }];
}

export interface SizeRelation extends Relation {
  readonly dataset: string;
  readonly of: "sigma" | "theoretical size";
}

/** Within each data set, as accuracies on different ones do not compare. */
function relationsOf(networks: readonly NetworkResult[], seed: number): SizeRelation[] {
  const sizes = {
    sigma: ({ size }: NetworkResult) => size?.sigma?.value,
    "theoretical size": ({ size }: NetworkResult) => {
      const [rows, columns] = size?.theoretical ?? [null, null];
      return rows === null || columns === null ? undefined : Math.sqrt(rows * columns);
    },
  } as const;
  const datasets = [...new Set(networks.map(({ dataset }) => dataset))];
  return datasets.flatMap((dataset) =>
    (Object.keys(sizes) as (keyof typeof sizes)[]).map((of) => {
      const own = networks.filter((n) => n.dataset === dataset);
      const pairs = own.flatMap((n): [number, number][] => {
        const size = sizes[of](n);
        return size === undefined || n.accuracy === null ? [] : [[size, n.accuracy]];
      });
      return { dataset, of, ...relation(pairs, seed) };
    }),
  );
}

function sizeTells({ dataset, of, networks, spearman, p, interval, smallestP }: SizeRelation): Finding {
  const subject = `${dataset}, ${of}`;
  if (spearman === null || p === null || smallestP === null)
    return {
      subject,
      verdict: "undecided",
      measured: `${networks} networks with both numbers; three, not all alike, are the fewest`,
    };
  const isWithin = interval?.every((end) => Math.abs(end) <= WEAK) === true;
  const verdict = p < SIGNIFICANT ? "does not hold" : isWithin ? "holds" : "undecided";
  const limit =
    smallestP >= SIGNIFICANT ? `; ${networks} networks cannot give a p below ${shortNumber(smallestP)}` : "";
  return {
    subject,
    verdict,
    measured: `rank correlation ${estimated({ value: spearman, interval })}, p ${shortNumber(p)}, ${networks} networks${limit}`,
  };
}

function checkerboard({ name, checkerboard: found }: NetworkResult): Finding[] {
  if (found === null) return [];
  const { looks, peak, offenders, canShow } = found;
  const kinds = [...new Set(offenders.map(({ kind }) => kind))].join(", ");
  const expected = offenders.length > 0;
  const seen = looks.withPeak === looks.all ? true : looks.withPeak === 0 ? false : undefined;
  const verdict =
    seen === undefined || !canShow ? "undecided" : seen === expected ? "holds" : "does not hold";
  const shown =
    peak === null
      ? "no peak"
      : `strongest peak at ${shortNumber(peak.frequency)} cycles a pixel (stride ${peak.stride}), ${shortNumber(peak.ratio ?? 0)} times its surroundings`;
  return [
    {
      subject: name,
      verdict,
      measured: `${offenders.length} uneven layers${expected ? ` (${kinds})` : ""}; ${canShow ? `${shown}; a peak in ${looks.withPeak} of ${looks.all} looks` : "the image holds its strides too seldom for a spectrum"}`,
    },
  ];
}

function padding({ name, padding: found }: NetworkResult): Finding[] {
  if (found === null || found.changes.length === 0) return [];
  const { outputDifference, L1Before, L1After } = found;
  if (outputDifference === null || L1Before === null || L1After === null)
    return [{ subject: name, verdict: "undecided", measured: "no image could be read, or R is zero" }];
  const isSame = outputDifference <= ROUNDING && Math.abs(L1After - L1Before) <= SAME_L1 * L1Before;
  return [
    {
      subject: name,
      verdict: isSame ? "holds" : "does not hold",
      measured: `scores differ by ${shortNumber(outputDifference)}; L1 over the mean ${L1Before.toPrecision(5)} before, ${L1After.toPrecision(5)} after`,
    },
  ];
}

function perturbation({ name, perturbation: found, isQuantized }: NetworkResult): Finding[] {
  if (found === null) return [];
  const { r2, slope, pixels, images } = found;
  // of steps the theorem, which is about small changes, says nothing
  const side = r2 === null || isQuantized ? undefined : sideOf(r2, PUBLISHED_R2);
  const verdict = side === "above" ? "holds" : side === "below" ? "does not hold" : "undecided";
  const measured = `R² ${estimated(r2)}, slope ${slope === null ? "unknown" : shortNumber(slope)}; ${pixels.length} pixels, ${images} images${isQuantized ? "; it rounds its values, so that its score moves in steps" : ""}`;
  return [{ subject: name, verdict, measured }];
}

/** A finding for each network that was trained on the task. */
function trained(
  claim: (typeof trainingClaims)[number],
  runs: readonly TrainingRun[],
  seed: number,
): Finding[] {
  const own = runs.filter(({ task }) => task === claim.task);
  const findings = [...new Set(own.map(({ network }) => network))].flatMap((subject) => {
    const difference = trainingDifference(
      claim,
      own.filter(({ network }) => network === subject),
      seed,
    );
    return difference.count === 0 ? [] : [differenceFinding(subject, difference, claim.unit, " by padding")];
  });
  return findings.length > 0 ? findings : [{ subject: "trainings", verdict: UNMEASURED, measured: "" }];
}
