// `snellen fix groups` for people: which layers got other groups, and what that did to their gain and to the outputs.

import { measuredOnText } from "../measured-images.ts";
import { tableText } from "../tables.ts";
import type { GroupsReport } from "./fix-groups.ts";

export function fixedGroupsText({
  files,
  changes,
  convention,
  inputs,
  outputDifference,
  notes,
}: GroupsReport): string {
  if (changes.length === 0) return `Nothing was written. ${notes.join(" ")}`;
  const table = tableText(
    ["layer", "C", "G before", "G after", "gain before", "as advised", "gain after"],
    changes.map(({ module, node, channels, groups, gain }) => [
      module ?? node,
      channels,
      groups.before ?? "–",
      groups.after,
      gain.before?.toPrecision(3) ?? "–",
      gain.advised?.toPrecision(3) ?? "–",
      gain.after.toPrecision(3),
    ]),
  );
  const difference =
    outputDifference === null
      ? "by an amount that no number says"
      : `by up to ${outputDifference.toPrecision(2)} of the largest`;
  return [
    `Gradient gain by ${convention}, measured before and again on the new graph, on ${measuredOnText(inputs)}`,
    table,
    `outputs change ${difference}: train or fine-tune the model with its new groups`,
    `written: ${files.join(", ")}`,
  ].join("\n");
}
