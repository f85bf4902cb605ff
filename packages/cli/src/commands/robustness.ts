// snellen robustness: how models break under corruptions, as a benchmark of one or several over a folder of images.
import type { Command } from "commander";
import { UsageError } from "../light.ts";
import type { CommandContext, Wrap } from "../main.ts";
import {
  type CommonFlags,
  choiceOf,
  countOf,
  type ImageFlags,
  type ModelFlags,
  withCommon,
  withImages,
  withModel,
} from "../options.ts";
import { type CorruptionFlags, corruptionHelp, withCorruptions } from "../robustness/corruption-options.ts";

/** Part `index` of `of`, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface ReportFlags extends CommonFlags {
  readonly reference?: string;
  readonly out: string;
}

export interface RobustnessFlags extends ModelFlags, ImageFlags, CorruptionFlags, ReportFlags {
  readonly networks?: string;
  readonly n?: number;
  readonly at: "input" | "picture";
  readonly outcome?: "class" | "agreement";
  readonly shard?: Shard;
  readonly resume?: boolean;
}

const withReport = (command: Command): Command =>
  command
    .option(
      "--reference <name>",
      "whose errors count as 1: alexnet (published), or one of the models by its name in the tables",
    )
    .option("--out <folder>", "where robustness.json, .csv and .html go", "snellen-robustness");

export function defineRobustness(program: Command, wrap: Wrap): void {
  const command = withReport(
    withCorruptions(
      withImages(
        withModel(
          program
            .command("robustness [model...]")
            .description("accuracy under corruptions: mCE, curves and calibration of one model or several"),
        ),
      ),
    ),
  )
    .option("--n <count>", "at most so many images, evenly over those given", countOf("n"))
    .option(
      "--at <where>",
      "corrupt the input, resized and cropped as the network gets it (ImageNet-C), or the whole picture before",
      choiceOf("at", ["input", "picture"]),
      "input",
    )
    .option(
      "--outcome <kind>",
      "class, or agreement of the whole output with the clean picture's (default: by output and labels)",
      choiceOf("outcome", ["class", "agreement"]),
    )
    .option(
      "--networks <file>",
      'JSON list of further models with flags of their own: {"networks": [{"model": "a.onnx", "preset": "inception"}]}',
    )
    .option("--shard <i/n>", "only part i of n of the images, to be merged later", shardOf)
    .option("--resume", "go on where an interrupted run with the same settings stood")
    .addHelpText("after", help)
    // what stands behind "merge" is merge's
    .enablePositionalOptions()
    .action(wrap(runRobustness));
  withReport(withCommon(command.command("merge <folder...>").description("put the shards of a run together")))
    .addHelpText("after", MERGE_HELP)
    .action(wrap(mergeRobustness));
}

const help = (): string => `
Examples: snellen robustness resnet50.onnx vit.onnx --images photos --corruptions all --out robustness
          snellen robustness net.onnx --images photos --shard 2/4 --out part2
          snellen robustness merge part1 part2 part3 part4 --out robustness

Every image meets every corruption at every severity. Of each model: accuracy and error with 95 % intervals, corruption errors, mCE
and relative mCE (against AlexNet's published errors unless --reference says otherwise), share of predictions that change from one
severity to the next, calibration. Each figure tells how many images it stands on. Without labels, and for outputs that are
no single class (masks, embeddings), agreement with the clean picture's output takes the place of accuracy.
Writes robustness.json; robustness.csv (a row a model and condition), robustness-corruptions.csv, robustness-summary.csv;
robustness.html (curves and heat maps); and robustness.jsonl, the journal that --resume and merge go by. A run that is killed loses one batch at most, and ends in the same tables.
${corruptionHelp()}
Exit code 3: done, but some images could not be read.`;

const MERGE_HELP = `
Example: snellen robustness merge part1 part2 part3 --out robustness

Each folder is the --out of a run with --shard i/n of the same models, images, corruptions and seed: its journal is read. What
is still missing is counted and left out of the figures.`;

/** @throws UsageError `bad-shard` */
function shardOf(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new UsageError("bad-shard", `expected a part and the number of parts, got "${text}".`, {
    where: "--shard",
    hint: "Write --shard 1/4 to --shard 4/4.",
  });
}

async function runRobustness(
  context: CommandContext,
  paths: string[],
  flags: RobustnessFlags,
): Promise<number> {
  const { writeRobustness } = await import("../robustness/write-robustness.ts");
  return await writeRobustness(paths, flags, context);
}

async function mergeRobustness(
  context: CommandContext,
  folders: string[],
  flags: ReportFlags,
): Promise<number> {
  const { mergeShards } = await import("../robustness/merge-robustness.ts");
  return await mergeShards(folders, flags, context);
}
