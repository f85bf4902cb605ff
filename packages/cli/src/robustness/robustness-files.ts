// The files and the text of a robustness run, whole or in part.
import { join } from "node:path";
import {
  corruptionCsv,
  hasCorruptionErrors,
  isSameTask,
  type RobustnessResult,
  robustnessCsv,
  robustnessHtml,
  robustnessResult,
  shareText,
  summaryCsv,
} from "snellen";
import { writeFileAtomic } from "snellen/node";
import type { ReportFlags } from "../commands/robustness.ts";
import { csvText } from "../csv.ts";
import { shareWithHalf } from "../estimate-text.ts";
import { tableText } from "../tables.ts";
import type { RunIdentity } from "./robustness-identity.ts";
import type { Ledger } from "./robustness-journal.ts";

/** Writes what is known so far. @throws UsageError `unknown-reference` */
export async function writeResult(
  { observations, skipped }: Ledger,
  { images, seed }: RunIdentity,
  { out, reference }: ReportFlags,
): Promise<RobustnessResult> {
  const result = robustnessResult(observations, {
    images: { name: images.name, skipped: skipped().map(({ source, reason }) => ({ source, reason })) },
    seed,
    reference,
  });
  await writeFileAtomic(join(out, "robustness.json"), `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(join(out, "robustness.csv"), csvText(robustnessCsv(result)));
  await writeFileAtomic(join(out, "robustness-corruptions.csv"), csvText(corruptionCsv(result)));
  await writeFileAtomic(join(out, "robustness-summary.csv"), csvText(summaryCsv(result)));
  await writeFileAtomic(join(out, "robustness.html"), robustnessHtml(result));
  return result;
}

/** What people read on the terminal: a row a model, and how two models compare. */
export function robustnessText(result: RobustnessResult, out: string): string {
  const { models, comparisons, images } = result;
  const hasErrors = hasCorruptionErrors(result);
  const table = tableText(
    [
      ...["model", "images", "clean error", "mean error"],
      ...(hasErrors ? ["CE", "relative CE"] : []),
      ...["agreement", "flips", "ECE"],
    ],
    models.map(({ name, summary: s }) => [
      name,
      s.agreement.n,
      shareWithHalf(s.cleanError),
      shareWithHalf(s.meanError),
      ...(hasErrors ? [shareWithHalf(s.mce), shareWithHalf(s.relativeMce)] : []),
      shareWithHalf(s.agreement),
      shareWithHalf(s.flips),
      `${shareText(s.ece.clean)} → ${shareText(s.ece.corrupted)}`,
    ]),
    { ruled: true },
  );
  const lines = [
    table,
    `Percent, intervals of 95 %. ${measureNote(result)}`,
    ...comparisons.map(({ first: a, second: b, meanError, mce }) =>
      [
        `${a} − ${b}: mean error ${shareWithHalf(meanError)}`,
        ...(mce.value === null || !hasErrors ? [] : [`${mce.name} ${shareWithHalf(mce)}`]),
      ].join(", "),
    ),
    ...(images.skipped.length === 0 ? [] : [`Not read: ${images.skipped.length} of ${images.count} images.`]),
    `Curves and heat maps: ${join(out, "robustness.html")}`,
  ];
  return lines.join("\n");
}

function measureNote(result: RobustnessResult): string {
  const [first] = result.models;
  const { name, kind } = result.reference;
  if (first === undefined || first.summary.meanError.value === null)
    return "Without labels there are no errors.";
  if (!isSameTask(result))
    return `CE is left out, as ${name}'s errors are of ImageNet's classes; --reference <model> measures it against one of the models.`;
  if (first.summary.mce.value === null)
    return kind === "published"
      ? `${name}'s errors are known for ImageNet-C's corruptions at all five severities together; CE needs these.`
      : `CE needs errors of ${name}, of which there are none here.`;
  return `CE: ${first.summary.mce.name}, of ${name}'s errors.`;
}
