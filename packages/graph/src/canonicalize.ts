// The pipeline that every model goes through first, so that gradient rules, patterns and methods see one dialect of ONNX.
// Weights stay the views that they were: passes move names, never bytes.
import { UnsupportedError } from "./errors.ts";
import type { Model } from "./model.ts";
import { foldConstants } from "./passes/fold-constants.ts";
import { fuseLayerNormalization } from "./passes/fuse-layer-normalization.ts";
import { inlineBranches } from "./passes/inline-branches.ts";
import { inlineFunctions } from "./passes/inline-functions.ts";
import { liftConstants } from "./passes/lift-constants.ts";
import { mergePads } from "./passes/merge-pads.ts";
import { openSequences } from "./passes/open-sequences.ts";
import { removeDead } from "./passes/remove-dead.ts";
import { removeIdentities } from "./passes/remove-identities.ts";
import { upgradeOpset } from "./passes/upgrade-opset.ts";
import { useGlobalPooling } from "./passes/use-global-pooling.ts";
import { inferShapes, type ShapeOptions, type Shapes } from "./shapes/shapes.ts";

/** Branches within branches are opened one level a round; no exporter nests deeper. */
const MAX_ROUNDS = 16;

/**
 * Functions inlined, constants as initializers, opset at least 18, decided branches taken, parts cut out of what was split into a
 * sequence, shape arithmetic folded, written-out LayerNormalization as one node, zero padding in the convolutions, means of maps as
 * pooling, no-ops and dead nodes gone. Values that stay keep their names, graph outputs always do.
 * @param options sizes of symbolic dimensions, batch sizes to probe
 * @returns the canonical model and the shapes of its values
 */
export function canonicalize(model: Model, options: ShapeOptions = {}): { model: Model; shapes: Shapes } {
  let current = upgradeOpset(liftConstants(inlineFunctions(model)), options);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const shapes = inferShapes(current, options);
    const decided = openSequences(inlineBranches(current, shapes), shapes);
    if (decided === current) {
      const folded = removeIdentities(foldConstants(current, shapes), shapes);
      const fused = useGlobalPooling(fuseLayerNormalization(folded, shapes), shapes);
      return { model: removeDead(mergePads(fused, shapes)), shapes };
    }
    current = decided;
  }
  throw new UnsupportedError("nested-branches", `If is nested deeper than ${MAX_ROUNDS} levels.`);
}
