// snellen dataset: our own labelled pictures with exact masks and boxes.
import type { Command } from "commander";
import { drawnSet, drawnSets } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import { type CommonFlags, countOf, seedOf, withCommon } from "../options.ts";
import { EXIT } from "../terminal.ts";

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly count: number;
  readonly size?: number;
  readonly seed: number;
}

export function defineDataset(program: Command, wrap: Wrap): void {
  const names = drawnSets.map(({ id, summary }) => `${id} (${summary})`);
  withCommon(program.command("dataset <name>").description(`make a labelled dataset: ${names.join(", ")}`))
    .option("--out <folder>", "where images, masks and annotations.json go")
    .option("--count <n>", "number of images", countOf("count"), 100)
    .option("--size <n>", "side of an image in pixels (default 64)", countOf("size"))
    .option("--seed <n>", "same seed, same images", seedOf, 0)
    .action(wrap(dataset));
}

async function dataset({ terminal, signal }: CommandContext, name: string, flags: Flags): Promise<number> {
  const set = drawnSet(name);
  const [{ required }, { writeDrawnSet }] = await Promise.all([
    import("../open.ts"),
    import("../training/write-drawn-set.ts"),
  ]);
  const { count, seed, size = set.size.usual } = flags;
  const out = required(flags.out, "out", set.id);
  await writeDrawnSet({ set, out, count, size, seed, terminal, signal });
  terminal.result(
    { out, count, size, seed },
    () => `${count} images in ${out}, described in ${out}/annotations.json`,
  );
  return EXIT.done;
}
