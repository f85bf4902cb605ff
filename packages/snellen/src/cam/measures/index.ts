// The registry of measures: the command line's choices, the docs' tables and the tests are made from it.
import { findById } from "../../find-by-id.ts";
import { adcc } from "./adcc.ts";
import { arcc } from "./arcc.ts";
import { averageDrop } from "./average-drop.ts";
import { coherency } from "./coherency.ts";
import { complexity } from "./complexity.ts";
import { deletionAuc } from "./deletion-auc.ts";
import { dropInDeletion } from "./drop-in-deletion.ts";
import { energy } from "./energy.ts";
import { increaseInConfidence } from "./increase-in-confidence.ts";
import { insertionAuc } from "./insertion-auc.ts";
import { iou, iouAtThresholds } from "./iou.ts";
import type { Measure } from "./measure.ts";
import { pointingGame } from "./pointing-game.ts";
import { roadCombined } from "./road-combined.ts";
import { roadLeast } from "./road-least.ts";
import { roadMost } from "./road-most.ts";

/** All measures of heat maps, in the order of tables. */
export const measures: readonly Measure[] = [
  averageDrop,
  increaseInConfidence,
  dropInDeletion,
  insertionAuc,
  deletionAuc,
  roadMost,
  roadLeast,
  roadCombined,
  pointingGame,
  energy,
  iou,
  ...iouAtThresholds,
  complexity,
  coherency,
  adcc,
  arcc,
];

/** What is told where not all can be: where the evidence lies, and what the network does without it. */
export const defaultMeasures: readonly Measure[] = [
  pointingGame,
  energy,
  iou,
  averageDrop,
  insertionAuc,
  deletionAuc,
];

/**
 * The measure of an id.
 * @throws UsageError `unknown-measure` with the nearest known id
 */
export const measure = (id: string): Measure =>
  findById(measures, id, { code: "unknown-measure", what: "measure", flag: "--measure" });
