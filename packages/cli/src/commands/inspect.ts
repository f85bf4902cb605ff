// snellen inspect: what a model file says about itself, before anything is run.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { type ModelFlags, withModel } from "../options.ts";
import { EXIT } from "../terminal.ts";

interface Flags extends ModelFlags {
  readonly layers?: boolean;
  readonly graph?: boolean;
}

export function defineInspect(program: Command, wrap: Wrap): void {
  withModel(program.command("inspect <model>").description("print what a model takes, gives and holds"))
    .option("--layers", "list every feature layer")
    .option("--graph", "print the canonical graph as text, and nothing else")
    .action(wrap(inspect));
}

async function inspect({ terminal }: CommandContext, path: string, flags: Flags): Promise<number> {
  if (flags.graph === true) {
    const { canonicalGraphText } = await import("../graph/graph-text.ts");
    const text = await canonicalGraphText(path, flags);
    terminal.result({ graph: text }, () => text);
    return EXIT.done;
  }
  const [{ inspection }, { openWithFlags }, { inspectionText }] = await Promise.all([
    import("snellen"),
    import("../open.ts"),
    import("../graph/inspection-text.ts"),
  ]);
  await using model = await openWithFlags(path, flags, terminal);
  const found = inspection(model.info, model.name);
  terminal.result(found, () => inspectionText(found, flags.layers === true));
  return EXIT.done;
}
