// Pictures of the robustness report: error against severity with intervals, a small panel a corruption, and a heat map of corruptions by
// severities a model. Drawn as SVG inside the page, so that they take its light or dark colours; calibration as plots.
import type { Plot } from "../exam/result.ts";
import { cividis } from "../images/color-maps.ts";
import { type Estimate, mapEstimate } from "../robustness/figures/estimates.ts";
import type { ConditionFigures, ModelFigures, RobustnessResult } from "../robustness/figures/result-types.ts";
import { estimateText, shareText } from "./estimate-text.ts";
import { escapeHtml } from "./evidence-html.ts";
import { countText, isLabelled } from "./robustness-text.ts";

/** Okabe and Ito's colours that stand out on white and on black. */
const COLORS = ["#0a84c6", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
/** Of models beyond the colours. */
const DASHES = ["", "6 4", "2 3"];

/** What is drawn of a condition: the error, or where a model has no labels, how much it strays from the clean picture. */
export function lossOf(models: readonly ModelFigures[]): {
  readonly title: string;
  readonly of: (figures: ConditionFigures) => Estimate;
} {
  return models.every(isLabelled)
    ? { title: "error (%)", of: ({ error }) => error }
    : {
        title: "outputs unlike the clean picture's (%)",
        of: ({ agreement }) => mapEstimate(agreement, (v) => 1 - v),
      };
}

const styleOf = (model: number): string => {
  const dash = DASHES[Math.floor(model / COLORS.length) % DASHES.length];
  return `stroke:${COLORS[model % COLORS.length]};stroke-width:2;fill:none${dash === "" ? "" : `;stroke-dasharray:${dash}`}`;
};

/** Whose line is which, for all panels. */
export const legendHtml = (models: readonly ModelFigures[]): string =>
  `<p>${models
    .map(
      ({ name }, i) =>
        `<svg viewBox="0 0 32 10" style="width:32px;height:10px" aria-hidden="true"><path d="M0 5H32" style="${styleOf(i)}"/></svg> ${escapeHtml(name)}`,
    )
    .join(" &emsp; ")}</p>`;

const PANEL = { width: 320, height: 200, left: 34, right: 8, top: 8, bottom: 22 };

/** One corruption: a line a model over the severities from clean (0) on, with 95 % intervals. */
export function curvePanel({ models }: RobustnessResult, corruption: string): string {
  const loss = lossOf(models);
  const lines = models.map(({ conditions }) =>
    conditions
      .filter((c) => c.corruption === corruption || c.corruption === null)
      .map((c) => ({ severity: c.severity ?? 0, estimate: loss.of(c) }))
      .filter(({ estimate }) => estimate.value !== null)
      .sort((a, b) => a.severity - b.severity),
  );
  const caption = `${corruption}: ${loss.title} by severity, 0 is clean; ${countText(lines.flat().map(({ estimate }) => estimate))}; bars: 95 % intervals`;
  const said = lines.map(
    (points, i) =>
      `${models[i]?.name} ${points.map(({ severity, estimate }) => `${severity}: ${shareText(estimate.value)}`).join(", ")}`,
  );
  const drawn = lines.map((points, i) => lineOf(points, i, (i - (models.length - 1) / 2) * 3));
  return figure(caption, said.join("; "), PANEL, `${axes()}${drawn.join("")}`);
}

const xOf = (severity: number): number =>
  PANEL.left + 14 + ((PANEL.width - PANEL.left - PANEL.right - 28) * severity) / 5;
const yOf = (share: number): number =>
  PANEL.top + (PANEL.height - PANEL.top - PANEL.bottom) * (1 - Math.min(1, Math.max(0, share)));
const at = (v: number): string => v.toFixed(1);

function axes(): string {
  const [left, right] = [PANEL.left, PANEL.width - PANEL.right];
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${left}" y1="${at(yOf(share))}" x2="${right}" y2="${at(yOf(share))}"/><text class="axis" text-anchor="end" x="${left - 5}" y="${at(yOf(share) + 4)}">${100 * share}</text>`,
  );
  const columns = [0, 1, 2, 3, 4, 5].map(
    (severity) =>
      `<text class="axis" text-anchor="middle" x="${at(xOf(severity))}" y="${PANEL.height - 5}">${severity}</text>`,
  );
  return `${rows.join("")}${columns.join("")}`;
}

/** @param shift sideways in pixels, so that the intervals of models do not hide each other */
function lineOf(
  points: readonly { readonly severity: number; readonly estimate: Estimate }[],
  model: number,
  shift: number,
): string {
  const place = ({ severity }: { readonly severity: number }) => at(xOf(severity) + shift);
  const path = points.map((p, i) => `${i === 0 ? "M" : "L"}${place(p)} ${at(yOf(p.estimate.value ?? 0))}`);
  const whiskers = points.flatMap((p) =>
    p.estimate.low === null || p.estimate.high === null
      ? []
      : [`M${place(p)} ${at(yOf(p.estimate.low))}V${at(yOf(p.estimate.high))}`],
  );
  const thin = styleOf(model)
    .replace("stroke-width:2", "stroke-width:1")
    .replace(/;stroke-dasharray.*/, "");
  return `<path d="${path.join("")}" style="${styleOf(model)}"/><path d="${whiskers.join("")}" style="${thin}"/>`;
}

