// The claims on group numbers that only trainings can test, and the form in which trainings hand over what they gave.
// arXiv:2302.03193: layer-wise ideal groups train better than fixed numbers; which convention is meant, training must tell.
import { relation } from "../../cam/measures/relation.ts";
import { pairedDifference } from "../../cam/measures/statistics.ts";
import { shortNumber } from "../../report/number.ts";
import { type Claim, estimated, type Finding, type Verdict } from "../claim.ts";
import { differenceFinding, meanOf, SIGNIFICANT, signVerdict, UNMEASURED } from "../claims-section.ts";
import { trainingPairs } from "../paired-trainings.ts";

/** One training. */
export interface GroupTraining {
  readonly network: string;
  /** How its groups were chosen: "advised by norm", "advised by variance", "16 channels a group", "G = C", or a number: "G = 32". */
  readonly choice: string;
  /** Of each normalization. */
  readonly groups: readonly number[];
  /** Of the weights and the order of images; runs that are compared share it. */
  readonly seed: number;
  readonly epochs: number;
  /** Its numbers stopped being finite: accuracy is chance, losses are none. */
  readonly isDiverged: boolean;
  /** On the test images after the last epoch, 0 to 1. */
  readonly accuracy: number;
  /** Of the training images, mean of each epoch. */
  readonly losses: readonly number[];
  /** Mean over layers but the first of |log gain| before training, by norm; null where a layer lets no gradient through. */
  readonly distance: number | null;
  /** The same of gains by variance. */
  readonly distanceByVariance: number | null;
}

export const ADVISED = ["advised by norm", "advised by variance"] as const;
export const FIXED = ["G = 1", "G = 32", "16 channels a group", "G = C"] as const;

/** What trainings are compared by, and which end of it is better. */
export const MEASURES = {
  accuracy: { unit: "accuracy", of: ({ accuracy }: GroupTraining) => accuracy, better: 1 },
  speed: { unit: "loss of the first epoch", of: ({ losses }: GroupTraining) => losses[0], better: -1 },
} as const;
export type Measure = keyof typeof MEASURES;

const paired = (what: string) =>
  `sign-flip test on pairs of trainings of one network and seed, of all networks: ${what}, p < ${SIGNIFICANT}`;
const correlated = (what: string, sign: string) =>
  `rank correlation over the choices for one network, of mean |log gain| of its layers but the first before training and ${what}, both as means over seeds: ${sign} 0 with p < ${SIGNIFICANT} (permutations); a layer without gradient is farthest`;

/** Claims that trainings decide; "not measured yet" without any. */
export function groupTrainingClaims(runs: readonly GroupTraining[], seed: number): Claim[] {
  const advised = (measure: Measure): Finding[] =>
    ADVISED.flatMap((first) => FIXED.map((second) => comparison(runs, { first, second, measure }, seed)));
  const [norm, variance] = ADVISED;
  return [
    {
      id: "accuracy-gain",
      title: "networks train the better, the nearer the gains of their layers are to one",
      test: correlated("accuracy", "below"),
      findings: gainFindings(runs, "accuracy", seed),
    },
    {
      id: "speed-gain",
      title: "networks learn the faster, the nearer the gains of their layers are to one",
      test: correlated("loss of the first epoch", "above"),
      findings: gainFindings(runs, "speed", seed),
    },
    {
      id: "advised-trains",
      title: "networks with advised groups train better than those with fixed numbers",
      test: paired("accuracy is higher with the first"),
      findings: advised("accuracy"),
    },
    {
      id: "advised-faster",
      title: "networks with advised groups learn faster than those with fixed numbers",
      test: paired("loss of the first epoch is lower with the first"),
      findings: advised("speed"),
    },
    {
      id: "convention",
      title: "groups that are ideal by norm train better than those that are ideal by variance",
      test: paired("accuracy is higher, or loss of the first epoch lower, with the first"),
      findings: (["accuracy", "speed"] as const).map((measure) =>
        comparison(runs, { first: norm, second: variance, measure }, seed),
      ),
    },
  ];
}

