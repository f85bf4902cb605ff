// Plots among a command's files.
import { join } from "node:path";
import { type Plot, plotSvg } from "snellen";
import { writeFileAtomic } from "snellen/node";

/** Writes plots, one below the other, and returns the file's name. */
export async function writePlot(
  folder: string,
  name: string,
  ...plots: readonly [Plot, ...Plot[]]
): Promise<string> {
  await writeFileAtomic(join(folder, name), plotSvg(...plots));
  return name;
}
