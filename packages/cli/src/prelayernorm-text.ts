// `snellen fix prelayernorm` for people: what was inserted, how well calibration fits, and predictions before and after.
import Table from "cli-table3";
import type { Estimate, Paired } from "snellen";
import type { PreLayerNormReport } from "./fix-prelayernorm.ts";

export function preLayerNormText(report: PreLayerNormReport): string {
  const { calibration, effect, verdict, embedding, mode, files, notes } = report;
  if (calibration === null || effect === null || verdict === null)
    return `Nothing was written. ${notes.join(" ")}`;
  const { images, patches, r2, z0Error, logitChange, stays } = calibration;
  const { module, projection, kind, patch, grid, width } = embedding;
  const where = `${module ?? projection} (${kind}, patches of ${patch.join("x")}, grid ${grid.join("x")}, width ${width})`;
  return [
    `patch embedding: ${where}; normalized ${mode === "both" ? "before and after the projection" : mode.replace("-", " the ")}`,
    `calibrated on ${images} ${images === 1 ? "image" : "images"}, ${patches} patches: keeps ${r2 === null ? "an unknown part" : percent(r2)} of the patches' variance (R²); z₀ changes by ${percent(z0Error)}`,
    `clean scores change by up to ${percent(logitChange)} of the largest; ${percent(stays)} of predictions stay`,
    effectTable(effect),
    `${verdict.verdict}: ${verdict.text}`,
    `written: ${files.join(", ")}`,
  ].join("\n");
}

function effectTable({
  of,
  clean,
  corruptions,
  colourScale,
}: NonNullable<PreLayerNormReport["effect"]>): string {
  const table = new Table({
    head: [of, "before", "after", "difference (95 %)", "before→after at severity 1, 2, …"],
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
    style: { head: [], border: [] },
  });
  const row = (name: string, { before, after, difference }: Paired, severities: readonly Paired[] = []) =>
    table.push([
      name,
      share(before),
      share(after),
      change(difference),
      severities.map((s) => `${share(s.before)}→${share(s.after)}`).join("  "),
    ]);
  row("clean", clean);
  for (const { corruption, severities, ...paired } of corruptions) row(corruption, paired, severities);
  row("contrast and colour scale", colourScale);
  return table.toString();
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

const share = ({ value }: Estimate): string => (value === null ? "–" : (100 * value).toFixed(1));

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;

function change({ value, low, high }: Estimate): string {
  if (value === null) return "–";
  return low === null || high === null
    ? signed(value)
    : `${signed(value)} (${signed(low)} to ${signed(high)})`;
}
