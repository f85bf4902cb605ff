// snellen inspect: what a model file says about itself, before anything is run.
import type { Command } from "commander";
import type { Wrap } from "../main.ts";
import { openWithFlags } from "../open.ts";
import { type ModelFlags, withModel } from "../options.ts";
import { createTerminal, EXIT } from "../terminal.ts";

interface Flags extends ModelFlags {
  readonly layers?: boolean;
  readonly graph?: boolean;
}

export function defineInspect(program: Command, wrap: Wrap): void {
  withModel(program.command("inspect <model>").description("print what a model takes, gives and holds"))
    .option("--layers", "list every feature layer")
    .option("--graph", "print the canonical graph as text")
    .action(wrap(inspect));
}

async function inspect(_signal: AbortSignal, path: string, flags: Flags): Promise<number> {
  const terminal = createTerminal(flags);
  if (flags.graph === true) {
    const { canonicalGraphText } = await import("../graph-text.ts");
    const text = await canonicalGraphText(path, flags);
    terminal.result({ graph: text }, () => text);
    return EXIT.done;
  }
  await using model = await openWithFlags(path, flags);
  const { inspection, inspectionText } = await import("../inspection.ts");
  const found = inspection(model.info, model.name);
  terminal.result(found, () => inspectionText(found, flags.layers === true));
  return EXIT.done;
}
