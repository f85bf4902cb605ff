// The page's part on z₀ of networks that were trained alike: how large patches are beside E_pos, and how far z₀ turns, mean over seeds.
import type { Plot, Table } from "../../exam/result.ts";
import { meanOf } from "../claims-section.ts";
import { meanSpread } from "../mean-spread.ts";
import { headed } from "../report-cells.ts";
import { familyName } from "./claims.ts";
import { type Kind, known, styleOf } from "./trained-kinds.ts";
import type { ScaleFactor } from "./trainings.ts";

const isSame = (a: ScaleFactor, b: ScaleFactor): boolean =>
  a.direction === b.direction && a.family === b.family && a.factor === b.factor;

/** A row an alteration and factor, clean pictures once. */
export function scaleTable(kinds: readonly Kind[], of: "ratio" | "cosine"): Table {
  const vits = kinds.filter(({ kind }) => kind === "vit");
  const rows = vits[0]?.runs.find(({ scales }) => scales.length > 0)?.scales ?? [];
  const first = rows.find(({ factor }) => factor === 1);
  return {
    kind: "table",
    caption:
      of === "ratio" ? "|x| / |E_pos|, trained alike" : "Cosine with the clean picture's z₀, trained alike",
    columns: headed(["colours", "factor", ...vits.map(({ name }) => name)]),
    rows: rows
      .filter((row) => row.factor !== 1 || row === first)
      .map((row) => [
        row.factor === 1 ? "as they are" : `${familyName(row.family)} ${row.direction}`,
        row.factor,
        ...vits.map(({ runs }) =>
          meanSpread(known(runs.map(({ scales }) => scales.find((own) => isSame(own, row))?.[of])), {
            digits: 2,
          }),
        ),
      ]),
  };
}

/** Of contrast alone, as above. */
export const scalePlot = (kinds: readonly Kind[], of: "ratio" | "cosine"): Plot => ({
  kind: "plot",
  caption: `${of === "ratio" ? "|x| / |E_pos|" : "Cosine of z₀"} by factor of contrast, trained alike`,
  x: { title: "factor of contrast", scale: "log" },
  y: { title: of === "ratio" ? "ratio" : "cosine with the clean picture's z₀" },
  series: kinds
    .filter(({ kind }) => kind === "vit")
    .map((kind) => ({ name: kind.name, style: styleOf(kind), points: scalePoints(kind, of) })),
});

function scalePoints({ runs }: Kind, of: "ratio" | "cosine"): [number, number][] {
  const rows = (runs.find(({ scales }) => scales.length > 0)?.scales ?? []).filter(
    ({ family, factor, direction }) =>
      family === "contrast_enhancement" && (factor !== 1 || direction === "enhanced"),
  );
  return rows
    .map((row): [number, number] => [
      row.direction === "enhanced" ? row.factor : 1 / row.factor,
      meanOf(known(runs.map(({ scales }) => scales.find((own) => isSame(own, row))?.[of]))),
    ])
    .sort(([a], [b]) => a - b);
}