const CELL = { width: 62, height: 24, label: 170, head: 22 };

/** Accuracy, or agreement with the clean picture where there are no labels, a row a corruption, a column a severity. */
export function heatMap(model: ModelFigures): string {
  const labelled = isLabelled(model);
  const of = (c: ConditionFigures): Estimate => (labelled ? c.accuracy : c.agreement);
  const clean = model.conditions.find(({ corruption }) => corruption === null);
  const severities = [...new Set(model.conditions.map(({ severity }) => severity ?? 0))].filter((s) => s > 0);
  const rows = model.corruptions.map(({ corruption }) => corruption);
  const cells = model.conditions
    .filter(({ corruption }) => corruption !== null)
    .map((c) => {
      const [row, column] = [rows.indexOf(c.corruption ?? ""), severities.indexOf(c.severity ?? 0)];
      return cellOf(of(c), `${c.corruption}, severity ${c.severity}`, row, column);
    });
  const heads = severities.map(
    (s, i) =>
      `<text class="axis" text-anchor="middle" x="${CELL.label + (i + 0.5) * CELL.width}" y="14">${s}</text>`,
  );
  const labels = rows.map(
    (id, i) => `<text x="0" y="${CELL.head + i * CELL.height + 16}">${escapeHtml(id)}</text>`,
  );
  const what = labelled ? "accuracy" : "agreement with the clean picture's output";
  const known = model.conditions.map(of).filter(({ value }) => value !== null);
  const cleanText = labelled && clean !== undefined ? `; clean: ${estimateText(clean.accuracy)}` : "";
  const caption = `${model.name}: ${what} (%) by corruption and severity; ${countText(known)}${cleanText}`;
  const size = {
    width: CELL.label + severities.length * CELL.width,
    height: CELL.head + rows.length * CELL.height,
  };
  const head = `<text class="axis" x="0" y="14">severity</text>`;
  return figure(caption, "", size, `${head}${heads.join("")}${labels.join("")}${cells.join("")}`);
}

function cellOf(estimate: Estimate, name: string, row: number, column: number): string {
  const [x, y] = [CELL.label + column * CELL.width, CELL.head + row * CELL.height];
  const { value } = estimate;
  const step = Math.round(255 * (value ?? 0));
  const rgb = [...cividis.table.subarray(3 * step, 3 * step + 3)];
  const fill = value === null ? "var(--line)" : `rgb(${rgb.join(" ")})`;
  // cividis rises in lightness; from its middle on, black has the higher contrast
  const ink = value === null ? "var(--ink)" : step > 112 ? "#000" : "#fff";
  return `<g><title>${escapeHtml(`${name}: ${estimateText(estimate)}`)}</title><rect x="${x}" y="${y}" width="${CELL.width - 2}" height="${CELL.height - 2}" style="fill:${fill}"/><text text-anchor="middle" x="${x + CELL.width / 2 - 1}" y="${y + 16}" style="fill:${ink}">${shareText(value)}</text></g>`;
}

function figure(
  caption: string,
  said: string,
  { width, height }: { readonly width: number; readonly height: number },
  body: string,
): string {
  const label = escapeHtml(said === "" ? caption : `${caption}: ${said}`);
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** Accuracy against confidence, clean and under shift; a calibrated model lies on the diagonal. */
export function reliabilityPlot({ name, calibration }: ModelFigures): Plot {
  const shown = calibration.filter(({ severity, n }) => n > 0 && [0, 1, 3, 5].includes(severity));
  const counts = shown.map(
    ({ severity, n }) => `${n} ${severity === 0 ? "clean" : `at severity ${severity}`}`,
  );
  return {
    kind: "plot",
    caption: `${name}: accuracy by confidence in fifteen bins; outcomes: ${counts.join(", ")}`,
    x: { title: "mean confidence of the bin" },
    y: { title: "accuracy of the bin" },
    series: [
      ...shown.map(({ severity, bins }) => ({
        name: severity === 0 ? "clean" : `severity ${severity}`,
        points: bins.flatMap(({ confidence, accuracy }): [number, number][] =>
          confidence === null || accuracy === null ? [] : [[confidence, accuracy]],
        ),
        style: "line" as const,
      })),
      {
        name: "calibrated",
        points: [
          [0, 0],
          [1, 1],
        ],
        style: "dashed",
      },
    ],
  };
}

/** Expected calibration error of all outcomes of a severity, a line a model. */
export function calibrationPlot(models: readonly ModelFigures[]): Plot {
  const known = models.filter(isLabelled);
  const counts = known.flatMap(({ calibration }) => calibration.map(({ n }) => n));
  return {
    kind: "plot",
    caption: `Expected calibration error by severity, ${Math.min(...counts)} to ${Math.max(...counts)} outcomes a point (images times corruptions)`,
    x: { title: "severity (0 is clean)" },
    y: { title: "expected calibration error (%)" },
    series: known.map(({ name, calibration }) => ({
      name,
      points: calibration.flatMap(({ severity, ece }): [number, number][] =>
        ece === null ? [] : [[severity, 100 * ece]],
      ),
      style: "line",
    })),
  };
}
