// Runs `snellen groups` on a model: advice as a table, JSON, CSV or PyTorch code, and as files with the isometry profile.
import { join } from "node:path";
import { adviseGroups, type GroupAdvice, isometryPlot, pytorchGroups } from "snellen";
import { ensureFolder, type OpenedModel, writeFileAtomic } from "snellen/node";
import type { GroupFlags } from "../commands/groups.ts";
import type { CommandContext } from "../main.ts";
import { type MeasuredImages, measuredImages } from "../measured-images.ts";
import { EXIT } from "../terminal.ts";
import { writePlot } from "../write-plot.ts";
import { adviceOptions } from "./advice-options.ts";
import { groupsCsv, groupsText } from "./groups-text.ts";

/** What `--json` prints, and groups.json holds. */
export type GroupsFile = GroupAdvice & {
  readonly version: 1;
  readonly model: string;
  readonly seed: number;
  /** Names in the folder of `--out`. */
  readonly files: Readonly<Record<string, string>>;
  readonly skipped: MeasuredImages["skipped"];
};

export async function writeGroups(
  model: OpenedModel,
  path: string,
  flags: GroupFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  if (flags.out !== undefined) await ensureFolder(flags.out);
  const measured = await measuredImages(model, flags, terminal);
  const advice = await adviseGroups(model, measured, adviceOptions(flags, context));
  const file = await written({ ...advice, version: 1, model: model.name, seed: flags.seed }, measured, flags);
  // the table of nothing is the notes
  if (advice.layers.length > 0 || flags.format !== "table")
    for (const note of advice.notes) terminal.note(`note: ${note}`);
  const texts: { readonly [F in GroupFlags["format"]]: () => string } = {
    table: () => groupsText(file, path, sameAdvice(flags)),
    json: () => JSON.stringify(file, null, 2),
    csv: () => groupsCsv(file.layers),
    pytorch: () => pytorchGroups(file.layers, model.name),
  };
  terminal.result(file, texts[flags.format]);
  return measured.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Flags with which `fix groups` comes to the same advice. */
const sameAdvice = ({ convertBatchnorm, images, convention, affine }: GroupFlags): string =>
  [
    convertBatchnorm ? " --convert-batchnorm" : "",
    images === undefined ? "" : " --images …",
    convention === "norm" ? "" : ` --convention ${convention}`,
    affine === "own" ? "" : ` --affine ${affine}`,
  ].join("");

async function written(
  advice: Omit<GroupsFile, "files" | "skipped">,
  { skipped }: MeasuredImages,
  { out }: GroupFlags,
): Promise<GroupsFile> {
  if (out === undefined) return { ...advice, files: {}, skipped };
  const profile = await writePlot(out, "profile.svg", isometryPlot(advice));
  const files = { table: "groups.csv", pytorch: "groups.py", profile };
  const file = { ...advice, files, skipped };
  await writeFileAtomic(join(out, files.table), groupsCsv(advice.layers));
  await writeFileAtomic(join(out, files.pytorch), pytorchGroups(advice.layers, advice.model));
  await writeFileAtomic(join(out, "groups.json"), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}
