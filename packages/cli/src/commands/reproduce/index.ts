// snellen reproduce: the papers' experiments on the user's machine, reported as they fall. Each is a command of its own below it.
import type { Command } from "commander";
import type { Wrap } from "../../main.ts";
import { refuseUnknown } from "../refuse-unknown.ts";
import { defineDeadPixels } from "./dead-pixels.ts";
import { defineExtendedCam } from "./extended-cam.ts";
import { defineGammasExperiment } from "./gammas.ts";
import { defineGroupsExperiment } from "./groups.ts";
import { definePreLayerNormExperiment } from "./prelayernorm.ts";

const EXPERIMENTS = [
  defineExtendedCam,
  defineDeadPixels,
  defineGroupsExperiment,
  defineGammasExperiment,
  definePreLayerNormExperiment,
];

export function defineReproduce(program: Command, wrap: Wrap): void {
  const reproduce = program
    .command("reproduce")
    .description("the papers' experiments, reported as they fall");
  for (const define of EXPERIMENTS) define(reproduce, wrap);
  refuseUnknown(reproduce, "experiment");
}
