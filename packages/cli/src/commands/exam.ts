// snellen exam: the whole eye exam, as exam.json and exam.html. Without arguments, on the embedded models and images.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { type ImageFlags, type ModelFlags, withImages, withModel } from "../options.ts";

export interface ExamFlags extends ModelFlags, ImageFlags {
  readonly out: string;
}

export function defineExam(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("exam [models...]")
        .description("examine models on a folder of images; without arguments, the embedded ones"),
    ),
  )
    .option("--out <folder>", "where exam.json and exam.html go", "snellen-exam")
    .addHelpText("after", EXAM_HELP)
    .action(wrap(exam));
}

const EXAM_HELP = `
Examples: snellen exam resnet50.onnx --images photos
          snellen exam before.onnx after.onnx --images photos --out exams

Writes exam.json (its schema: snellen/exam) and exam.html, one self-contained page; of several models each into a folder of its
own, and each then says how it withstands altered pictures beside the others. What changed against the first model is in
comparison.json and comparison.html beside them; --json prints a list of the exams. Put images into folders named after their classes,
or give --image-labels, to have accuracy judged.`;

async function exam(context: CommandContext, paths: string[], flags: ExamFlags): Promise<number> {
  const { runExams } = await import("../exam/run-exams.ts");
  return runExams(paths, flags, context);
}
