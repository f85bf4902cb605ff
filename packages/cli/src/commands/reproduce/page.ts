// Flags of every experiment, which all end in a page that an interrupted run goes on towards.
import type { Command } from "commander";
import { seedOf } from "../../options.ts";

export interface PageFlags {
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

/**
 * @param id of the experiment, after which its files are called
 * @param seeded what the seed is of
 */
export const withPage = (command: Command, id: string, seeded: string): Command =>
  command
    .option("--seed <n>", `seed of ${seeded}`, seedOf, 0)
    .option("--out <folder>", `where ${id}.md, .html and .json go`, "snellen-reproduce")
    .option("--resume", "keep what an earlier run with the same settings made");

export const withNetworks = (command: Command): Command =>
  command.option("--networks <file>", "JSON list of networks, each with its images and preprocessing");
