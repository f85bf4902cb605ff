// Examines the model that was named, or both embedded ones, and writes exam.json and exam.html.
import { basename, join } from "node:path";
import { ImageError } from "@snellen/graph";
import {
  type AuditRow,
  type ExamResult,
  examHtml,
  runExam,
  type SkippedImage,
  skipReason,
  VERDICTS,
} from "snellen";
import { encodePng, ensureFolder, readMask, writeFileAtomic } from "snellen/node";
import type { ExamFlags } from "./commands/exam.ts";
import { EMBEDDED } from "./embedded.ts";
import type { CommandContext } from "./main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags, openWithFlags, required } from "./open.ts";
import { EXIT } from "./terminal.ts";

export async function runExams(
  path: string | undefined,
  flags: ExamFlags,
  context: CommandContext,
): Promise<number> {
  if (path !== undefined) required(flags.images, "images", "photos/");
  const models = path === undefined ? EMBEDDED.models.map((m) => join(EMBEDDED.folder, m)) : [path];
  const images = flags.images ?? [join(EMBEDDED.folder, EMBEDDED.images)];
  const results: { result: ExamResult; folder: string }[] = [];
  for (const model of models) {
    const folder = models.length === 1 ? flags.out : join(flags.out, basename(model, ".onnx"));
    results.push({ result: await examine(model, images, folder, flags, context), folder });
  }
  context.terminal.result(results.length === 1 ? results[0]?.result : results.map((r) => r.result), () =>
    results.map(({ result, folder }) => summary(result, folder)).join("\n\n"),
  );
  return results.some(({ result }) => result.images.skipped.length > 0) ? EXIT.someSkipped : EXIT.done;
}

async function examine(
  path: string,
  inputs: readonly string[],
  folder: string,
  flags: ExamFlags,
  { terminal, signal }: CommandContext,
): Promise<ExamResult> {
  await using model = await openWithFlags(path, flags, terminal);
  const { entries } = await openImagesWithFlags(model, inputs, flags);
  await ensureFolder(folder);
  noteAssumptions(model, entries, flags, terminal);
  const unreadable = new Set<string>();
  const onSkip = (skipped: SkippedImage): void => {
    if (isOwnFault(skipped)) unreadable.add(skipped.source);
    terminal.warn(`skipped ${skipReason(skipped)}`);
  };
  const result = await runExam({
    model,
    modelName: model.name,
    images: { name: inputs.join(", "), entries },
    batch: batchOf(flags),
    encodePng,
    readMask,
    signal,
    onSkip,
    onProgress: (step, done) => terminal.progress(`${model.name}: ${step}`, done),
  });
  if (unreadable.size === entries.length) {
    throw new ImageError("no-readable-image", `none of the ${entries.length} images could be read.`, {
      where: "--images",
    });
  }
  await writeFileAtomic(join(folder, "exam.json"), `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(join(folder, "exam.html"), await examHtml(result));
  terminal.clear();
  return result;
}

/** The picture itself cannot be read, rather than its mask. */
const isOwnFault = ({ source, error }: SkippedImage): boolean =>
  error.where !== undefined && source.startsWith(error.where);

const NAME_WIDTH = 16;

const line = (row: AuditRow): string =>
  `  ${VERDICTS[row.verdict].padEnd(NAME_WIDTH)} ${row.title}\n  ${"".padEnd(NAME_WIDTH)} ${row.summary}`;

const summary = (result: ExamResult, folder: string): string =>
  [
    `${result.model.name}, ${result.images.count} ${result.images.count === 1 ? "image" : "images"}`,
    ...result.audits.map(line),
    `  report: ${join(folder, "exam.html")}`,
  ].join("\n");
