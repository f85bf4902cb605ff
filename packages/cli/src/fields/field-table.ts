// Tables of fields: a row a layer, or a row a model with the correlation of size and accuracy.
import { join } from "node:path";
import { type AccuracyRelation, type ComparedModel, meanSigma, relateToAccuracy } from "snellen";
import { writeFileAtomic } from "snellen/node";
import { csvText } from "../csv.ts";
import { sizeText } from "../size-text.ts";
import { tableText } from "../tables.ts";
import { writePlot } from "../write-plot.ts";
import type { FieldsOfModel } from "./write-fields.ts";

/** One model beside others. */
export interface ModelRow extends ComparedModel {
  readonly model: string;
  /** Its last layer of those asked for. */
  readonly layer: string;
  readonly n: number;
  readonly r2: number | null;
  /** Of the scores' R; null where the input is too small for it. */
  readonly l1: number | null;
  readonly labelled: number;
}

export interface Comparison {
  readonly correlations: readonly AccuracyRelation[];
  readonly files: { readonly table: string; readonly plot: string | null };
}

/** Writes `erf.csv` and, where accuracies are known, a plot of them by size. */
export async function compareModels(rows: readonly ModelRow[], out: string): Promise<Comparison> {
  await writeFileAtomic(join(out, "erf.csv"), csvOf(rows));
  const points = rows.flatMap((row): [number, number][] => {
    const sigma = meanSigma(row);
    return sigma === null || row.accuracy === null ? [] : [[sigma, row.accuracy]];
  });
  if (points.length > 0) {
    await writePlot(out, "size-accuracy.svg", {
      kind: "plot",
      caption: `Size of the field and accuracy of ${points.length} models`,
      x: { title: "σ of the field (pixels)" },
      y: { title: "accuracy (share of labelled images)" },
      series: [{ name: "models", points, style: "points" }],
    });
  }
  return {
    correlations: relateToAccuracy(rows),
    files: { table: "erf.csv", plot: points.length > 0 ? "size-accuracy.svg" : null },
  };
}

const COLUMNS = [
  "model",
  "layer",
  "n",
  "sigmaX",
  "sigmaY",
  "r2",
  "theoreticalRows",
  "theoreticalColumns",
  "l1",
  "l1Normalized",
  "parameters",
  "labelled",
  "accuracy",
] as const;

const csvOf = (rows: readonly ModelRow[]): string =>
  csvText({
    columns: COLUMNS,
    rows: rows.map(({ theoretical, ...rest }) => ({
      ...rest,
      theoreticalRows: theoretical?.[0] ?? null,
      theoreticalColumns: theoretical?.[1] ?? null,
    })),
  });

const shown = (value: number | null, digits: number): string =>
  value === null ? "–" : value.toFixed(digits);

/** What people read on the terminal. */
export function fieldsText(
  found: readonly FieldsOfModel[],
  comparison: Comparison | undefined,
  out: string,
): string {
  const rows = found.flatMap(({ row }) => row ?? []);
  const fields = fieldsTable(found.flatMap((each) => each.fields));
  const models = rows.length === 0 ? [] : ["", modelsTable(rows), ...correlationLines(comparison)];
  return [fields, ...found.flatMap(resolutionLines), ...models, `Fields in ${out}`].join("\n");
}

const FIELD_TITLES = [
  "model",
  "layer",
  "images",
  "σ x",
  "σ y",
  "R²",
  "theoretical",
  "area at 0.5",
  "area at 0.99",
  "known to",
];

const fieldsTable = (fields: FieldsOfModel["fields"]): string =>
  tableText(FIELD_TITLES, fields.map(fieldRow), { ruled: true });

function fieldRow(field: FieldsOfModel["fields"][number]) {
  const at = (threshold: number) =>
    shown(field.linearAreaRatios.find((area) => area.threshold === threshold)?.ratio ?? null, 3);
  const error = field.convergence.at(-1)?.relativeError ?? null;
  return [
    field.model,
    field.layer,
    field.n,
    field.converged ? shown(field.sigmaX, 1) : "no fit",
    field.converged ? shown(field.sigmaY, 1) : "no fit",
    shown(field.r2, 3),
    sizeText(field.theoretical?.size),
    at(0.5),
    at(0.99),
    error === null ? "–" : `±${(100 * error).toFixed(0)} %`,
  ];
}

/** Which layers add no context at this input size, and which sizes would suit. */
function resolutionLines({ model, fields: [field], unproductive, resolutions }: FieldsOfModel): string[] {
  if (field === undefined || unproductive === undefined || resolutions === undefined) return [];
  const { input } = field;
  const { productive, smallest, multipleOf, unbounded } = resolutions;
  const idle = unproductive.filter(({ isUnproductive }) => isUnproductive);
  const sides = (size: readonly (number | null)[]) => size.map((n) => n ?? "any").join("x");
  const context = productive.every((n) => n === null)
    ? "every convolution has the whole image before it at any size"
    : `from ${sides(productive)} on every convolution adds context${unbounded.length === 0 ? "" : `, ${unbounded.length} that see the whole image at any size left out`}`;
  return [
    idle.length === 0
      ? `${model}: no convolution's input has seen more than the ${sides(input)} pixels already`
      : `${model}: ${idle.length} convolutions are unproductive at ${sides(input)} (their input has seen the whole image), the first ${idle[0]?.node}`,
    `  input sizes: at least ${sides(smallest)}, multiples of ${sides(multipleOf)}; ${context}`,
  ];
}

const modelsTable = (rows: readonly ModelRow[]): string =>
  tableText(
    ["model", "parameters", "L1 of the scores", "L1 / mean", "accuracy", "labelled"],
    rows.map(({ model, parameters, l1, l1Normalized, accuracy, labelled }) => [
      model,
      parameters,
      l1 === null ? "–" : l1.toExponential(2),
      shown(l1Normalized, 3),
      accuracy === null ? "–" : `${(100 * accuracy).toFixed(1)} %`,
      labelled,
    ]),
    { ruled: true },
  );

const correlationLines = (comparison: Comparison | undefined): string[] =>
  (comparison?.correlations ?? []).map(correlationLine);

function correlationLine({ of, models, pearson, spearman, ...chance }: AccuracyRelation): string {
  if (pearson === null)
    return `${of} and accuracy: ${models} models have both, too few (or too alike) for a correlation`;
  const { interval, p, smallestP } = chance;
  const range = interval === null ? "" : ` (95 %: ${interval.map((end) => end.toFixed(2)).join(" to ")})`;
  const least =
    smallestP !== null && smallestP > USUAL
      ? ` (never below ${smallestP.toFixed(2)} with ${models} models)`
      : "";
  return `${of} and accuracy: r = ${pearson.toFixed(2)}, rank correlation ${shown(spearman, 2)}${range}, by chance p = ${shown(p, 3)}${least}; ${models} models`;
}

/** Below it, people speak of more than chance. */
const USUAL = 0.05;
