// `snellen fix prelayernorm` for people: what was inserted, how well calibration fits, and predictions before and after.
import { type Paired, shareText } from "snellen";
import { changeText } from "../estimate-text.ts";
import { tableText } from "../tables.ts";
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
    `calibrated on ${images} ${images === 1 ? "image" : "images"}, ${patches} patches: keeps ${known(r2)} of the patches' variance (R²); z₀ changes by ${known(z0Error)}`,
    `clean scores change by up to ${known(logitChange)} of the largest; ${known(stays)} of predictions stay`,
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
  const row = (name: string, { before, after, difference }: Paired, severities: readonly Paired[] = []) => [
    name,
    shareText(before.value),
    shareText(after.value),
    changeText(difference),
    severities.map((s) => `${shareText(s.before.value)}→${shareText(s.after.value)}`).join("  "),
  ];
  return tableText(
    [of, "before", "after", "difference (95 %)", "before→after at severity 1, 2, …"],
    [
      row("clean", clean),
      ...corruptions.map(({ corruption, severities, ...paired }) => row(corruption, paired, severities)),
      row("contrast enhancement and colour scale, mean", colourScale),
    ],
  );
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

const known = (value: number | null): string => (value === null ? "an unknown part" : percent(value));
