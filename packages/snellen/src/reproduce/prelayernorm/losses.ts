// What corruptions cost a network of the experiment, by corruption and along contrast enhancement, and what they cost one more than
// another. Derived here.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import { CLEAN } from "../../robustness/condition.ts";
import { meanShare } from "../../robustness/figures/condition-figures.ts";
import { type Estimate, noEstimate } from "../../robustness/figures/estimates.ts";
import { averaged, runCorruptions } from "../../robustness/figures/image-scores.ts";
import {
  errorSeries,
  type LossKind,
  lossDifference,
  lossKind,
  lossSeries,
  meanLoss,
  type Series,
  shareDifference,
} from "../../robustness/figures/losses.ts";
import type { Observations } from "../../robustness/observations.ts";
import type { CorruptionLoss, Losses } from "./result.ts";

/** One network's outcomes, one number an image. */
export interface NetworkSeries {
  readonly measure: LossKind;
  readonly cleanError: Series;
  /** By corruption, means over its severities. */
  readonly corruptions: ReadonlyMap<string, Both>;
  /** By factor of contrast enhancement. */
  readonly curve: ReadonlyMap<number, Series>;
}

type Both = Readonly<Record<"loss" | "error", Series>>;

/** @param measure default: accuracy, if any image has a label */
export function networkSeries(
  observations: Observations,
  name: string,
  measure = lossKind(observations, name),
): NetworkSeries {
  const lossAt = (keys: readonly string[]) => lossSeries(observations, name, keys, measure);
  const runs = runCorruptions(observations.conditions);
  const corruptions = runs.map(({ id, severities }) => {
    const keys = severities.map((severity) => `${id}/${severity}`);
    const loss = lossAt(keys);
    const error = measure === "accuracy" ? errorSeries(observations, name, keys) : loss;
    return [id, { loss, error }] as const;
  });
  const { id: enhancement, levels } = contrastEnhancement;
  const curve = (runs.find(({ id }) => id === enhancement)?.severities ?? []).map(
    (severity) => [levels[severity - 1] as number, lossAt([`${enhancement}/${severity}`])] as const,
  );
  return {
    measure,
    cleanError: errorSeries(observations, name, [CLEAN]),
    corruptions: new Map(corruptions),
    curve: new Map(curve),
  };
}

/** Mean over the corruptions of these ids. */
const meanSeries = ({ cleanError, corruptions }: NetworkSeries, ids: readonly string[]): Both => {
  const own = ids.flatMap((id) => corruptions.get(id) ?? []);
  const mean = (of: "loss" | "error") =>
    averaged(
      cleanError.length,
      own.map((both) => both[of]),
    );
  return { loss: mean("loss"), error: mean("error") };
};

/** Loss under contrast enhancement − mean loss under the corruptions of these ids. */
export function enhancementAgainst(series: NetworkSeries, ids: readonly string[]): Estimate {
  const own = series.corruptions.get(contrastEnhancement.id);
  return own === undefined
    ? noEstimate(0)
    : lossDifference(own.loss, meanSeries(series, ids).loss, series.measure);
}

/** @param ids of the corruptions that the mean is over */
export const lossesOf = (series: NetworkSeries, ids: readonly string[]): Losses =>
  figures(series.measure, ids, {
    loss: (of) => meanLoss(of(series), series.measure),
    error: (of) => meanShare(of(series)),
    of: series,
  });

/** First − second; both of one measure. */
export const lossesBetween = (first: NetworkSeries, second: NetworkSeries, ids: readonly string[]): Losses =>
  figures(first.measure, ids, {
    loss: (of) => lossDifference(of(first), of(second), first.measure),
    error: (of) => shareDifference(of(first), of(second)),
    of: first,
  });

type Part = (own: NetworkSeries) => Series;

interface Estimator {
  readonly loss: (of: Part) => Estimate;
  readonly error: (of: Part) => Estimate;
  /** Whose corruptions and factors there are. */
  readonly of: NetworkSeries;
}

function figures(
  measure: LossKind,
  ids: readonly string[],
  { loss, error, of: { corruptions, curve } }: Estimator,
): Losses {
  const both = (of: (own: NetworkSeries) => Both) => ({
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
