// Micro-objects as a data set: a small box, black or red, at a random place (`micro-objects/micro-object.ts`).
import type { DrawnSet } from "./drawn-set.ts";
import {
  annotateMicroObject,
  type MicroObject,
  makeMicroObject,
  microObjectClass,
  microObjectLabels,
  microObjectLimits,
} from "./micro-objects/micro-object.ts";

export const microObjects: DrawnSet<MicroObject> = {
  id: "micro-objects",
  summary: "an 8 × 8 box, black or red, at a random place",
  labels: microObjectLabels,
  size: microObjectLimits.size,
  classOf: microObjectClass,
  draw: makeMicroObject,
  annotate: annotateMicroObject,
};
