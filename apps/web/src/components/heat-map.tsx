// A heat map over the picture as the network sees it. Pointing at a cell, or moving over cells by arrow keys, tells its share.
import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type CamMap, overlay } from "snellen/web";
import type { Looked } from "../worker/handlers/heat-maps.ts";
import { Pixels } from "./pixels.tsx";

interface HeatMapProps {
  readonly view: Looked["view"];
  readonly map: CamMap;
  readonly opacity: number;
}

type Cell = readonly [row: number, column: number];

const STEPS: Readonly<Record<string, Cell>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function HeatMap({ view, map, opacity }: HeatMapProps) {
  const cell = useSignal<Cell | null>(null);
  const isSigned = map.map.values.some((v) => v < 0);
  const picture = useMemo(
    () => overlay(view, map.map, { opacity, signed: isSigned }),
    [view, map, opacity, isSigned],
  );
  const [rows, columns] = map.cells.dims;
  const at = (share: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    cell.value = [
      at((event.clientY - box.top) / box.height, rows),
      at((event.clientX - box.left) / box.width, columns),
    ];
  };
  const move = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const [row, column] = cell.value ?? [Math.floor(rows / 2), Math.floor(columns / 2)];
    cell.value = [at((row + by[0] + 0.5) / rows, rows), at((column + by[1] + 0.5) / columns, columns)];
  };
  const told = useComputed(() => (cell.value === null ? null : shareText(map, cell.value)));
  const label = `${map.method} for ${map.className ?? map.target}, ${rows} by ${columns} cells`;
  return (
    <figure class="heat-map">
      <div
        class="surface"
        role="application"
        aria-label={`${label}; arrow keys go from cell to cell`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes arrow keys
        tabIndex={0}
        onPointerMove={point}
        onPointerLeave={() => {
          cell.value = null;
        }}
        onKeyDown={move}
      >
        <Pixels picture={picture} label={label} />
        {cell.value !== null && (
          <span
            class="cell"
            style={{
              top: `${(100 * cell.value[0]) / rows}%`,
              left: `${(100 * cell.value[1]) / columns}%`,
              height: `${100 / rows}%`,
              width: `${100 / columns}%`,
            }}
          />
        )}
      </div>
      <figcaption>
        <span aria-live="polite">{told.value ?? summaryText(map)}</span>
      </figcaption>
    </figure>
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** How the map adds up to the score. */
function summaryText({ unit, sum, score, conservationError }: CamMap): string {
  if (unit === "own")
    return "Values have a scale of their own: they compare places in this map, and nothing else.";
  const error = Number.isFinite(conservationError) ? `, ${percent(conservationError)} off` : "";
  return `Cells sum to ${sum.toFixed(2)} of a score of ${score.toFixed(2)}${error}.`;
}

function shareText({ cells, unit, score }: CamMap, [row, column]: Cell): string {
  const value = cells.values[row * cells.dims[1] + column] as number;
  const place = `Row ${row + 1}, column ${column + 1}`;
  if (unit === "own") return `${place}: ${value.toPrecision(3)}, on the map's own scale.`;
  return `${place}: ${value.toFixed(3)}, ${percent(value / score)} of the score.`;
}
