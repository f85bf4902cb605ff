// How commands speak: results on stdout, everything else on stderr, progress only where somebody watches.
import { SnellenError } from "@snellen/graph";
import pc from "picocolors";

/** What a command reports beside its result. */
export const EXIT = { done: 0, ourFault: 1, userFault: 2, someSkipped: 3, interrupted: 130 } as const;

export interface TerminalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export interface Terminal {
  /** One line for people, on stderr; silent with --quiet. */
  note(text: string): void;
  warn(text: string): void;
  /** The result: one JSON document with --json, else the text (made only when needed). */
  result(json: unknown, text: () => string): void;
  /** Shows the share done of a long step; only on a terminal. */
  progress(step: string, done: number): void;
  /** Takes the progress line away. */
  clear(): void;
}

const BAR = 24;

export function createTerminal(options: TerminalOptions): Terminal {
  const live = process.stderr.isTTY === true && options.quiet !== true;
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write("\r\x1b[2K");
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    process.stderr.write(`${text}\n`);
  };
  return {
    clear,
    note: (text) => {
      if (options.quiet !== true) line(text);
    },
    warn: (text) => line(`${pc.yellow("warning:")} ${text}`),
    result: (json, text) => {
      clear();
      process.stdout.write(`${options.json === true ? JSON.stringify(json, null, 2) : text()}\n`);
    },
    progress: (step, done) => {
      if (!live) return;
      const filled = Math.round(BAR * Math.min(1, done));
      process.stderr.write(
        `\r\x1b[2K${step} ${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${Math.round(100 * done)} %`,
      );
      shown = true;
    },
  };
}

/** Prints an error and returns the exit code it means. */
export function reportError(error: unknown, debug: boolean): number {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  if (error instanceof Error && error.name === "AbortError") {
    process.stderr.write("interrupted; nothing half-written was left.\n");
    return EXIT.interrupted;
  }
  const known = error instanceof SnellenError;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${pc.red("error:")} ${known ? text : `internal: ${text}`}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n${causes(error)}`);
  else if (!known || !error.userFault)
    process.stderr.write("This is our fault. Run it again with --debug and report what it prints.\n");
  return known && error.userFault ? EXIT.userFault : EXIT.ourFault;
}

function causes(error: Error): string {
  return error.cause instanceof Error ? `caused by ${error.cause.stack}\n${causes(error.cause)}` : "";
}
