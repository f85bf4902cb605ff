// How commands speak: results on stdout, everything else on stderr, progress only where somebody watches.
import { SnellenError } from "@snellen/graph";
import pc from "picocolors";

/** What a command reports beside its result. */
export const EXIT = {
  done: 0,
  ourFault: 1,
  userFault: 2,
  someSkipped: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** Why work stopped that a signal ended. */
export class Interrupted extends Error {
  override readonly name = "AbortError";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted");
    this.exitCode = exitCode;
  }
}

/** Where text goes: the process' own streams, or what a test catches it with. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

export interface TerminalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
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
const CLEAR_LINE = "\r\x1b[2K";

/** Names of files and classes are others' text: control characters in them must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const printable = (text: string): string => text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\ufffd");

export function createTerminal(options: TerminalOptions, { stdout, stderr }: Streams): Terminal {
  const live = stderr.isTTY === true && options.quiet !== true;
  const colors = pc.createColors(stderr.isTTY === true);
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write(CLEAR_LINE);
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    stderr.write(`${text}\n`);
  };
  return {
    clear,
    note: (text) => {
      if (options.quiet !== true) line(printable(text));
    },
    warn: (text) => line(`${colors.yellow("warning:")} ${printable(text)}`),
    result: (json, text) => {
      clear();
      stdout.write(`${options.json === true ? JSON.stringify(json, null, 2) : printable(text())}\n`);
    },
    progress: (step, done) => {
      if (!live) return;
      const filled = Math.round(BAR * Math.min(1, done));
      const bar = `${"█".repeat(filled)}${"░".repeat(BAR - filled)}`;
      stderr.write(`${CLEAR_LINE}${printable(step)} ${bar} ${Math.round(100 * done)} %`);
      shown = true;
    },
  };
}

/** Of a file that is opened again: what its flags and pictures made the terminal say need not be said twice. */
export const saidBefore = (terminal: Terminal): Terminal => ({
  ...terminal,
  note: () => {},
  warn: () => {},
});

/** Prints an error, as a line of JSON with --json, and returns the exit code that it means. */
export function reportError(
  error: unknown,
  options: { readonly json: boolean; readonly debug: boolean },
  { stderr }: Streams,
): number {
  const found = described(error);
  if (stderr.isTTY === true) stderr.write(CLEAR_LINE);
  if (options.json) {
    stderr.write(`${JSON.stringify({ error: found })}\n`);
  } else {
    const colors = pc.createColors(stderr.isTTY === true);
    stderr.write(`${colors.red("error:")} ${printable(found.message)}\n`);
    if (found.exitCode === EXIT.ourFault && !options.debug)
      stderr.write("This is our fault. Run it again with --debug and report what it prints.\n");
  }
  if (options.debug && error instanceof Error) stderr.write(`${error.stack}\n${causes(error)}`);
  return found.exitCode;
}

/** What `--json` prints on stderr of an error; part of the command line's contract. */
interface DescribedError {
  readonly code: string;
  readonly message: string;
  readonly where: string | null;
  readonly hint: string | null;
  readonly exitCode: number;
}

function described(error: unknown): DescribedError {
  if (error instanceof Error && error.name === "AbortError") {
    const message = "interrupted; nothing half-written was left.";
    const exitCode = error instanceof Interrupted ? error.exitCode : EXIT.interrupted;
    return { code: "interrupted", message, where: null, hint: null, exitCode };
  }
  if (error instanceof SnellenError) {
    const { code, message, where = null, hint = null, userFault } = error;
    return { code, message, where, hint, exitCode: userFault ? EXIT.userFault : EXIT.ourFault };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `internal: ${text}`, where: null, hint: null, exitCode: EXIT.ourFault };
}

function causes(error: Error): string {
  return error.cause instanceof Error ? `caused by ${error.cause.stack}\n${causes(error.cause)}` : "";
}
