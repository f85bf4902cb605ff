// Tokens of ONNX's text syntax, read one after another with the line kept for messages.
// Source: onnx/docs/Syntax.md (comments run from `#` to the end of the line).
import { ModelError } from "./errors.ts";

const SPACE = /(?:\s|#[^\n]*)+/y;
const WORD = /[A-Za-z_]\w*/y;
const NUMBER = /-?(?:inf(?:inity)?\b|nan\b|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)/iy;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const INTEGER = /^-?\d+$/;

export interface NumberToken {
  readonly text: string;
  readonly isInteger: boolean;
  readonly value: number;
}

export interface Scanner {
  /** True when the text continues with this punctuation; nothing is consumed. */
  sees(punctuation: string): boolean;
  /** Consumes the punctuation if it is there. */
  takes(punctuation: string): boolean;
  /** Consumes the punctuation or fails. */
  expect(punctuation: string): void;
  peekWord(): string | undefined;
  word(what: string): string;
  number(): NumberToken | undefined;
  string(): string | undefined;
  atEnd(): boolean;
  fail(expected: string): never;
}

/** A scanner over `text`; its failures are ModelErrors `bad-graph-text` with line and column. */
export function makeScanner(text: string): Scanner {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const skip = () => {
    at += match(SPACE)?.length ?? 0;
  };
  const take = (found: string | undefined): string | undefined => {
    if (found === undefined) return undefined;
    at += found.length;
    skip();
    return found;
  };
  const sees = (punctuation: string) => text.startsWith(punctuation, at);
  const fail = (expected: string): never => {
    const before = text.slice(0, at).split("\n");
    const got = at >= text.length ? "the end" : JSON.stringify(text.slice(at, at + 20).split("\n")[0]);
    throw new ModelError("bad-graph-text", `expected ${expected}, got ${got}.`, {
      where: `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`,
    });
  };
  skip();
  return {
    sees,
    takes: (punctuation) => sees(punctuation) && take(punctuation) !== undefined,
    expect: (punctuation) => {
      if (!sees(punctuation)) fail(`"${punctuation}"`);
      take(punctuation);
    },
    peekWord: () => match(WORD),
    word: (what) => take(match(WORD)) ?? fail(what),
    number: () => {
      const found = take(match(NUMBER));
      return found === undefined
        ? undefined
        : { text: found, isInteger: INTEGER.test(found), value: toNumber(found) };
    },
    string: () => {
      const found = take(match(STRING));
      return found?.slice(1, -1).replace(/\\(.)/gs, "$1");
    },
    atEnd: () => at >= text.length,
    fail,
  };
}

function toNumber(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  if (/inf/i.test(text)) return sign * Number.POSITIVE_INFINITY;
  return /nan/i.test(text) ? Number.NaN : Number(text);
}
