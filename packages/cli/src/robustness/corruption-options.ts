// Flags of the commands that corrupt pictures, and how their text becomes data.
import type { Command } from "commander";
import { corruptionLines } from "snellen/registries";
import { UsageError } from "../light.ts";
import { idsOf, integerFrom, seedOf } from "../options.ts";

export interface CorruptionFlags {
  readonly corruptions: string[];
  readonly severity: number[];
  readonly seed: number;
  readonly workers?: number;
  readonly frostTextures?: string;
}

/** Of every command that corrupts pictures. */
export const withWorkers = (command: Command): Command =>
  command.option(
    "--workers <n>",
    "threads that corrupt pictures, 0 for none of their own (default: one a processor)",
    integerFrom("workers", 0),
  );

export const withCorruptions = (command: Command): Command =>
  withWorkers(
    command
      .option("--corruptions <names>", "corruptions and sets of them, comma-separated; see below", idsOf, [
        "common",
      ])
      .option("--severity <list>", "severities: 3, or 1-5, or 1,3,5", severitiesOf, [1, 2, 3, 4, 5])
      .option("--seed <n>", "same seed, same pictures", seedOf, 0),
  ).option(
    "--frost-textures <folder>",
    "photographs of frost in place of drawn crystals (imagecorruptions ships some)",
  );

/** The lines of `--help` that list what `--corruptions` takes. */
export const corruptionHelp = (): string => `
Corruptions (severity 1 to 5 each; ImageNet-C's constants and recipes, arXiv:1903.12261, then our own):
  ${corruptionLines().join("\n  ")}`;

/** One severity, or the first and the last of several. */
const SPAN = /^\s*([1-5])\s*(?:-\s*([1-5])\s*)?$/;

/** `3`, `1-5`, `1,3-5`: each once, in order. @throws UsageError `bad-severity` */
function severitiesOf(text: string): number[] {
  const found = text.split(",").flatMap((part) => {
    const [, first, last = first] = SPAN.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (from <= to) return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    throw new UsageError("bad-severity", `expected severities from 1 to 5, got "${text}".`, {
      where: "--severity",
      hint: "Write --severity 3, --severity 1-5 or --severity 1,3,5.",
    });
  });
  return [...new Set(found)].sort((a, b) => a - b);
}
