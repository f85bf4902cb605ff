// Flags that several commands share, and how their text becomes data. The flags' meaning is the library's business.
import type { Command } from "commander";
import { UsageError } from "./light.ts";

export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export interface ModelFlags extends CommonFlags {
  readonly input?: string;
  readonly output?: string;
  readonly size?: [number, number];
  readonly dim?: Record<string, number>;
  readonly labels?: string;
  readonly preset?: string;
  readonly mean?: number[];
  readonly std?: number[];
  readonly range?: string;
  readonly channels?: string;
  readonly resize?: string;
  readonly interpolation?: string;
  readonly threads?: number;
  readonly device?: string;
}

export interface ImageFlags {
  readonly images?: string[];
  readonly imageLabels?: string;
  readonly batch?: number;
}

/** Images run at a time without --batch. */
export const DEFAULT_BATCH = 8;

export const withCommon = (command: Command): Command =>
  command
    .option("--json", "print one JSON document on stdout, errors as JSON on stderr")
    .option("--quiet", "print no notes and no progress")
    .option("--debug", "print stack traces");

export const withModel = (command: Command): Command =>
  withCommon(command)
    .option("--input <name>", "graph input that takes the image, where several could")
    .option("--output <value>", "output or value that holds the scores")
    .option("--size <n|HxW>", "input size, where the model leaves it open (default 224)", sizeOf)
    .option("--dim <name=n...>", "size of another open dimension", dimOf)
    .option("--labels <file>", "class names: one a line, or JSON")
    .option("--preset <name>", "preprocessing: imagenet, inception, clip, unit or none")
    .option("--mean <a,b,c>", "mean per channel, in units of --range", numbersOf("mean"))
    .option("--std <a,b,c>", "standard deviation per channel", numbersOf("std"))
    .option("--range <range>", "pixel range before mean and std: 0..1, 0..255 or -1..1")
    .option("--channels <order>", "RGB, BGR or gray")
    .option("--resize <how>", "squash, crop or pad")
    .option("--interpolation <kind>", "nearest, box, bilinear, bicubic or lanczos")
    .option("--threads <n>", "threads of the runtime (default: physical cores)", countOf("threads"))
    .option("--device <name>", "cpu, cuda, coreml, dml or webgpu", "cpu");

export const withImages = (command: Command): Command =>
  command
    .option("--images <path...>", "image files, folders, globs, or .npy batches [N, C, H, W]")
    .option("--image-labels <file>", "true classes: CSV `file,label` or JSON (default: folder names)")
    .option("--batch <n>", `images run at a time (default: ${DEFAULT_BATCH})`, countOf("batch"));

const fail = (flag: string, what: string, hint: string): UsageError =>
  new UsageError(`bad-${flag}`, what, { where: `--${flag}`, hint });

/** A number as people write it: no hex, no empty text, nothing infinite. */
const read = (text: string): number => (NUMBER.test(text.trim()) ? Number(text) : Number.NaN);

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

function numbersOf(flag: string) {
  return (text: string): number[] => {
    const values = text.split(",").map(read);
    if (values.every(Number.isFinite)) return values;
    throw fail(flag, `expected numbers between commas, got "${text}".`, `Write --${flag} 0.5,0.5,0.5.`);
  };
}

/** A whole number of at least one. */
export const countOf = (flag: string) => integerFrom(flag, 1);

/** A whole number of at least `from`, and at most `to`. */
export function integerFrom(flag: string, from: number, to = Number.MAX_SAFE_INTEGER) {
  const range = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`;
  return (text: string): number => {
    const value = read(text);
    if (Number.isSafeInteger(value) && value >= from && value <= to) return value;
    throw fail(flag, `expected a whole number ${range}, got "${text}".`, `Write --${flag} 8.`);
  };
}

const LARGEST_SEED = 2 ** 31 - 1;

/** A seed: random streams have keys of 32 bits, so that larger numbers would give the draws of smaller ones. */
export const seedOf = integerFrom("seed", -LARGEST_SEED, LARGEST_SEED);

/** A number between two bounds, `above` itself not included. */
export function numberOf(
  flag: string,
  bounds: { above?: number; from?: number; to?: number },
  example: number,
) {
  return (text: string): number => {
    const value = read(text);
    const { above = Number.NEGATIVE_INFINITY, from = above, to = Number.MAX_VALUE } = bounds;
    if (Number.isFinite(value) && value > above && value >= from && value <= to) return value;
    const range = bounds.above === undefined ? `from ${from} to ${to}` : `above ${above}`;
    throw fail(flag, `expected a number ${range}, got "${text}".`, `Write --${flag} ${example}.`);
  };
}

/** Ids between commas, each once. */
export const idsOf = (text: string): string[] => [...new Set(text.split(",").map((id) => id.trim()))];

/** Collects the values of a flag that may be given more than once. */
export const another = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** One of some words. */
export function choiceOf<T extends string>(flag: string, choices: readonly T[]) {
  return (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw fail(flag, `unknown value "${text}".`, `Write one of ${choices.join(", ")}.`);
  };
}

function sizeOf(text: string): [number, number] {
  const sides = text.split(/[x×]/).map(read);
  const [height, width = height] = sides;
  const isSide = (n: number | undefined): n is number => n !== undefined && Number.isSafeInteger(n) && n >= 1;
  if (sides.length <= 2 && isSide(height) && isSide(width)) return [height, width];
  throw fail(
    "size",
    `expected a side or HEIGHTxWIDTH, got "${text}".`,
    "Write --size 224 or --size 240x320.",
  );
}

/** Adds `name=size` to the sizes given before it. */
export function dimOf(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [, name, size] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
  if (name === undefined || Number(size) < 1)
    throw fail("dim", `expected name=size, got "${text}".`, "Write --dim height=224.");
  return { ...before, [name]: Number(size) };
}
