// The command line: which commands there are, and what happens to their errors. Each command loads what it needs only when
// it runs, so that `--help` and short commands start at once.

import { Command, CommanderError } from "commander";
import { commands } from "./commands/index.ts";
import { refuseUnknown } from "./commands/refuse-unknown.ts";
import { UsageError, VERSION } from "./light.ts";
import { createTerminal, EXIT, Interrupted, reportError, type Streams, type Terminal } from "./terminal.ts";

/**
 * Runs one command line.
 * @param streams where text goes; default the process' own
 * @returns the exit code: 0 done, 1 our fault, 2 the user's, 3 done with some inputs skipped, 130 interrupted, 143 ended by SIGTERM
 */
export async function run(args: readonly string[], streams: Streams = process): Promise<number> {
  const abort = new AbortController();
  // the second Ctrl-C does not wait for the step under way
  const endBy = (exitCode: number) => (): void =>
    abort.signal.aborted ? process.exit(exitCode) : abort.abort(new Interrupted(exitCode));
  const [interrupt, terminate] = [endBy(EXIT.interrupted), endBy(EXIT.terminated)];
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  try {
    let code: number = EXIT.done;
    const program = createProgram(streams, (action) => async (...given) => {
      const flags = (given.at(-1) as Command).opts();
      const context = { signal: abort.signal, terminal: createTerminal(flags, streams) };
      code = await action(context, ...given.slice(0, -1));
    });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (thrown) {
    // a write that Ctrl-C cut off fails in its own way
    const error = abort.signal.aborted ? abort.signal.reason : thrown;
    const known = error instanceof CommanderError ? usageError(error) : error;
    if (known === undefined) return (error as CommanderError).exitCode === 0 ? EXIT.done : EXIT.userFault;
    return reportError(known, { json: args.includes("--json"), debug: args.includes("--debug") }, streams);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", terminate);
  }
}

export interface CommandContext {
  /** Aborted by Ctrl-C, and by SIGTERM, as schedulers send it. */
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** What a command does once its arguments and flags are read; returns the exit code. */
// biome-ignore lint/suspicious/noExplicitAny: commander hands over arguments and flags as the command declared them
export type Action = (context: CommandContext, ...given: any[]) => Promise<number>;
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Wrap = (action: Action) => (...given: any[]) => Promise<void>;

const EXIT_HELP = `
Exit codes: 0 done; 1 our fault; 2 a mistake in what was given; 3 done, but some inputs could not be used; 130 interrupted;
143 ended by SIGTERM.
With --json, stdout holds one JSON document; an error is one line of JSON on stderr:
{"error": {"code", "message", "where", "hint", "exitCode"}}.`;

function createProgram({ stdout, stderr }: Streams, wrap: Wrap): Command {
  const program = new Command("snellen")
    .description(
      "Eye exams for vision networks: what an ONNX model sees, where it is blind, how it breaks and how to mend it.",
    )
    .version(VERSION, "--version")
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
    })
    .addHelpText("after", EXIT_HELP)
    // flags belong to the command that they stand behind
    .enablePositionalOptions()
    .exitOverride();
  for (const define of commands) define(program, wrap);
  refuseUnknown(program, "command");
  return program;
}

/** Our codes for what commander finds wrong. */
const CODES: Readonly<Record<string, string | undefined>> = {
  "commander.unknownOption": "unknown-flag",
  "commander.missingArgument": "missing-argument",
  "commander.optionMissingArgument": "missing-value",
  "commander.excessArguments": "extra-argument",
};

/** Help and version, which commander has printed. */
const PRINTED: ReadonlySet<string> = new Set([
  "commander.help",
  "commander.helpDisplayed",
  "commander.version",
]);

/** Commander's errors as ours; undefined for what it has printed. */
function usageError({ code, message }: CommanderError): UsageError | undefined {
  if (PRINTED.has(code)) return undefined;
  const [what = "", suggestion = ""] = message.replace(/^error: /, "").split("\n");
  const near = suggestion.replace(/^\((.*)\)$/, "$1 ");
  return new UsageError(CODES[code] ?? "bad-command-line", `${what.replace(/\.$/, "")}.`, {
    hint: `${near}--help lists the flags.`,
  });
}
