// The effective receptive field of a layer and the dead pixel test of the score, in one pass that shows R as it grows.
import {
  evenly,
  type FieldAndScore,
  type FieldMap,
  fieldMapOf,
  measureFieldAndScore,
  resolveFieldLayer,
  skipReason,
} from "snellen/web";
import type { Handler } from "../handler.ts";
import { leftOut } from "../pictures.ts";

export interface FieldArgs {
  readonly layer: string;
  /** At most so many images, evenly over all. */
  readonly n: number;
}

/** Of a layer that was asked for. */
export type FieldFound = FieldAndScore & { readonly layer: NonNullable<FieldAndScore["layer"]> };

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
  { opened, signal, progress, note },
) => {
  const { vision } = opened.model();
  const layer = resolveFieldLayer(vision.info, args.layer);
  const sources = evenly(opened.images.entries, args.n);
  const found = await measureFieldAndScore(vision, layer, sources, {
    batch: BATCH,
    signal,
    onSkip: (skipped) => note(leftOut(skipReason(skipped))),
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
  return { ...found, layer: found.layer as FieldFound["layer"] };
};
