// The effective receptive field of a layer and the dead pixel test of the score, in one pass that shows R as it grows.
import {
  accumulation,
  channelCount,
  type DeadPixelSummary,
  evenly,
  type FieldMap,
  type FieldSum,
  type FieldSummary,
  fieldMapOf,
  labelledOrPredicted,
  resolveFieldLayer,
  runFields,
  summarizeDeadPixels,
  summarizeField,
} from "snellen/web";
import type { Handler } from "../handler.ts";

export interface FieldArgs {
  readonly layer: string;
  /** At most so many images, evenly over all. */
  readonly n: number;
}

export interface FieldFound {
  readonly layer: { readonly map: FieldMap; readonly summary: FieldSummary };
  readonly score: { readonly map: FieldMap; readonly summary: DeadPixelSummary };
}

/** R so far, of the layer and of the score. */
export interface FieldGrowth {
  readonly n: number;
  readonly of: number;
  readonly relativeError: number | null;
  readonly layer: FieldMap;
  readonly score: FieldMap;
}

/** A few at a time, so that there is something to watch, and a stop stops. */
const BATCH = 4;

export const field: Handler<FieldArgs, FieldFound, FieldGrowth> = async (
  args,
  { opened, signal, progress },
) => {
  const { vision } = opened.model();
  const { info } = vision;
  const layer = resolveFieldLayer(info, args.layer);
  const plan = {
    layers: [layer],
    target: labelledOrPredicted(info),
    accumulation: accumulation("dead-pixels"),
  };
  const sources = evenly(opened.images.entries, args.n);
  const { sums } = await runFields(vision, plan, sources, {
    batch: BATCH,
    signal,
    onSkip: () => undefined,
    onBatch: ({ sums: [own, score] }) => {
      if (own === undefined || score === undefined) return;
      progress({
        n: own.n,
        of: sources.length,
        relativeError: own.curve.at(-1)?.relativeError ?? null,
        layer: fieldMapOf(own),
        score: fieldMapOf(score),
      });
    },
  });
  const [own, score] = sums as [FieldSum, FieldSum];
  const colours = channelCount(info.preprocessing.spec.channels);
  const [map, scoreMap] = [fieldMapOf(own), fieldMapOf(score)];
  return {
    layer: {
      map,
      summary: summarizeField(layer, map, {
        accumulation: plan.accumulation,
        colours,
        convergence: own.curve,
      }),
    },
    score: { map: scoreMap, summary: summarizeDeadPixels(info, scoreMap, score.curve) },
  };
};
