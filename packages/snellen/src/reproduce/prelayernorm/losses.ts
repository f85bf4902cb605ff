// What corruptions cost, image by image: accuracy lost from the clean picture, or predictions changed where labels are missing.
// As series over images, so that two networks are compared in pairs. Derived here.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import { severities } from "../../corruptions/corruption.ts";
import { CLEAN } from "../../robustness/condition.ts";
import {
  type Estimate,
  estimateOf,
  meanRatio,
  noEstimate,
  shareEstimate,
} from "../../robustness/estimates.ts";
import {
  agreementWith,
  imagesWithAll,
  modelScores,
  perImage,
  wrongOf,
} from "../../robustness/image-scores.ts";
import { meanAt } from "../../robustness/model-figures.ts";
import type { Observations } from "../../robustness/observations.ts";
import type { CorruptionLoss, Losses, LossMeasure } from "./result.ts";

/** One number an image; NaN where it is not known. */
type Series = Float64Array;

/** One network's outcomes as series. */
export interface LossSeries {
  readonly measure: LossMeasure;
  readonly cleanError: Series;
  /** By corruption, means over its severities. */
  readonly corruptions: ReadonlyMap<string, { readonly loss: Series; readonly error: Series }>;
  /** By factor of contrast enhancement. */
  readonly curve: ReadonlyMap<number, Series>;
}

/** @param measure default: accuracy, if any image has a label */
export function lossSeries(observations: Observations, name: string, measure?: LossMeasure): LossSeries {
  const model = observations.models.find((own) => own.name === name) as Observations["models"][number];
  const scores = modelScores(observations, model);
  const { cleanError } = scores;
  const isLabelled = cleanError.some((v) => !Number.isNaN(v));
  const used = measure ?? (isLabelled ? "accuracy" : "agreement");
  const clean = observations.columns(name, CLEAN);
  const corruptions = [...scores.corruptions].map(([id, { error, agreement }]) => {
    const loss = used === "accuracy" ? minus(error, cleanError) : missing(agreement);
    return [id, { loss, error: used === "accuracy" ? error : loss }] as const;
  });
  const at = (severity: number): Series => {
    const columns = observations.columns(name, `${contrastEnhancement.id}/${severity}`);
    return used === "accuracy" ? minus(wrongOf(columns), cleanError) : missing(agreementWith(clean, columns));
  };
  const curve = severities
    .filter((severity) => observations.conditions.includes(`${contrastEnhancement.id}/${severity}`))
    .map((severity) => [contrastEnhancement.levels[severity - 1] as number, at(severity)] as const);
  return { measure: used, cleanError, corruptions: new Map(corruptions), curve: new Map(curve) };
}

const minus = (first: Series, second: Series): Series =>
  perImage(first.length, (i) => (first[i] as number) - (second[i] as number));
const missing = (shares: Series): Series => perImage(shares.length, (i) => 1 - (shares[i] as number));

/** Each image's mean over several series. */
const averaged = (all: readonly Series[]): Series =>
  all.length === 0 ? new Float64Array() : perImage(all[0]?.length ?? 0, meanAt(all));

/** Over the images that have a number. */
export function meanEstimate(series: Series): Estimate {
  const images = imagesWithAll([series]);
  const mean = meanRatio(images, [{ top: (image) => series[image] as number, bottom: 1 }]);
  return mean === undefined ? noEstimate(images.length) : estimateOf(mean);
}

/** Mean over the corruptions of these ids. */
const meanSeries = ({ corruptions }: LossSeries, ids: readonly string[]) => {
  const own = ids.flatMap((id) => corruptions.get(id) ?? []);
  return { loss: averaged(own.map(({ loss }) => loss)), error: averaged(own.map(({ error }) => error)) };
};

/** Loss under contrast enhancement − mean loss under the corruptions of these ids. */
export function enhancementAgainst(series: LossSeries, ids: readonly string[]): Estimate {
  const own = series.corruptions.get(contrastEnhancement.id);
  return own === undefined ? noEstimate(0) : meanEstimate(minus(own.loss, meanSeries(series, ids).loss));
}

/** @param ids of the corruptions that the mean is over */
export const lossesOf = (series: LossSeries, ids: readonly string[]): Losses =>
  figures(series.measure, ids, {
    loss: (of) => meanEstimate(of(series)),
    error: (of) => shareOf(of(series)),
    of: series,
  });

/** First − second; both of one measure. */
export function lossDifference(first: LossSeries, second: LossSeries, ids: readonly string[]): Losses {
  const estimate = (of: Part): Estimate => meanEstimate(minus(of(first), of(second)));
  return figures(first.measure, ids, { loss: estimate, error: estimate, of: first });
}

type Part = (own: LossSeries) => Series;
type Both = Readonly<Record<"loss" | "error", Series>>;

/** Mean of what lies between 0 and 1, as its interval does. */
function shareOf(series: Series): Estimate {
  return shareEstimate(imagesWithAll([series]), (image) => series[image] as number);
}

interface Estimator {
  readonly loss: (of: Part) => Estimate;
  readonly error: (of: Part) => Estimate;
  /** Whose corruptions and factors there are. */
  readonly of: LossSeries;
}

function figures(
  measure: LossMeasure,
  ids: readonly string[],
  { loss, error, of: { corruptions, curve } }: Estimator,
): Losses {
  const both = (of: (own: LossSeries) => Both) => ({
    loss: loss((own) => of(own).loss),
    error: error((own) => of(own).error),
  });
  return {
    measure,
    cleanError: error(({ cleanError }) => cleanError),
    mean: both((own) => meanSeries(own, ids)),
    corruptions: [...corruptions.keys()].map(
      (corruption): CorruptionLoss => ({
        corruption,
        ...both((own) => own.corruptions.get(corruption) as Both),
      }),
    ),
    curve: [...curve.keys()].map((factor) => ({
      factor,
      loss: loss((own) => own.curve.get(factor) as Series),
    })),
  };
}
