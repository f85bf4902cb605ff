// Evidence of any kind: a table, bars, a picture or a plot; and a list of it, with pictures and plots side by side.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { ResultEvidence } from "../../exam/result.ts";
import { Bars } from "./bars.tsx";
import { DataTable } from "./data-table.tsx";
import { LinePlot } from "./line-plot.tsx";
import { Picture } from "./picture.tsx";

/**
 * Evidence of any kind: a table, bars, a picture or a plot.
 * @throws InternalError for a plot with a coordinate that is not a finite number
 */
export function Evidence({ item }: { readonly item: ResultEvidence }): JSX.Element {
  if (item.kind === "table") return <DataTable table={item} />;
  if (item.kind === "bars") return <Bars bars={item} />;
  if (item.kind === "plot") return <LinePlot plot={item} />;
  return <Picture picture={item} />;
}

/** Pictures first, then the rest in order. */
export function EvidenceList({ evidence }: { readonly evidence: readonly ResultEvidence[] }): JSX.Element {
  const pictures = evidence.filter(({ kind }) => kind === "picture");
  const others = evidence.filter(({ kind }) => kind !== "picture");
  return (
    <>
      {groups([...pictures, ...others]).map((items, i) => {
        const drawn = items.map((item, k) => <Evidence key={k} item={item} />);
        return items.every(isFigure) ? (
          <div key={i} class="gallery">
            {drawn}
          </div>
        ) : (
          drawn
        );
      })}
    </>
  );
}

const isFigure = ({ kind }: ResultEvidence): boolean => kind === "picture" || kind === "plot";

/** Neighbouring figures together, all else by itself. */
function groups(evidence: readonly ResultEvidence[]): ResultEvidence[][] {
  const all: ResultEvidence[][] = [];
  for (const item of evidence) {
    const last = all.at(-1);
    if (isFigure(item) && last?.every(isFigure)) last.push(item);
    else all.push([item]);
  }
  return all;
}
