// The registry of drawn data sets. To add one: write its file, then its line here.
import { findById } from "../find-by-id.ts";
import type { DrawnSet } from "./drawn-set.ts";
import { microObjects } from "./micro-objects.ts";
import { optotypeSet } from "./optotypes.ts";

/** All drawn data sets. */
export const drawnSets: readonly DrawnSet[] = [optotypeSet, microObjects];

/**
 * The drawn data set of an id.
 * @throws UsageError `unknown-dataset` with the nearest known id
 */
export const drawnSet = (id: string): DrawnSet =>
  findById(drawnSets, id, { code: "unknown-dataset", what: "dataset", flag: "dataset" });
