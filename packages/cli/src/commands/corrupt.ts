// snellen corrupt: pictures under ImageNet-C's corruptions and ours, as files, with a contact sheet.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { type CommonFlags, integerFrom, withCommon } from "../options.ts";
import { type CorruptionFlags, corruptionHelp, withCorruptions } from "../robustness/corruption-options.ts";

export interface CorruptFlags extends CommonFlags, CorruptionFlags {
  readonly out: string;
  readonly sheets: number;
  readonly resume?: boolean;
}

export function defineCorrupt(program: Command, wrap: Wrap): void {
  withCorruptions(
    withCommon(
      program
        .command("corrupt <images...>")
        .description("pictures under noise, blur, weather and other corruptions, as PNG files"),
    ),
  )
    .option("--out <folder>", "where the pictures go", "snellen-corrupted")
    .option("--sheets <n>", "contact sheets of the first so many pictures", integerFrom("sheets", 0), 1)
    .option("--resume", "leave pictures that an interrupted run with the same settings wrote")
    .addHelpText("after", help)
    .action(wrap(runCorrupt));
}

const help = (): string => `
Example: snellen corrupt photos --out corrupted --corruptions common,contrast_enhancement --severity 1-5 --seed 0

Writes <image>__<corruption>__<severity>.png for every picture, corruption and severity, contact sheets of the first pictures
(sheet__<image>.png) and corruptions.json, which lists everything. Pictures keep their size, from 32x32 to 8192x8192. Equal
pictures and seeds give equal files, whatever the number of workers.
${corruptionHelp()}
Frost is drawn from procedural crystals; --frost-textures takes photographs. Exit code 3: some pictures could not be read.`;

async function runCorrupt(context: CommandContext, images: string[], flags: CorruptFlags): Promise<number> {
  const { writeCorrupted } = await import("../robustness/write-corrupted.ts");
  return await writeCorrupted(images, flags, context);
}
