// Figures of one model under one condition.

import { CLEAN, parseCondition } from "../condition.ts";
import type { ClassColumns, Columns } from "../observation-columns.ts";
import type { Observations, ObservedModel } from "../observations.ts";
import { calibrationOf } from "./calibration.ts";
import { type Estimate, mapEstimate, noEstimate, shareEstimate } from "./estimates.ts";
import { agreementWith, imagesWithAll, perImage, wrongOf } from "./image-scores.ts";
import type { ConditionFigures } from "./result-types.ts";

/** Fewer classes than six are all among the five highest. */
const TOP = 5;

/** @param key text of the condition */
export function conditionFigures(
  observations: Observations,
  model: ObservedModel,
  key: string,
): ConditionFigures {
  const condition = parseCondition(key);
  const columns = observations.columns(model.name, key);
  const clean = observations.columns(model.name, CLEAN);
  const error = meanShare(wrongOf(columns));
  const { ece, eceByChance } = calibrationOf(columns.outcome === "class" ? [columns] : []);
  return {
    corruption: condition === CLEAN ? null : condition.corruption,
    severity: condition === CLEAN ? null : condition.severity,
    images: columns.count(),
    accuracy: mapEstimate(error, (v) => 1 - v),
    error,
    top5: (model.classes ?? 0) > TOP && columns.outcome === "class" ? topShare(columns) : noEstimate(0),
    agreement: condition === CLEAN ? noEstimate(0) : meanShare(agreementWith(clean, columns)),
    confidence: meanConfidence(columns),
    ece,
    eceByChance,
  };
}

/** Mean of the numbers that are there. */
export function meanShare(values: Float64Array): Estimate {
  return shareEstimate(imagesWithAll([values]), (image) => values[image] as number);
}

const topShare = ({ rank }: ClassColumns): Estimate =>
  meanShare(
    perImage(rank.length, (image) => {
      const place = rank[image] as number;
      return place < 0 ? Number.NaN : Number(place < TOP);
    }),
  );

function meanConfidence(columns: Columns): number | null {
  if (columns.outcome === "agreement") return null;
  const { predicted, confidence } = columns;
  let [sum, n] = [0, 0];
  for (let image = 0; image < predicted.length; image++) {
    if ((predicted[image] as number) < 0) continue;
    sum += confidence[image] as number;
    n++;
  }
  return n === 0 ? null : sum / n;
}
