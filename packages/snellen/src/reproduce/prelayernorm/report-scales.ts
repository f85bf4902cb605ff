// The page's part on z₀: how large patches are beside E_pos, and how far z₀ turns, as colours get stronger or weaker.
import type { Plot, Table } from "../../exam/result.ts";
import type { ScaleRow } from "../../patch-embedding/embedding-scale-result.ts";
import type { DocumentSection } from "../../report/document.ts";
import { headed } from "../report-cells.ts";
import { familyName } from "./claims.ts";
import { figure, points } from "./estimate-text.ts";
import type { DatasetResult, NetworkResult, ScaleDirection } from "./result.ts";

/** Nothing of data sets without a vision transformer. */
export function scaleSection({ dataset, networks }: DatasetResult): DocumentSection[] {
  const vits = networks.filter(({ scales }) => scales.length > 0);
  if (vits.length === 0) return [];
  const isLabelled = vits.some(({ measure }) => measure === "accuracy");
  return [
    {
      title: `${dataset}: z₀ by the scale of colours`,
      text: [
        "x is what E_pos is added to. Ratio: |x| / |E_pos|, mean over patches. Cosine: between z₀ of the altered and of the clean picture. Enhanced by a factor, values are cut off; faded by it (towards the mean grey, or black), they are only rounded.",
      ],
      evidence: [
        scaleTable(vits, "ratio", ({ ratio }) => figure(ratio)),
        scaleTable(vits, "cosine", ({ cosine }) => figure(cosine)),
        isLabelled
          ? scaleTable(vits, "accuracy (%)", ({ accuracy }) => points(accuracy))
          : scaleTable(vits, "predictions that stay (%)", ({ agreement }) => points(agreement)),
        ...(["ratio", "cosine"] as const).map((of) => scalePlot(vits, of)),
      ],
    },
  ];
}

/** A row an alteration and factor, clean pictures once; a column a network. */
function scaleTable(vits: readonly NetworkResult[], what: string, cell: (row: ScaleRow) => string): Table {
  const [first] = vits as readonly [NetworkResult];
  const isShown = (direction: ScaleDirection, { family, factor }: ScaleRow) =>
    factor !== 1 || (direction === "enhanced" && family === "contrast_enhancement");
  const rowOf = ({ scales }: NetworkResult, direction: ScaleDirection, { family, factor }: ScaleRow) =>
    scales
      .find((own) => own.direction === direction)
      ?.rows.find((row) => row.family === family && row.factor === factor);
  return {
    kind: "table",
    caption: `z₀ by the scale of colours: ${what}`,
    columns: headed(["colours", "factor", ...vits.map(({ name }) => name)]),
    rows: first.scales.flatMap(({ direction, rows }) =>
      rows
        .filter((row) => isShown(direction, row))
        .map((row) => [
          row.factor === 1 ? "as they are" : `${familyName(row.family)} ${direction}`,
          row.factor,
          ...vits.map((vit) => {
            const own = rowOf(vit, direction, row);
            return own === undefined ? null : cell(own);
          }),
        ]),
    ),
  };
}

/** Of contrast alone: colour scale is in the tables. */
const scalePlot = (vits: readonly NetworkResult[], of: "ratio" | "cosine"): Plot => ({
  kind: "plot",
  caption: of === "ratio" ? "|x| / |E_pos| by factor of contrast" : "Cosine of z₀ by factor of contrast",
  x: { title: "factor of contrast", scale: "log" },
  y: { title: of === "ratio" ? "ratio" : "cosine with the clean picture's z₀" },
  series: vits.map(({ name, calibrated, scales }) => ({
    name,
    style: calibrated === null ? ("line" as const) : ("dashed" as const),
    points: scales
      .flatMap(({ direction, rows }) =>
        rows.flatMap(({ family, factor, [of]: { value } }): [number, number][] => {
          const isOwn = family === "contrast_enhancement" && (factor !== 1 || direction === "enhanced");
          if (!isOwn || value === null) return [];
          return [[direction === "enhanced" ? factor : 1 / factor, value]];
        }),
      )
      .sort(([a], [b]) => a - b),
  })),
});
