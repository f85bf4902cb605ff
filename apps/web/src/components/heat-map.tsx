// A heat map over the picture as the network sees it. Pointing at a cell, or moving over cells by arrow keys, tells its share.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type CamMap, overlay, strongest } from "snellen/web";
import type { Looked } from "../worker/handlers/heat-maps.ts";
import { ColorBar } from "./color-bar.tsx";
import { Notes } from "./notes.tsx";
import { Pixels } from "./pixels.tsx";
import { sentenceOf } from "./sentence.ts";
import { type Pair, Surface } from "./surface.tsx";

interface HeatMapProps {
  readonly view: Looked["view"];
  readonly map: CamMap;
  readonly opacity: number;
}

export function HeatMap({ view, map, opacity }: HeatMapProps) {
  const cell = useSignal<Pair | null>(null);
  const { isSigned, high } = useMemo(() => scaleOf(map), [map]);
  const picture = useMemo(
    () => overlay(view, map.map, { opacity, signed: isSigned, high }),
    [view, map, opacity, isSigned, high],
  );
  const [rows, columns] = map.cells.dims;
  const within = (at: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(at)));
  const goTo = ([row, column]: Pair): void => {
    cell.value = [within(row, rows), within(column, columns)];
  };
  const title = classTitle(map);
  const label = `${map.method} for ${title}, ${rows} by ${columns} cells`;
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
      <ColorBar isSigned={isSigned} high={high} title={title} />
      <figcaption>
        <span aria-live="polite">{cell.value === null ? summaryText(map) : shareText(map, cell.value)}</span>
        <Notes notes={[...map.warnings, ...map.notes].map(sentenceOf)} />
      </figcaption>
    </figure>
  );
}

/** Shares of a score may speak against it, so that their colours have two ways even where none does in this picture. */
function scaleOf({ map, unit }: CamMap): { isSigned: boolean; high: number } {
  const isSigned = unit === "score" || map.values.some((value) => value < 0);
  return { isSigned, high: strongest(map, isSigned) };
}

/** `C`, `class 3`, or what was asked for, such as `C vs G`. */
const classTitle = ({ className, classIndex, target }: CamMap): string =>
  target.includes(" vs ") ? target : (className ?? (classIndex < 0 ? target : `class ${classIndex}`));

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
