// snellen dataset: our own labelled pictures with exact masks and boxes.
import { UsageError } from "@snellen/graph";
import type { Command } from "commander";
import type { Wrap } from "../main.ts";
import { required } from "../open.ts";
import { type CommonFlags, countOf, withCommon } from "../options.ts";
import { createTerminal, EXIT } from "../terminal.ts";

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly count: number;
  readonly size: number;
  readonly seed: string;
}

const DATASETS = ["optotypes"];

export function defineDataset(program: Command, wrap: Wrap): void {
  withCommon(program.command("dataset <name>").description(`make a labelled dataset: ${DATASETS.join(", ")}`))
    .option("--out <folder>", "where images, masks and annotations.json go")
    .option("--count <n>", "number of images", countOf("count"), 100)
    .option("--size <n>", "side of an image in pixels, 64 or more", countOf("size"), 64)
    .option("--seed <n>", "same seed, same images", "0")
    .action(wrap(dataset));
}

async function dataset(signal: AbortSignal, name: string, flags: Flags): Promise<number> {
  if (!DATASETS.includes(name)) {
    throw new UsageError("unknown-dataset", `no dataset "${name}".`, {
      where: "dataset",
      hint: `Known: ${DATASETS.join(", ")}.`,
    });
  }
  const out = required(flags.out, "out", "optotypes");
  const seed = Number(flags.seed);
  if (!Number.isInteger(seed))
    throw new UsageError("bad-seed", `expected a whole number, got "${flags.seed}".`, {
      where: "--seed",
      hint: "Write --seed 7.",
    });
  const terminal = createTerminal(flags);
  const { writeOptotypes } = await import("../write-optotypes.ts");
  const written = await writeOptotypes({ out, count: flags.count, size: flags.size, seed, terminal, signal });
  terminal.result(
    { out, count: flags.count, size: flags.size, seed },
    () => `${written} images in ${out}, described in ${out}/annotations.json`,
  );
  return EXIT.done;
}
