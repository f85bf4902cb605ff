// The loss by severity, a small panel a corruption and a line a model, with 95 % intervals.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import type { ModelFigures, RobustnessResult } from "../../robustness/figures/result-types.ts";
import { shareText } from "../estimate-text.ts";
import { PAGE_INK } from "../plot/plot-ink.ts";
import { lossOf } from "../robustness-plots.ts";
import { countText } from "../robustness-text.ts";

export const SeverityCurves = ({ result }: { readonly result: RobustnessResult }): JSX.Element => (
  <>
    <Legend models={result.models} />
    <div class="gallery small">
      {result.corruptions.map(({ id }) => (
        <CurvePanel key={id} models={result.models} corruption={id} />
      ))}
    </div>
  </>
);

/** Of models beyond the colours. */
const DASHES = [undefined, "6 4", "2 3"];

const strokeOf = (model: number) => ({
  fill: "none",
  stroke: PAGE_INK.series[model % PAGE_INK.series.length],
  "stroke-width": 2,
  "stroke-dasharray": DASHES[Math.floor(model / PAGE_INK.series.length) % DASHES.length],
});

/** Whose line is which, for all panels. */
const Legend = ({ models }: Pick<RobustnessResult, "models">): JSX.Element => (
  <ul class="legend">
    {models.map(({ name }, i) => (
      <li key={i}>
        <svg viewBox="0 0 32 10" width={32} height={10} aria-hidden="true">
          <path d="M0 5H32" {...strokeOf(i)} />
        </svg>{" "}
        {name}
      </li>
    ))}
  </ul>
);

const PANEL = { width: 320, height: 210, left: 38, right: 8, top: 8, bottom: 26 };
const MOST_SEVERE = 5;

interface SeverityPoint {
  readonly severity: number;
  readonly estimate: Estimate;
}

interface CurvePanelProps {
  readonly models: readonly ModelFigures[];
  readonly corruption: string;
}

/** One corruption, over the severities from clean (0) on. */
export function CurvePanel({ models, corruption }: CurvePanelProps): JSX.Element {
  const loss = lossOf(models);
  const lines = models.map(({ conditions }) =>
    conditions
      .filter((c) => c.corruption === corruption || c.corruption === null)
      .map((c): SeverityPoint => ({ severity: c.severity ?? 0, estimate: loss.of(c) }))
      .filter(({ estimate }) => estimate.value !== null)
      .sort((a, b) => a.severity - b.severity),
  );
  const caption = `${corruption}: ${loss.title} by severity, 0 is clean; ${countText(lines.flat().map(({ estimate }) => estimate))}; bars: 95 % intervals`;
  const said = lines.map((points, i) => `${models[i]?.name} ${points.map(pointText).join(", ")}`);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${PANEL.width} ${PANEL.height}`}
        role="img"
        aria-label={`${caption}: ${said.join("; ")}`}
        font-size={13}
      >
        <Axes />
        {lines.map((points, i) => (
          <Curve key={i} points={points} model={i} shift={(i - (models.length - 1) / 2) * 3} />
        ))}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

const pointText = ({ severity, estimate }: SeverityPoint): string =>
  `${severity}: ${shareText(estimate.value)}`;

const xOf = (severity: number): number =>
  PANEL.left + 14 + ((PANEL.width - PANEL.left - PANEL.right - 28) * severity) / MOST_SEVERE;
const yOf = (share: number): number =>
  PANEL.top + (PANEL.height - PANEL.top - PANEL.bottom) * (1 - Math.min(1, Math.max(0, share)));
const at = (v: number): string => v.toFixed(1);

const Axes = (): JSX.Element => (
  <>
    {[0, 0.25, 0.5, 0.75, 1].map((share) => (
      <g key={share} transform={`translate(0,${at(yOf(share))})`}>
        <line x1={PANEL.left} x2={PANEL.width - PANEL.right} stroke={PAGE_INK.grid} />
        <text x={PANEL.left - 5} dy="0.33em" text-anchor="end" fill={PAGE_INK.soft}>
          {100 * share}
        </text>
      </g>
    ))}
    {Array.from({ length: MOST_SEVERE + 1 }, (_, severity) => (
      <text
        key={severity}
        x={at(xOf(severity))}
        y={PANEL.height - 5}
        text-anchor="middle"
        fill={PAGE_INK.soft}
      >
        {severity}
      </text>
    ))}
  </>
);

interface CurveProps {
  readonly points: readonly SeverityPoint[];
  readonly model: number;
  /** Sideways, so that the intervals of models do not hide each other. */
  readonly shift: number;
}

function Curve({ points, model, shift }: CurveProps): JSX.Element | null {
  if (points.length === 0) return null;
  const place = ({ severity }: SeverityPoint) => at(xOf(severity) + shift);
  const path = points.map((p, i) => `${i === 0 ? "M" : "L"}${place(p)} ${at(yOf(p.estimate.value ?? 0))}`);
  const whiskers = points.flatMap((p) =>
    p.estimate.low === null || p.estimate.high === null
      ? []
      : [`M${place(p)} ${at(yOf(p.estimate.low))}V${at(yOf(p.estimate.high))}`],
  );
  const stroke = strokeOf(model);
  return (
    <>
      <path d={path.join("")} {...stroke} />
      {whiskers.length > 0 && (
        <path d={whiskers.join("")} {...stroke} stroke-width={1} stroke-dasharray={undefined} />
      )}
    </>
  );
}
