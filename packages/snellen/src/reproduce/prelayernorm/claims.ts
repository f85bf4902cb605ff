// What the abstract of arXiv:2111.08413 claims, each with the test that decides it here and what the test found. Thresholds and tests:
// derived here.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import type { Grip } from "../../patch-embedding/embedding-scale-result.ts";
import { FLAT_COSINE, FLAT_GROWTH } from "../../patch-embedding/grip.ts";
import { type Estimate, mapEstimate } from "../../robustness/figures/estimates.ts";
import {
  losesMore,
  MARGIN,
  mostCorruptions,
  type Standing,
  standing,
} from "../../robustness/figures/standing.ts";
import type { Claim, Finding, Verdict } from "../claim.ts";
import { figure, points } from "./estimate-text.ts";
import type {
  DatasetResult,
  Losses,
  NetworkPair,
  NetworkResult,
  PreLayerNormExperiment,
  ScaleDirection,
} from "./result.ts";
import { endsOf, keepsDirection, keepsRatio } from "./scales.ts";
import { preLayerNormTrainingClaims } from "./trainings.ts";

/** The claims in the abstract's order, trainings last. */
export function preLayerNormClaims({ datasets, trainings, seed }: PreLayerNormExperiment): Claim[] {
  const pairs = datasets.flatMap((dataset) => dataset.pairs.map((pair) => ({ dataset, pair })));
  const vits = datasets.flatMap(({ networks }) => networks.filter(({ kind }) => kind === "vit"));
  const asGiven = vits.filter(({ calibrated }) => calibrated === null);
  return [
    { ...TESTS.corruptions, findings: pairs.map(({ dataset, pair }) => underMost(dataset, pair)) },
    { ...TESTS.againstCnn, findings: pairs.map(({ pair }) => againstCnn(pair)) },
    { ...TESTS.againstOthers, findings: asGiven.map(againstOthers) },
    {
      ...TESTS.follows,
      findings: vits.filter(({ isPreNormalized }) => !isPreNormalized).flatMap((own) => scaled(own, follows)),
    },
    {
      ...TESTS.invariance,
      findings: vits.filter(({ isPreNormalized }) => isPreNormalized).flatMap((own) => scaled(own, stays)),
    },
    { ...TESTS.calibratedContrast, findings: datasets.flatMap(calibratedContrast) },
    { ...TESTS.calibratedCorruptions, findings: datasets.flatMap(calibratedCorruptions) },
    ...preLayerNormTrainingClaims(trainings, seed),
  ];
}

const percent = `${100 * MARGIN} points`;

const TESTS = {
  corruptions: {
    id: "most-corruptions",
    title: "a ViT is as robust as a CNN or more under most corruptions",
    test: `accuracy lost from clean, ViT − CNN on the same images, corruption by corruption: as robust or more where the 95 % interval ends at ${percent} at most, less robust where it lies above 0 and reaches beyond that; the claim holds where more than half of ImageNet-C's corruptions are of the first kind, and not where the second kind leaves too few for that`,
  },
  againstCnn: {
    id: "contrast-against-cnn",
    title: "a ViT loses more accuracy under contrast enhancement than a CNN",
    test: `accuracy lost, ViT − CNN, mean over the factors of contrast enhancement: the 95 % interval lies above 0 and reaches beyond ${percent}; it does not hold where it ends at ${percent} at most`,
  },
  againstOthers: {
    id: "contrast-against-others",
    title: "a ViT loses more accuracy under contrast enhancement than under other corruptions",
    test: `accuracy lost under contrast enhancement − mean lost over ImageNet-C's corruptions, on the same images: as above`,
  },
  follows: {
    id: "scale-follows",
    title: "patches' scale beside E_pos follows the scale of colours, and z₀ turns with it",
    test: `the ratio |x| / |E_pos| moves by more than ${FLAT_GROWTH} times from that of clean pictures at some factor, and the cosine of z₀ falls below ${FLAT_COSINE}, both with their whole intervals; it does not hold where one of them stays within with its whole interval`,
  },
  invariance: {
    id: "scale-invariance",
    title: "a ViT with PreLayerNorm (here calibrated, not trained) does not answer to the scale of colours",
    test: `the ratio stays within ${FLAT_GROWTH} times, and the cosine at ${FLAT_COSINE} or more, at every factor with their whole intervals; it does not hold where one of them leaves with its whole interval. “Enhanced” cuts values off, which changes what is in the picture; “faded” by the same factors does not`,
  },
  calibratedContrast: {
    id: "calibrated-contrast",
    title:
      "PreLayerNorm, calibrated only (a question of this project, not of the abstract), raises a ViT's accuracy under contrast enhancement",
    test: "share of wrong predictions, with − without, mean over the factors: the whole 95 % interval lies below 0; it does not hold where it lies above",
  },
  calibratedCorruptions: {
    id: "calibrated-corruptions",
    title:
      "PreLayerNorm, calibrated only (a question of this project, too), raises a ViT's accuracy under ImageNet-C's corruptions",
    test: "as above, mean over the corruptions",
  },
} as const;

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  "more-robust": "more robust",
  "as-robust": "as robust",
  "less-robust": "less robust",
  open: "undecided",
};

