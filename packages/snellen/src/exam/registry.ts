// Every artifact's maker and every audit of the exam. To add one: write its file, then its line here.
import type { Artifacts, Maker } from "./artifacts.ts";
import { type Audit, checkedAudits } from "./audit.ts";
import { centreBias } from "./audits/centre-bias.ts";
import { checkerboard } from "./audits/checkerboard.ts";
import { conservation as conservationAudit } from "./audits/conservation.ts";
import { contrastCurve as contrastCurveAudit } from "./audits/contrast-curve.ts";
import { corruptions } from "./audits/corruptions.ts";
import { fieldAndObjects } from "./audits/field-and-objects.ts";
import { fieldShape } from "./audits/field-shape.ts";
import { foldedNormalization } from "./audits/folded-normalization.ts";
import { gammas as gammasAudit } from "./audits/gammas.ts";
import { groups as groupsAudit } from "./audits/groups.ts";
import { heatMaps as heatMapsAudit } from "./audits/heat-maps.ts";
import { localization as localizationAudit } from "./audits/localization.ts";
import { patchEmbeddingScale } from "./audits/patch-embedding-scale.ts";
import { reading } from "./audits/reading.ts";
import { rivals as rivalsAudit } from "./audits/rivals.ts";
import { sanityCheck } from "./audits/sanity-check.ts";
import { unproductiveLayers } from "./audits/unproductive-layers.ts";
import { accuracy } from "./computed/accuracy.ts";
import { extremes } from "./computed/extremes.ts";
import { conservation } from "./gatherers/conservation.ts";
import { contrastCurve } from "./gatherers/contrast-curve.ts";
import { embeddingScale } from "./gatherers/embedding-scale.ts";
import { facts } from "./gatherers/facts.ts";
import { fields } from "./gatherers/fields.ts";
import { gammas } from "./gatherers/gammas.ts";
import { geometry } from "./gatherers/geometry.ts";
import { groups } from "./gatherers/groups.ts";
import { heatMaps } from "./gatherers/heat-maps.ts";
import { localization } from "./gatherers/localization.ts";
import { normalizations } from "./gatherers/normalizations.ts";
import { predictions } from "./gatherers/predictions.ts";
import { rivals } from "./gatherers/rivals.ts";
import { robustness } from "./gatherers/robustness.ts";
import { sanity } from "./gatherers/sanity.ts";

/** One maker per artifact: a missing one does not compile. */
export const makers: { readonly [Id in keyof Artifacts]: Maker<Id, never> } = {
  facts,
  predictions,
  accuracy,
  extremes,
  heatMaps,
  conservation,
  localization,
  sanity,
  fields,
  geometry,
  normalizations,
  groups,
  gammas,
  robustness,
  contrastCurve,
  embeddingScale,
  rivals,
} as never;

/** In the order of the report. */
export const audits: readonly Audit[] = checkedAudits([
  reading,
  heatMapsAudit,
  localizationAudit,
  conservationAudit,
  sanityCheck,
  fieldShape,
  fieldAndObjects,
  unproductiveLayers,
  checkerboard,
  centreBias,
  groupsAudit,
  gammasAudit,
  foldedNormalization,
  corruptions,
  contrastCurveAudit,
  patchEmbeddingScale,
  rivalsAudit,
]);
