// The whole exam of the open model on the images that are there: the same gatherers and audits as on the command line.
import { UsageError } from "@snellen/graph";
import { parseExam } from "snellen/exam";
import { createCorruptor, createExamGroup, type ExamResult, encodePng, runExam } from "snellen/web";
import type { Handler, StepProgress } from "../handler.ts";

/** As on the command line. */
const BATCH = 8;

export const exam: Handler<Record<string, never>, ExamResult, StepProgress> = async (
  _,
  { opened, signal, progress },
) => {
  const { bytes, vision } = opened.model();
  const { entries, name, readMask } = opened.images;
  const images = { name, entries };
  await using corruptor = createCorruptor();
  return await runExam({
    model: vision,
    modelName: bytes.name,
    images,
    batch: BATCH,
    readMask,
    corruptor,
    encodePng,
    group: createExamGroup([{ name: bytes.name, model: vision, images }]),
    signal,
    onProgress: (step, done) => progress({ step, done }),
  });
};

/** An exam.json that was made before, checked. @throws UsageError `bad-exam` */
export const readExam: Handler<{ readonly file: Blob }, ExamResult> = async ({ file }) => {
  const hint = "Give an exam.json, as snellen exam writes it.";
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (cause) {
    throw new UsageError("bad-exam", "the file is not JSON.", { hint, cause });
  }
  try {
    return parseExam(json);
  } catch (cause) {
    throw new UsageError("bad-exam", "the JSON is no exam, or one of another version.", { hint, cause });
  }
};
