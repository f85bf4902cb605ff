// The experiment on the number of groups of group normalization (arXiv:2302.03193): gain against groups, the residual sum, depth,
// ideal groups by architecture, whether advised groups keep the gradient's length, and which groups networks train best with.

import type { GivenModel } from "../given.ts";
import type { Effort, Study } from "../study.ts";
import { dataFacts, type TrainingStudy } from "../training-study.ts";
import { type AfterStudy, afterStudy } from "./after.ts";
import { type GainCurve, gainCurves } from "./agreement.ts";
import { type DepthProfile, depthProfiles } from "./depth.ts";
import { type Architecture, architectures } from "./ideals.ts";
import { type GivenResult, givenResults } from "./models.ts";
import { type ProfileStudy, profileStudies } from "./profile.ts";
import type { TrainedOn } from "./report-trainings.ts";
import { type ResidualCurve, residualCurves } from "./residual.ts";
import { type GroupTrainingEffort, groupRecipes, groupTrainings } from "./train-groups.ts";
import type { GroupTraining } from "./trainings.ts";

/** What the experiment on the number of groups is given. */
export interface GroupsOptions extends Study {
  /** The user's own networks; default none. */
  readonly models?: readonly GivenModel[];
  /** What networks are trained on; without it what only trainings can tell is not measured. */
  readonly training?: TrainingStudy<GroupTrainingEffort>;
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
  /** Null without trainings. */
  readonly trainedOn: TrainedOn | null;
}

/**
 * Runs the experiment: the given networks first, then untrained ones that it makes, trainings last.
 * @throws what running the given networks throws
 */
export async function reproduceGroups(options: GroupsOptions): Promise<GroupsExperiment> {
  const { seed, effort, models = [], training } = options;
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
    trainings: training === undefined ? [] : await groupTrainings(options, training),
    trainedOn: training === undefined ? null : trainedOn(training),
  };
}

const trainedOn = ({ data, effort }: TrainingStudy<GroupTrainingEffort>): TrainedOn => ({
  data: dataFacts(data),
  effort,
  recipes: groupRecipes(effort),
});