export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly measure: Measure;
}

/** The first choice against the second, over all networks and seeds that have both; it holds where the first is better. */
export function comparison(
  runs: readonly GroupTraining[],
  { first, second, measure }: Comparison,
  seed: number,
): Finding {
  const { unit, of, better } = MEASURES[measure];
  const subject = `${first} against ${second}${measure === "accuracy" ? "" : `, ${unit}`}`;
  const [own, others] = [first, second].map((which) => runs.filter(({ choice }) => choice === which));
  const pairs = trainingPairs(own ?? [], others ?? [], of);
  if (pairs.length === 0) return { subject, verdict: UNMEASURED, measured: "" };
  const [a, b] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
  // negative as claimed
  const [low, high, order] =
    better > 0 ? [b, a, "second less the first's"] : [a, b, "first less the second's"];
  return differenceFinding(subject, pairedDifference(low, high, { seed }), `${unit} of the ${order}`);
}

/** Means over seeds of one choice for one network. */
export interface ChoiceMeans {
  readonly choices: readonly string[];
  readonly runs: readonly GroupTraining[];
}

/** Trainings of a network by choice; choices with the same groups for every seed are one. */
export function byChoice(runs: readonly GroupTraining[]): ChoiceMeans[] {
  const names = [...new Set(runs.map(({ choice }) => choice))];
  const found = new Map<string, { choices: string[]; runs: GroupTraining[] }>();
  for (const choice of names) {
    const own = runs.filter((run) => run.choice === choice);
    const key = own.map(({ seed, groups }) => `${seed}:${groups.join()}`).join(" ");
    const known = found.get(key);
    if (known === undefined) found.set(key, { choices: [choice], runs: own });
    else known.choices.push(choice);
  }
  return [...found.values()];
}

export const networksOf = (runs: readonly GroupTraining[]): string[] => [
  ...new Set(runs.map(({ network }) => network)),
];

/** Stands for a gain of 0, whose logarithm is endless: farther than any other. */
const ENDLESS = 1e3;

/** Mean distance of the gains of a choice. */
export const meanDistance = ({ runs }: ChoiceMeans, of: "distance" | "distanceByVariance"): number =>
  meanOf(runs.map((run) => run[of] ?? ENDLESS));

function gainFindings(runs: readonly GroupTraining[], measure: Measure, seed: number): Finding[] {
  const networks = networksOf(runs);
  if (networks.length === 0) return [{ subject: "trainings", verdict: UNMEASURED, measured: "" }];
  return networks.flatMap((network) => {
    const own = byChoice(runs.filter((run) => run.network === network));
    const isEven = own.every(({ runs }) => runs.every((run) => run.distance === run.distanceByVariance));
    return isEven
      ? [gainFinding(network, own, { of: "distance", measure, seed })]
      : [
          gainFinding(`${network}, by norm`, own, { of: "distance", measure, seed }),
          gainFinding(`${network}, by variance`, own, { of: "distanceByVariance", measure, seed }),
        ];
  });
}

interface GainTest {
  readonly of: "distance" | "distanceByVariance";
  readonly measure: Measure;
  readonly seed: number;
}

function gainFinding(
  subject: string,
  choices: readonly ChoiceMeans[],
  { of, measure, seed }: GainTest,
): Finding {
  const { better, of: value } = MEASURES[measure];
  const pairs = choices.flatMap((choice): [number, number][] => {
    const mean = meanOf(choice.runs.map(value));
    return Number.isNaN(mean) ? [] : [[meanDistance(choice, of), mean]];
  });
  const { spearman, p, interval } = relation(pairs, seed);
  if (spearman === null || p === null)
    return { subject, verdict: "undecided", measured: `${pairs.length} choices with both numbers` };
  const measured = `rank correlation ${estimated({ value: spearman, interval })}, p ${shortNumber(p)}, ${pairs.length} choices`;
  const verdict: Verdict = signVerdict(better * spearman, p);
  return { subject, verdict, measured };
}
