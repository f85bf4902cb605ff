// Ids of everything registered, for the command line's help and for docs: light, no runtime behind it.
import { defaultMeasures, measures } from "./cam/measures/index.ts";
import { camMethods } from "./cam/methods/index.ts";
import { targetKinds } from "./cam/targets/index.ts";
import { upsamplings } from "./cam/upsampling/index.ts";
import { corruptionSets, corruptions } from "./corruptions/index.ts";
import { drawnSet, drawnSets } from "./datasets/drawn-sets.ts";
import { datasets } from "./datasets/index.ts";
import { colorMaps } from "./images/color-maps.ts";
import { scales } from "./images/scale.ts";
import { normalizationForms } from "./normalization/forms/index.ts";
import { gammaGuidelines, guidelineLines } from "./normalization/gammas/guidelines.ts";
import { activations } from "./normalization/groups/activations.ts";
import { preLayerNormModes } from "./patch-embedding/prelayernorm/prelayernorm.ts";
import { accumulations } from "./receptive-field/effective/accumulation.ts";
import { augmentationKinds } from "./train/augmentation/index.ts";
import { losses } from "./train/losses/index.ts";
import { optimizers } from "./train/optimizers/index.ts";
import { schedules } from "./train/schedules.ts";

/** Ids of activations whose gradient gain is known by formula. */
export const activationIds: readonly string[] = activations.map((a) => a.id);
/** Ids of `accumulations`: how gradients become R. */
export const accumulationIds: readonly string[] = accumulations.map((a) => a.id);
/** Ids of `colorMaps`. */
export const colorMapIds: readonly string[] = colorMaps.map((m) => m.id);
/** Ids of `scales`: what full colour stands for. */
export const scaleIds: readonly string[] = scales.map((s) => s.id);
/** Ids of the measures that are told where not all can be. */
export const defaultMeasureIds: readonly string[] = defaultMeasures.map((m) => m.id);
/** Ids of `camMethods`. */
export const camMethodIds: readonly string[] = camMethods.map((m) => m.id);
/** Ids of `upsamplings`. */
export const upsamplingIds: readonly string[] = upsamplings.map((u) => u.id);
/** A line for every set of corruptions, with its members where it is a family of its own. */
export const corruptionLines = (): string[] =>
  corruptionSets.map(({ id, summary, members }) =>
    id === "every" || id === "all" || id === "common"
      ? `${id.padEnd(11)} ${summary}`
      : `${id.padEnd(11)} ${members.map((member) => member.id).join(", ")}`,
  );
export {
  activations,
  augmentationKinds,
  camMethods,
  corruptions,
  datasets,
  drawnSet,
  drawnSets,
  gammaGuidelines,
  guidelineLines,
  losses,
  measures,
  normalizationForms,
  optimizers,
  preLayerNormModes,
  schedules,
  targetKinds,
  upsamplings,
};