/** Differences under ImageNet-C's corruptions. */
function commonOf({ corruptions }: DatasetResult, pair: Losses) {
  const ids = new Set(corruptions.filter(({ isImageNetC }) => isImageNetC).map(({ id }) => id));
  return pair.corruptions.filter(({ corruption }) => ids.has(corruption));
}

function underMost(dataset: DatasetResult, pair: NetworkPair): Finding {
  const common = commonOf(dataset, pair).map(({ corruption, loss }) => ({ corruption, own: standing(loss) }));
  const { robust, more, less, outcome } = mostCorruptions(common.map(({ own }) => own));
  const lesser = common.filter(({ own }) => own === "less-robust");
  const names = lesser.map(({ corruption }) => corruption).join(", ");
  return {
    subject: named(pair),
    verdict: outcome,
    measured: `as robust or more under ${robust} of ${common.length} (more under ${more}), less under ${less}${names === "" ? "" : ` (${names})`}, undecided ${common.length - robust - less}; mean difference ${points(pair.mean.loss)} points, of clean accuracy ${points(opposite(pair.cleanError))}`,
  };
}

const named = ({ first, second }: NetworkPair): string => `${first} against ${second}`;

/** Of an error, what it says of accuracy; never −0. */
export const opposite = (estimate: Estimate): Estimate => mapEstimate(estimate, (v) => 0 - v);

const enhanced = ({ corruptions }: Losses) =>
  corruptions.find(({ corruption }) => corruption === contrastEnhancement.id);

function againstCnn(pair: NetworkPair): Finding {
  const own = enhanced(pair);
  if (own === undefined) return { subject: named(pair), verdict: "undecided", measured: "not run" };
  const last = pair.curve.at(-1);
  const strongest = last === undefined ? "" : `; ${points(last.loss)} at factor ${last.factor}`;
  return {
    subject: named(pair),
    verdict: losesMore(standing(own.loss)),
    measured: `${points(own.loss)} points more${strongest}`,
  };
}

function againstOthers(network: NetworkResult): Finding {
  const { name, enhancementAgainstOthers: difference, mean } = network;
  return {
    subject: name,
    verdict: losesMore(standing(difference)),
    measured: `${points(enhanced(network)?.loss ?? difference)} points lost, ${points(mean.loss)} under others; difference ${points(difference)}`,
  };
}

/** A finding for each way to alter colours, in either direction. */
const scaled = ({ name, scales }: NetworkResult, judge: (grip: Grip) => Verdict): Finding[] =>
  scales.flatMap(({ direction, grips }) =>
    grips.map((grip) => ({
      subject: `${name}, ${familyName(grip.family)} ${direction}`,
      verdict: judge(grip),
      measured: gripText(grip, direction),
    })),
  );

export const familyName = (family: Grip["family"]): string =>
  family === "colour_scale" ? "colour scale" : "contrast";

/** The end of the ratio that the alteration points to, and the other where it goes there. */
function gripText({ growth, shrinkage, leastCosine }: Grip, direction: ScaleDirection): string {
  const grown = `at most ${figure(growth)}`;
  const shrunk = `at least ${figure(shrinkage)}`;
  const ratio = direction === "enhanced" ? `${grown}, ${shrunk}` : `${shrunk}, ${grown}`;
  return `ratio ${ratio} times that of clean pictures; cosine at least ${figure(leastCosine)}`;
}

function follows(grip: Grip): Verdict {
  const [ratio, direction] = [keepsRatio(grip), keepsDirection(grip)];
  if (ratio === true || direction === true) return "does not hold";
  return ratio === false && direction === false ? "holds" : "undecided";
}

function stays(grip: Grip): Verdict {
  const [ratio, direction] = [keepsRatio(grip), keepsDirection(grip)];
  if (ratio === false || direction === false) return "does not hold";
  return ratio === true && direction === true ? "holds" : "undecided";
}

const calibratedContrast = ({ calibrations }: DatasetResult): Finding[] =>
  calibrations.flatMap((pair) => {
    const own = enhanced(pair);
    return own === undefined ? [] : [gained(pair, own.error)];
  });

const calibratedCorruptions = ({ calibrations }: DatasetResult): Finding[] =>
  calibrations.map((pair) => gained(pair, pair.mean.error));

function gained(pair: NetworkPair, error: Estimate): Finding {
  const [low, high] = endsOf(error);
  const clean =
    pair.measure === "accuracy"
      ? `accuracy changes by ${points(opposite(error))} points, on clean pictures by ${points(opposite(pair.cleanError))}`
      : `${points(error)} points more predictions change`;
  return {
    subject: pair.first,
    verdict: high < 0 ? "holds" : low > 0 ? "does not hold" : "undecided",
    measured: clean,
  };
}
