// A word that names no command: says which ones there are, and which was probably meant.
import type { Command } from "commander";
import { closest, UsageError } from "../light.ts";

/** @param noun what the commands below `command` are called in messages */
export function refuseUnknown(command: Command, noun: string): void {
  command.on("command:*", ([name = ""]: string[]) => {
    const names = command.commands.map((known) => known.name());
    throw new UsageError(`unknown-${noun}`, `no ${noun} "${name}".`, {
      ...(command.parent === null ? {} : { where: command.name() }),
      hint: `Did you mean "${closest(name, names)}"? Known: ${names.join(", ")}.`,
    });
  });
}
