// snellen exam: the whole eye exam, as exam.json and exam.html. Without arguments, on the embedded models and images.
import type { Command } from "commander";
import type { Wrap } from "../main.ts";
import { type ImageFlags, type ModelFlags, withImages, withModel } from "../options.ts";
import { createTerminal } from "../terminal.ts";

export interface ExamFlags extends ModelFlags, ImageFlags {
  readonly out: string;
}

export function defineExam(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("exam [model]")
        .description("examine a model on a folder of images; without arguments, the embedded ones"),
    ),
  )
    .option("--out <folder>", "where exam.json and exam.html go", "snellen-exam")
    .action(wrap(exam));
}

async function exam(signal: AbortSignal, path: string | undefined, flags: ExamFlags): Promise<number> {
  const terminal = createTerminal(flags);
  const { runExams } = await import("../run-exams.ts");
  return runExams(path, flags, terminal, signal);
}
