// The claims on group numbers that only trainings can test, and the form in which trainings hand over what they gave.
// arXiv:2302.03193: layer-wise ideal groups train better than fixed numbers; which convention is meant, training must tell.
import { relation } from "../../cam/measures/relation.ts";
import { shortNumber } from "../../report/number.ts";
import { type Claim, estimated, type Finding } from "../claim.ts";
import { SIGNIFICANT, signVerdict, UNMEASURED } from "../claims-section.ts";
import { higherFinding, trainingPairs } from "../paired-trainings.ts";

/** One training. */
export interface GroupTraining {
  readonly network: string;
  /** How its groups were chosen: "advised by norm", "advised by variance", "16 channels a group", "G = C", or a number: "G = 32". */
  readonly choice: string;
  /** Of the weights and the order of images; runs that are compared share it. */
  readonly seed: number;
  readonly epochs: number;
  /** On the test images after the last epoch, 0 to 1. */
  readonly accuracy: number;
  /** Mean over layers of |log gain| before training, by norm; null where a layer has no gain. */
  readonly distance: number | null;
}

const ADVISED = ["advised by norm", "advised by variance"] as const;
const FIXED = ["G = 1", "G = 32", "16 channels a group", "G = C"] as const;

/** What is compared: the first against the second. */
const TRAINING_PAIRS: readonly (readonly [first: string, second: string])[] = [
  ...ADVISED.flatMap((advised) => FIXED.map((fixed) => [advised, fixed] as const)),
  ADVISED,
];

/** Claims that trainings decide; "not measured yet" without any. */
export function groupTrainingClaims(runs: readonly GroupTraining[], seed: number): Claim[] {
  return [
    {
      id: "accuracy-gain",
      title: "networks train the better, the nearer the gains of their layers are to one",
      test: `rank correlation over the choices for one network of mean |log gain| and accuracy, below 0 with p < ${SIGNIFICANT} (permutations)`,
      findings: accuracyFindings(runs, seed),
    },
    {
      id: "advised-trains",
      title: "networks with advised groups train better than those with fixed numbers",
      test: `sign-flip test on pairs of trainings of one network and seed, accuracy higher with the first, p < ${SIGNIFICANT}`,
      findings: TRAINING_PAIRS.map(([first, second]) => pairFinding(runs, first, second, seed)),
    },
  ];
}

function pairFinding(runs: readonly GroupTraining[], first: string, second: string, seed: number): Finding {
  const subject = `${first} against ${second}`;
  const [own, others] = [first, second].map((which) => runs.filter(({ choice }) => choice === which));
  const pairs = trainingPairs(own ?? [], others ?? [], ({ accuracy }) => accuracy);
  return higherFinding(subject, pairs, "accuracy", seed);
}

function accuracyFindings(runs: readonly GroupTraining[], seed: number): Finding[] {
  const networks = [...new Set(runs.map(({ network }) => network))];
  if (networks.length === 0) return [{ subject: "trainings", verdict: UNMEASURED, measured: "" }];
  return networks.map((subject): Finding => {
    const pairs = runs.flatMap(({ network, distance, accuracy }): [number, number][] =>
      network === subject && distance !== null ? [[distance, accuracy]] : [],
    );
    const { spearman, p, interval } = relation(pairs, seed);
    if (spearman === null || p === null)
      return { subject, verdict: "undecided", measured: `${pairs.length} trainings with both numbers` };
    const measured = `rank correlation ${estimated({ value: spearman, interval })}, p ${shortNumber(p)}, ${pairs.length} trainings`;
    return { subject, verdict: signVerdict(spearman, p), measured };
  });
}
