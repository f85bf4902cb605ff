// The experiment on the number of groups of group normalization (arXiv:2302.03193), the parts without training: gain against
// groups, the residual sum, depth, ideal groups by architecture, and whether advised groups keep the gradient's length.

import type { GivenModel } from "../given.ts";
import type { Effort, Study } from "../study.ts";
import { type AfterStudy, afterStudy } from "./after.ts";
import { type GainCurve, gainCurves } from "./agreement.ts";
import { type DepthProfile, depthProfiles } from "./depth.ts";
import { type Architecture, architectures } from "./ideals.ts";
import { type GivenResult, givenResults } from "./models.ts";
import { type ProfileStudy, profileStudies } from "./profile.ts";
import { type ResidualCurve, residualCurves } from "./residual.ts";
import type { GroupTraining } from "./trainings.ts";

export interface GroupsOptions extends Study {
  /** The user's own networks; default none. */
  readonly models?: readonly GivenModel[];
  /** What trainings gave; default none. */
  readonly trainings?: readonly GroupTraining[];
}

/** Plain data. */
export interface GroupsExperiment {
  readonly version: 1;
  readonly seed: number;
  readonly effort: Effort;
  readonly gains: readonly GainCurve[];
  readonly residuals: readonly ResidualCurve[];
  readonly depths: readonly DepthProfile[];
  readonly architectures: readonly Architecture[];
  readonly profiles: readonly ProfileStudy[];
  readonly after: AfterStudy;
  readonly models: readonly GivenResult[];
  readonly trainings: readonly GroupTraining[];
}

/**
 * Runs the experiment: the given networks first, then untrained ones that it makes.
 * @throws what running the given networks throws
 */
export async function reproduceGroups(options: GroupsOptions): Promise<GroupsExperiment> {
  const { seed, effort, models = [], trainings = [] } = options;
  const given = await givenResults(options, models);
  return {
    version: 1,
    seed,
    effort,
    gains: await gainCurves(options),
    residuals: await residualCurves(options),
    depths: await depthProfiles(options),
    architectures: await architectures(options),
    profiles: await profileStudies(options),
    after: await afterStudy(options),
    models: given,
    trainings,
  };
}
