// Plots among a command's files.
import { join } from "node:path";
import { type Plot, plotSvg } from "snellen";
import { writeFileAtomic } from "snellen/node";

/** Writes a plot and returns its name. */
export async function writePlot(folder: string, name: string, plot: Plot): Promise<string> {
  await writeFileAtomic(join(folder, name), plotSvg(plot));
  return name;
}
