// `snellen groups` without a model: the closed form for a layer given in numbers.
import { UsageError } from "@snellen/graph";
import { type IdealGroups, idealGroups } from "snellen";
import type { GroupFlags } from "../commands/groups.ts";
import { csvText } from "../csv.ts";
import type { CommandContext } from "../main.ts";
import { tableText } from "../tables.ts";
import { EXIT } from "../terminal.ts";

/** @throws UsageError `missing-model` without --channels, `bad-channels`, and what `idealGroups` throws */
export function layerGroups(flags: GroupFlags, { terminal }: CommandContext): number {
  const found = idealGroups({
    channels: channelsOf(flags.channels),
    inputChannels: flags.inputChannels,
    kernel: flags.kernel,
    stride: flags.stride,
    spatial: flags.spatial ?? (flags.kernel === undefined ? 1 : LARGE_MAP),
    activation: flags.activation ?? "relu",
    inputActivation: flags.inputActivation,
    position: flags.position,
    convention: flags.convention,
  });
  const texts: { readonly [F in GroupFlags["format"]]: () => string } = {
    table: () => text(found, flags),
    json: () => JSON.stringify(found, null, 2),
    csv: () => csvText({ columns: ["groups", "gain", "isValid", "reason"], rows: found.gains }),
    pytorch: () => {
      throw new UsageError("bad-format", "PyTorch code needs a model, whose modules it names.", {
        where: "--format",
        hint: "Write snellen groups model.onnx --format pytorch.",
      });
    },
  };
  terminal.result(found, texts[flags.format]);
  return EXIT.done;
}

/** Side of the map that a convolution works on where none is given: large enough for the formula's limit. */
const LARGE_MAP = 56;

function channelsOf(given: string | undefined): number {
  if (given === undefined)
    throw new UsageError("missing-model", "give a model, or a layer by its sizes.", {
      hint: "Write snellen groups model.onnx, or snellen groups --channels 256 --kernel 3 --spatial 14.",
    });
  if (/^\d+$/.test(given)) return Number(given);
  throw new UsageError("bad-channels", `"${given}" is not a number of channels.`, {
    where: "--channels",
    hint: "Write --channels 256; RGB, BGR and gray go with a model.",
  });
}

function text(
  { groups, gain, gains, formula, range, note }: IdealGroups,
  { convention }: GroupFlags,
): string {
  const ideal =
    groups === null
      ? "No ideal number of groups."
      : `Ideal: ${groups} ${groups === 1 ? "group" : "groups"}, gain ${gain?.toFixed(3)} by ${convention}.`;
  return [
    ideal,
    tableText(
      ["G", "gain", "outside the formula's range"],
      gains.map((row) => [row.groups, row.gain?.toFixed(3) ?? "–", row.reason]),
    ),
    `gain = ${formula}; within 5 % for ${range}`,
    ...(note === "" ? [] : [note]),
  ].join("\n");
}
