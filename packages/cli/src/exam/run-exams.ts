// Examines the models that were named, or both embedded ones, and writes exam.json and exam.html of each.
import { join } from "node:path";
import { ImageError } from "@snellen/graph";
import {
  type AuditRow,
  createExamGroup,
  type ExamContext,
  type Examinee,
  type ExamResult,
  examHtml,
  runExam,
  type SkippedImage,
  skipReason,
  VERDICTS,
} from "snellen";
import {
  createCorruptionPool,
  encodePng,
  ensureFolder,
  type OpenedModel,
  readMask,
  writeFileAtomic,
} from "snellen/node";
import type { ExamFlags } from "../commands/exam.ts";
import { EMBEDDED } from "../embedded.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags, openWithFlags, required } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT } from "../terminal.ts";
import { COMPARISON_FILES, comparisonSummary, writeComparison } from "./write-comparison.ts";

/** A model's file, opened, with where its report goes. */
interface Opened extends Examinee {
  readonly model: OpenedModel;
  readonly folder: string;
}

/** What was found, with the folder that it was written into. */
export interface Examined extends Pick<Opened, "name" | "folder"> {
  readonly result: ExamResult;
}

export async function runExams(
  paths: readonly string[],
  flags: ExamFlags,
  context: CommandContext,
): Promise<number> {
  if (paths.length > 0) required(flags.images, "images", "photos/");
  const opened: Opened[] = [];
  try {
    for (const named of namedModels(paths)) opened.push(await open(named, flags, context));
    return await examineAll(opened, flags, context);
  } finally {
    for (const { model } of opened) await model[Symbol.asyncDispose]();
  }
}

interface NamedModel {
  readonly path: string;
  /** Undefined for the only one. */
  readonly subfolder: string | undefined;
  readonly name: string;
}

function namedModels(given: readonly string[]): NamedModel[] {
  const paths = given.length > 0 ? given : EMBEDDED.models.map((file) => join(EMBEDDED.folder, file));
  const names = outputStems(paths, COMPARISON_FILES);
  return paths.map((path, i) => {
    const name = names[i] as string;
    return { path, name, subfolder: paths.length === 1 ? undefined : name };
  });
}

const inputsOf = ({ images }: ExamFlags): readonly string[] =>
  images ?? [join(EMBEDDED.folder, EMBEDDED.images)];

async function open(
  { path, name, subfolder }: NamedModel,
  flags: ExamFlags,
  { terminal }: CommandContext,
): Promise<Opened> {
  const model = await openWithFlags(path, flags, terminal);
  const inputs = inputsOf(flags);
  const { entries } = await openImagesWithFlags(model, inputs, flags, terminal);
  const folder = subfolder === undefined ? flags.out : join(flags.out, subfolder);
  await ensureFolder(folder);
  noteAssumptions(model, entries, flags, terminal);
  return { name, model, folder, images: { name: inputs.join(", "), entries } };
}

async function examineAll(
  opened: readonly Opened[],
  flags: ExamFlags,
  context: CommandContext,
): Promise<number> {
  const group = createExamGroup(opened);
  await using corruptor = createCorruptionPool();
  const results: Examined[] = [];
  for (const own of opened) {
    const result = await examine(own, { group, corruptor, batch: batchOf(flags) }, context);
    results.push({ name: own.name, result, folder: own.folder });
  }
  const comparison = results.length === 1 ? undefined : await writeComparison(results, flags.out);
  context.terminal.result(results.length === 1 ? results[0]?.result : results.map((r) => r.result), () =>
    [
      ...results.map(({ result, folder }) => summary(result, folder)),
      ...(comparison === undefined ? [] : [comparisonSummary(comparison, flags.out)]),
    ].join("\n\n"),
  );
  return results.some(({ result }) => result.images.skipped.length > 0) ? EXIT.someSkipped : EXIT.done;
}

async function examine(
  { model, images, folder }: Opened,
  shared: Pick<ExamContext, "group" | "corruptor" | "batch">,
  { terminal, signal }: CommandContext,
): Promise<ExamResult> {
  const unreadable = new Set<string>();
  const onSkip = (skipped: SkippedImage): void => {
    if (isOwnFault(skipped)) unreadable.add(skipped.source);
    terminal.warn(`skipped ${skipReason(skipped)}`);
  };
  const result = await runExam({
    ...shared,
    model,
    modelName: model.name,
    images,
    encodePng,
    readMask,
    signal,
    onSkip,
    onProgress: (step, done) => terminal.progress(`${model.name}: ${step}`, done),
  });
  const { length } = images.entries;
  if (unreadable.size === length) {
    throw new ImageError("no-readable-image", `none of the ${length} images could be read.`, {
      where: "--images",
    });
  }
  await writeFileAtomic(join(folder, "exam.json"), `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(join(folder, "exam.html"), examHtml(result));
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
