// Flags of every repair, which all end in a mended model and its report.
import type { Command } from "commander";
import { choiceOf } from "../../options.ts";

export interface MendedFlags {
  readonly out?: string;
  readonly snippet?: "pytorch";
  readonly safetensors?: string;
}

export const withMended = (command: Command): Command =>
  command
    .option("-o, --out <file>", "where the mended model goes; the report goes beside it as .json")
    .option(
      "--snippet <language>",
      "write beside the model the code that does the same to a PyTorch model: pytorch",
      choiceOf("snippet", ["pytorch"]),
    )
    .option("--safetensors <file>", "write the mended model's floating-point weights too");
