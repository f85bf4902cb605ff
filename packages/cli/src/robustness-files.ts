// The files and the text of a robustness run, whole or in part.
import { join } from "node:path";
import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import {
  corruptionCsv,
  type DataTable,
  type Estimate,
  type RobustnessResult,
  robustnessCsv,
  robustnessHtml,
  robustnessResult,
  summaryCsv,
} from "snellen";
import { writeFileAtomic } from "snellen/node";
import type { ReportFlags } from "./commands/robustness.ts";
import type { Ledger, RunIdentity } from "./robustness-journal.ts";

/** Writes what is known so far. @throws UsageError `unknown-reference` */
export async function writeResult(
  { observations, skipped }: Ledger,
  { images, seed }: RunIdentity,
  { out, reference }: ReportFlags,
): Promise<RobustnessResult> {
  const result = robustnessResult(observations, {
    images: { name: images.name, skipped: skipped().map(({ source, reason }) => ({ source, reason })) },
    seed,
    reference: reference === "alexnet" ? undefined : reference,
  });
  await writeFileAtomic(join(out, "robustness.json"), `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(join(out, "robustness.csv"), csvOf(robustnessCsv(result)));
  await writeFileAtomic(join(out, "robustness-corruptions.csv"), csvOf(corruptionCsv(result)));
  await writeFileAtomic(join(out, "robustness-summary.csv"), csvOf(summaryCsv(result)));
  await writeFileAtomic(join(out, "robustness.html"), await robustnessHtml(result));
  return result;
}

const csvOf = ({ columns, rows }: DataTable): string =>
  stringify(rows as (string | number | null)[][], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
  });

/** What people read on the terminal: a row a model, and how two models compare. */
export function robustnessText(
  { models, reference, comparisons, images }: RobustnessResult,
  out: string,
): string {
  const table = new Table({
    head: ["model", "images", "clean error", "mean error", "CE", "relative CE", "agreement", "flips", "ECE"],
    style: { head: [], border: [] },
  });
  for (const { name, summary: s } of models)
    table.push([
      name,
      s.agreement.n,
      percent(s.cleanError),
      percent(s.meanError),
      percent(s.mce),
      percent(s.relativeMce),
      percent(s.agreement),
      percent(s.flips),
      `${share(s.ece.clean)} → ${share(s.ece.corrupted)}`,
    ]);
  const lines = [
    table.toString(),
    `Percent, intervals of 95 %. ${measureNote(models, reference.name)}`,
    ...comparisons.map(
      ({ first: a, second: b, meanError, mce }) =>
        `${a} − ${b}: mean error ${percent(meanError)}, ${mce.name} ${percent(mce)}`,
    ),
    ...(images.skipped.length === 0 ? [] : [`Not read: ${images.skipped.length} of ${images.count} images.`]),
    `Curves and heat maps: ${join(out, "robustness.html")}`,
  ];
  return lines.join("\n");
}

function measureNote([first]: RobustnessResult["models"], reference: string): string {
  if (first === undefined || first.summary.mce.value === null) return "Without errors there is no CE.";
  return `CE: ${first.summary.mce.name}, of ${reference}'s errors.`;
}

const share = (value: number | null): string => (value === null ? "–" : (100 * value).toFixed(1));

/** `24.1 ±1.9`, in percent; a dash where there is no such number. */
function percent({ value, low, high }: Estimate): string {
  if (value === null) return "–";
  return low === null || high === null ? share(value) : `${share(value)} ±${share((high - low) / 2)}`;
}
