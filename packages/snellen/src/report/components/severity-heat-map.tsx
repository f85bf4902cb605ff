// Accuracy, or agreement with the clean picture where there are no labels, as a heat map: a row a corruption, a column a severity.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import { cividis } from "../../images/color-maps.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import type { ConditionFigures, ModelFigures } from "../../robustness/figures/result-types.ts";
import { estimateText, shareText } from "../estimate-text.ts";
import { PAGE_INK } from "../plot/plot-ink.ts";
import { textWidth } from "../plot/text-layout.ts";
import { countText, isLabelled } from "../robustness-text.ts";

const CELL = { width: 62, height: 26, head: 24 };

export function SeverityHeatMap({ model }: { readonly model: ModelFigures }): JSX.Element {
  const of = (c: ConditionFigures): Estimate => (isLabelled(model) ? c.accuracy : c.agreement);
  const severities = [...new Set(model.conditions.map(({ severity }) => severity ?? 0))].filter((s) => s > 0);
  const rows = model.corruptions.map(({ corruption }) => corruption);
  const label = Math.ceil(Math.max(textWidth("severity"), ...rows.map(textWidth))) + 10;
  const caption = captionOf(model, of);
  return (
    <figure class="plot">
      <svg
        viewBox={`0 0 ${label + severities.length * CELL.width} ${CELL.head + rows.length * CELL.height}`}
        role="img"
        aria-label={caption}
        font-size={13}
      >
        <text y={15} fill={PAGE_INK.soft}>
          severity
        </text>
        {severities.map((severity, i) => (
          <text
            key={severity}
            x={label + (i + 0.5) * CELL.width}
            y={15}
            text-anchor="middle"
            fill={PAGE_INK.soft}
          >
            {severity}
          </text>
        ))}
        {rows.map((id, i) => (
          <text key={id} y={CELL.head + i * CELL.height + 17} fill={PAGE_INK.text}>
            {id}
          </text>
        ))}
        {model.conditions
          .filter(({ corruption }) => corruption !== null)
          .map((c) => (
            <Cell
              key={`${c.corruption}/${c.severity}`}
              estimate={of(c)}
              name={`${c.corruption}, severity ${c.severity}`}
              x={label + severities.indexOf(c.severity ?? 0) * CELL.width}
              y={CELL.head + rows.indexOf(c.corruption ?? "") * CELL.height}
            />
          ))}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

function captionOf(model: ModelFigures, of: (c: ConditionFigures) => Estimate): string {
  const labelled = isLabelled(model);
  const what = labelled ? "accuracy" : "agreement with the clean picture's output";
  const known = model.conditions.map(of).filter(({ value }) => value !== null);
  const clean = model.conditions.find(({ corruption }) => corruption === null);
  const cleanText = labelled && clean !== undefined ? `; clean: ${estimateText(clean.accuracy)}` : "";
  return `${model.name}: ${what} (%) by corruption and severity; ${countText(known)}${cleanText}`;
}

interface CellProps {
  readonly estimate: Estimate;
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

function Cell({ estimate, name, x, y }: CellProps): JSX.Element {
  const { value } = estimate;
  const step = Math.round(255 * (value ?? 0));
  const rgb = [...cividis.table.subarray(3 * step, 3 * step + 3)];
  // cividis rises in lightness; from its middle on, black has the higher contrast
  const ink = value === null ? PAGE_INK.text : step > 112 ? "#000" : "#fff";
  return (
    <g>
      <title>{`${name}: ${estimateText(estimate)}`}</title>
      <rect
        x={x}
        y={y}
        width={CELL.width - 2}
        height={CELL.height - 2}
        fill={value === null ? PAGE_INK.grid : `rgb(${rgb.join(" ")})`}
      />
      <text x={x + CELL.width / 2 - 1} y={y + 17} text-anchor="middle" fill={ink}>
        {shareText(value)}
      </text>
    </g>
  );
}
