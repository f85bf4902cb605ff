// snellen fix groups: flags and help of the repair of group normalizations.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { withImages, withModel } from "../../options.ts";
import { EXIT } from "../../terminal.ts";
import { type GroupChoiceFlags, withGroupChoice } from "../groups.ts";
import { type MendedFlags, withMended } from "./mended.ts";

export interface FixGroupsFlags extends GroupChoiceFlags, MendedFlags {}

export function defineFixGroups(fix: Command, wrap: Wrap): void {
  const described = fix
    .command("groups <model>")
    .description("give normalizations the numbers of groups that `snellen groups` advises");
  withMended(withGroupChoice(withImages(withModel(described))))
    .addHelpText("after", HELP)
    .action(wrap(groups));
}

const HELP = `
Example: snellen fix groups resnet50_gn.onnx -o fixed.onnx --images photos --snippet pytorch

Measures every number of groups on the model's own graph, as "snellen groups" does, and writes a model in which each layer has the
one whose gradient gain is nearest to 1 (arXiv:2302.03193). GroupNormalization with a scale a channel (operator set 21 and later)
gets another num_groups; every other form is written as Reshape, InstanceNormalization and Reshape in its place. Scales, biases,
names and all other nodes stay. The new graph is measured again before anything is written. Other groups change what the network
computes: the report says by how much, and the model has to be trained or fine-tuned with them.`;

async function groups(context: CommandContext, path: string, flags: FixGroupsFlags): Promise<number> {
  const [{ required }, { fixGroups }, { fixedGroupsText }] = await Promise.all([
    import("../../open.ts"),
    import("../../mend/fix-groups.ts"),
    import("../../mend/fixed-groups-text.ts"),
  ]);
  const out = required(flags.out, "out", "fixed.onnx");
  const report = await fixGroups(path, out, flags, context);
  if (report.changes.length > 0) for (const note of report.notes) context.terminal.note(note);
  context.terminal.result(report, () => fixedGroupsText(report));
  return report.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
