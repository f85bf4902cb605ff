// How `snellen groups` and `snellen fix groups` ask for advice: the same flags, the same answer.
import type { AdviseOptions, MendGroupsOptions } from "snellen";
import type { GroupChoiceFlags } from "../commands/groups.ts";
import type { CommandContext } from "../main.ts";

export const adviceOptions = (
  { convention, affine, convertBatchnorm, seed }: GroupChoiceFlags,
  { signal, terminal }: CommandContext,
): Omit<AdviseOptions, "onProgress"> & Pick<MendGroupsOptions, "onProgress"> => ({
  convention,
  affine,
  convertBatchNorm: convertBatchnorm,
  seed,
  signal,
  onProgress: (step: string, done: number) => terminal.progress(step, done),
});
