// snellen dataset: our own labelled pictures with exact masks and boxes.
import type { Command } from "commander";
import { closest, UsageError } from "../light.ts";
import type { CommandContext, Wrap } from "../main.ts";
import { type CommonFlags, countOf, integerOf, withCommon } from "../options.ts";
import { EXIT } from "../terminal.ts";

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
}

const DATASETS = ["optotypes"];

export function defineDataset(program: Command, wrap: Wrap): void {
  withCommon(program.command("dataset <name>").description(`make a labelled dataset: ${DATASETS.join(", ")}`))
    .option("--out <folder>", "where images, masks and annotations.json go")
    .option("--count <n>", "number of images", countOf("count"), 100)
    .option("--size <n>", "side of an image in pixels, 64 or more", countOf("size"), 64)
    .option("--seed <n>", "same seed, same images", integerOf("seed"), 0)
    .action(wrap(dataset));
}

async function dataset({ terminal, signal }: CommandContext, name: string, flags: Flags): Promise<number> {
  if (!DATASETS.includes(name)) {
    throw new UsageError("unknown-dataset", `no dataset "${name}".`, {
      where: "dataset",
      hint: `Did you mean "${closest(name, DATASETS)}"? Known: ${DATASETS.join(", ")}.`,
    });
  }
  const [{ required }, { writeOptotypes }] = await Promise.all([
    import("../open.ts"),
    import("../write-optotypes.ts"),
  ]);
  const { count, size, seed } = flags;
  const out = required(flags.out, "out", "optotypes");
  await writeOptotypes({ out, count, size, seed, terminal, signal });
  terminal.result(
    { out, count, size, seed },
    () => `${count} images in ${out}, described in ${out}/annotations.json`,
  );
  return EXIT.done;
}
