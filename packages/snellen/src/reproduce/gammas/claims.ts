// What is claimed of normalization scales γ (arXiv:2205.07260), each with the test that decides it here and what the test found.
// Thresholds and tests: derived here.
import { pairedDifference } from "../../cam/measures/statistics.ts";
import { EVIDENCE_LIMITS } from "../../normalization/gammas/judge-evidence.ts";
import { shortNumber } from "../../report/number.ts";
import type { Claim, Finding, Verdict } from "../claim.ts";
import { differenceFinding, meanOf, SIGNIFICANT } from "../claims-section.ts";
import type {
  GammaCategory,
  GammaRun,
  GammaStudy,
  GammasExperiment,
  GivenGammas,
  MeasuredGamma,
} from "./experiment.ts";
import { gammaTrainingClaims } from "./trainings.ts";

/** Deviation of t·‖∂L/∂(tγ)‖ from constant that counts as none: ε of normalizations, where channels are nearly silent. */
const CONSTANT = 0.05;
/** What γ are set to where their effect is tested. */
const HALF = 0.5;

export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** The claims: what γ do to blocks, which are scale-invariant, what follows for their gradients, trainings last. */
export function gammasClaims({ studies, models, trainings, seed }: GammasExperiment): Claim[] {
  return [
    { ...TESTS.branch, findings: studies.flatMap((study) => moved(study, "branch-last", seed)) },
    { ...TESTS.shortcut, findings: studies.flatMap((study) => moved(study, "shortcut", seed)) },
    { ...TESTS.invariance, findings: [...studies.map(invariance), ...models.flatMap(givenInvariance)] },
    { ...TESTS.gradient, findings: studies.flatMap(gradient) },
    { ...TESTS.others, findings: studies.flatMap(otherGradients) },
    ...gammaTrainingClaims(trainings, seed),
  ];
}

const test = (direction: string) =>
  `sign-flip test over networks: the mean over blocks of log Var(F(x))/Var(x) is ${direction} with these γ at ${HALF} than at 1, p < ${SIGNIFICANT}`;

const TESTS = {
  branch: {
    id: "branch-last",
    title: "smaller branch-last γ move residual blocks towards the identity",
    test: test("lower"),
  },
  shortcut: {
    id: "shortcut",
    title: "smaller shortcut γ move residual blocks away from the identity",
    test: test("higher"),
  },
  invariance: {
    id: "scale-invariance",
    title:
      "doubling a γ leaves the scores as they are where the rules call it scale-invariant, and nowhere else",
    test: `the scores change by at most ${percent(EVIDENCE_LIMITS.exact)} for exactly and ${percent(EVIDENCE_LIMITS.nearly)} for nearly invariant γ, and by at least ${percent(EVIDENCE_LIMITS.effect)} for others, of every γ of which that says something; where a γ is both sides of a residual sum, as in post-LN transformers, it is the change that decides the category`,
  },
  gradient: {
    id: "effective-rate",
    title:
      "the gradient of a scale-invariant γ goes as 1/|γ|, so that its effective learning rate is lr/|γ|²",
    test: `t·‖∂L/∂(tγ)‖ stays within ${100 * CONSTANT} % for t from 0.5 to 4 for every such γ; it does not hold where it leaves them for half of the γ or more`,
  },
  others: {
    id: "effective-rate-others",
    title: "the gradient of other γ does not go as 1/|γ|",
    test: `t·‖∂L/∂(tγ)‖ changes by more than ${100 * CONSTANT} % for every such γ; it does not hold where it stays for half of the γ or more`,
  },
} as const;

/** Means over blocks of the log ratio; undefined where the network has no such γ, or a block no ratio above 0. */
function logRatio({ ratios }: GammaRun, category: GammaCategory, gamma: number): number | undefined {
  const found = ratios.find((r) => r.category === category && r.gamma === gamma)?.ratios ?? [];
  const logs = found.flatMap((ratio) => (ratio === null || ratio <= 0 ? [] : [Math.log(ratio)]));
  return logs.length === 0 || logs.length < found.length
    ? undefined
    : logs.reduce((sum, v) => sum + v, 0) / logs.length;
}

function moved({ network, runs }: GammaStudy, category: "branch-last" | "shortcut", seed: number): Finding[] {
  const logs = (gamma: number) => runs.map((run) => logRatio(run, category, gamma));
  const [half, one] = [logs(HALF), logs(1)];
  if (half.every((v) => v === undefined)) return [];
  // negative where the claim holds
  const [low, high] = category === "branch-last" ? [half, one] : [one, half];
  const { verdict, measured } = differenceFinding(
    network,
    pairedDifference(low, high, { seed }),
    "difference of logs, negative as claimed",
  );
  const means = [one, half].map((of) => shortNumber(Math.exp(meanOf(of))));
  return [
    {
      subject: network,
      verdict,
      measured: `geometric mean ${means[0]} at 1, ${means[1]} at ${HALF}; ${measured}`,
    },
  ];
}

