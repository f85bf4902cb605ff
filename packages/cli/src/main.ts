// The command line: which commands there are, and what happens to their errors. Each command loads what it needs only when
// it runs, so that `--help` and short commands start at once.

import { Command, CommanderError } from "commander";
import { commands } from "./commands/index.ts";
import { closest, UsageError, VERSION } from "./light.ts";
import { EXIT, reportError } from "./terminal.ts";

/** Runs one command line and returns the exit code: 0 done, 1 our fault, 2 the user's, 3 done with some inputs skipped. */
export async function run(args: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once("SIGINT", interrupt);
  try {
    let code: number = EXIT.done;
    const program = createProgram((action) => async (...given) => {
      code = await action(abort.signal, ...given);
    });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.userFault;
    return reportError(error, debug);
  } finally {
    process.off("SIGINT", interrupt);
  }
}

/** What a command does once its flags are read. */
// biome-ignore lint/suspicious/noExplicitAny: commander hands over arguments and flags as the command declared them
export type Action = (signal: AbortSignal, ...given: any[]) => Promise<number>;
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Wrap = (action: Action) => (...given: any[]) => Promise<void>;

export function createProgram(wrap: Wrap): Command {
  const program = new Command("snellen")
    .description(
      "Eye exams for vision networks: what an ONNX model sees, where it is blind, how it breaks and how to mend it.",
    )
    .version(VERSION, "--version")
    .showHelpAfterError("(run with --help for the flags)")
    .exitOverride();
  for (const define of commands) define(program, wrap);
  program.on("command:*", ([name]: string[]) => {
    const names = program.commands.map((c) => c.name());
    throw new UsageError("unknown-command", `no command "${name}".`, {
      hint: `Did you mean "${closest(name ?? "", names)}"? Known: ${names.join(", ")}.`,
    });
  });
  for (const command of program.commands) command.exitOverride();
  return program;
}
