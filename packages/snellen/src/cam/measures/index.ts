// The registry of measures: the command line's choices, the docs' tables and the tests are made from it.
import { closest, UsageError } from "@snellen/graph";
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

/** @throws UsageError `unknown-measure` with the nearest known id */
export function measure(id: string): Measure {
  const found = measures.find((m) => m.id === id);
  if (found !== undefined) return found;
  const ids = measures.map((m) => m.id);
  throw new UsageError("unknown-measure", `no measure "${id}".`, {
    where: "--measure",
    hint: `Did you mean "${closest(id, ids)}"? Known: ${ids.join(", ")}.`,
  });
}
