// A heat map over the picture as the network sees it. Pointing at a cell, or moving over cells by arrow keys, tells its share.
import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type CamMap, overlay } from "snellen/web";
import type { Looked } from "../worker/handlers/heat-maps.ts";
import { Pixels } from "./pixels.tsx";
import { type Pair, Surface } from "./surface.tsx";

interface HeatMapProps {
  readonly view: Looked["view"];
  readonly map: CamMap;
  readonly opacity: number;
}

export function HeatMap({ view, map, opacity }: HeatMapProps) {
  const cell = useSignal<Pair | null>(null);
  const isSigned = map.map.values.some((v) => v < 0);
  const picture = useMemo(
    () => overlay(view, map.map, { opacity, signed: isSigned }),
    [view, map, opacity, isSigned],
  );
  const [rows, columns] = map.cells.dims;
  const within = (at: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(at)));
  const goTo = ([row, column]: Pair): void => {
    cell.value = [within(row, rows), within(column, columns)];
  };
  const told = useComputed(() => (cell.value === null ? null : shareText(map, cell.value)));
  const label = `${map.method} for ${map.className ?? map.target}, ${rows} by ${columns} cells`;
  return (
    <figure class="heat-map">
      <Surface
        label={`${label}; arrow keys go from cell to cell`}
        onPoint={([down, across]) => goTo([down * rows, across * columns])}
        onStep={([down, across]) => {
          const [row, column] = cell.value ?? [Math.floor(rows / 2), Math.floor(columns / 2)];
          goTo([row + down, column + across]);
        }}
        onLeave={() => {
          cell.value = null;
        }}
        frame={
          cell.value && {
            corner: [cell.value[0] / rows, cell.value[1] / columns],
            size: [1 / rows, 1 / columns],
          }
        }
      >
        <Pixels picture={picture} label={label} />
      </Surface>
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

function shareText({ cells, unit, score }: CamMap, [row, column]: Pair): string {
  const value = cells.values[row * cells.dims[1] + column] as number;
  const place = `Row ${row + 1}, column ${column + 1}`;
  if (unit === "own") return `${place}: ${value.toPrecision(3)}, on the map's own scale.`;
  const share = value / score;
  return `${place}: ${value.toFixed(3)}${Number.isFinite(share) ? `, ${percent(share)} of the score` : ""}.`;
}