type Judged = Pick<MeasuredGamma, "category" | "nearly" | "scaleChange" | "agrees">;

const invariance = ({ network, runs }: GammaStudy): Finding => ({
  subject: network,
  ...judged(runs.flatMap(({ gammas }) => gammas)),
});

function givenInvariance({ name, plan, refused }: GivenGammas): Finding[] {
  if (plan === null) return [{ subject: name, verdict: "undecided", measured: refused ?? "" }];
  if (plan.gammas.length === 0) return [];
  const gammas = plan.gammas.map(({ category, nearly, evidence }) => ({
    category,
    nearly,
    scaleChange: evidence?.scaleChange ?? null,
    agrees: evidence?.agrees ?? null,
  }));
  return [{ subject: name, ...judged(gammas) }];
}

function judged(gammas: readonly Judged[]): Omit<Finding, "subject"> {
  const against = gammas.filter(({ agrees }) => agrees === false).length;
  const silent = gammas.filter(({ agrees }) => agrees === null).length;
  const verdict: Verdict = against > 0 ? "does not hold" : silent < gammas.length ? "holds" : "undecided";
  const changes = (of: (gamma: Judged) => boolean) =>
    gammas.flatMap((gamma) => (of(gamma) && gamma.scaleChange !== null ? [gamma.scaleChange] : []));
  const parts = [
    part(
      "scale-invariant",
      changes(({ category, nearly }) => category === "scale-invariant" && !nearly),
    ),
    part(
      "nearly so",
      changes(({ category, nearly }) => category === "scale-invariant" && nearly),
    ),
    part(
      "others",
      changes(({ category }) => category !== "scale-invariant"),
    ),
    ...(against > 0 ? [`${against} contradict their category`] : []),
    ...(silent > 0 ? [`${silent} tell nothing`] : []),
  ];
  return { verdict, measured: parts.filter((text) => text !== "").join("; ") };
}

function part(name: string, changes: readonly number[]): string {
  if (changes.length === 0) return "";
  return `${changes.length} ${name}: scores change by ${percent(Math.min(...changes))} to ${percent(Math.max(...changes))}`;
}

/** Largest deviation of a γ's products from 1, in log; undefined without products. */
export function deviation({ products }: MeasuredGamma): number | undefined {
  const known = products.flatMap(({ product }) => (product === null || product <= 0 ? [] : [product]));
  return known.length === 0 ? undefined : Math.max(...known.map((product) => Math.abs(Math.log(product))));
}

function deviationsOf({ runs }: GammaStudy, of: (gamma: MeasuredGamma) => boolean): number[] {
  return runs.flatMap(({ gammas }) => gammas.flatMap((gamma) => (of(gamma) ? (deviation(gamma) ?? []) : [])));
}

/** Exactly and nearly invariant ones apart: the argument is about the former. */
function gradient(study: GammaStudy): Finding[] {
  return [false, true].flatMap((nearly): Finding[] => {
    const all = deviationsOf(study, (g) => g.category === "scale-invariant" && g.nearly === nearly);
    if (all.length === 0) return [];
    const constant = all.filter((d) => d <= Math.log1p(CONSTANT)).length;
    return [
      {
        subject: `${study.network}${nearly ? ", nearly scale-invariant" : ""}`,
        ...shared(constant, all),
      },
    ];
  });
}

function otherGradients(study: GammaStudy): Finding[] {
  const all = deviationsOf(study, ({ category }) => category !== "scale-invariant");
  if (all.length === 0) return [];
  const changed = all.filter((d) => d > Math.log1p(CONSTANT)).length;
  return [{ subject: study.network, ...shared(changed, all) }];
}

/** Of what so many of the γ do: it holds where all do, and does not where half or fewer do. */
function shared(count: number, deviations: readonly number[]): Omit<Finding, "subject"> {
  const all = deviations.length;
  const [low, median, high] = percentiles(deviations.map(Math.expm1));
  return {
    verdict: count === all ? "holds" : count <= all / 2 ? "does not hold" : "undecided",
    measured: `${count} of ${all} γ; largest change of each: median ${median}, ${low} to ${high}`,
  };
}

/** Smallest, median and largest share, as percentages; null without any. */
export function percentiles(shares: readonly number[]): (string | null)[] {
  const sorted = [...shares].sort((a, b) => a - b);
  return [0, 0.5, 1].map((share) => {
    const value = sorted[Math.floor(share * (sorted.length - 1))];
    return value === undefined ? null : percent(value);
  });
}
