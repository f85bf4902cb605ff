// snellen fix: repairs of a model's layers, written as a new model file. Each repair is a command of its own below it.
import type { Command } from "commander";
import type { Wrap } from "../../main.ts";
import { refuseUnknown } from "../refuse-unknown.ts";
import { defineFixGroups } from "./groups.ts";
import { defineFixKernelPadding } from "./kernel-padding.ts";
import { defineFixPreLayerNorm } from "./prelayernorm.ts";

const REPAIRS = [defineFixKernelPadding, defineFixGroups, defineFixPreLayerNorm];

export function defineFix(program: Command, wrap: Wrap): void {
  const fix = program.command("fix").description("mend layers of a model, and write the mended model");
  for (const define of REPAIRS) define(fix, wrap);
  refuseUnknown(fix, "repair");
}
