// Tables of fields: a row a layer, or a row a model with the correlation of size and accuracy.
import { join } from "node:path";
import Table from "cli-table3";
import { pearson, spearman } from "snellen";
import { writeFileAtomic } from "snellen/node";
import { sizeText, writePlot } from "./field-pictures.ts";
import type { FieldFile } from "./write-fields.ts";

/** One model beside others. */
export interface ModelRow {
  readonly model: string;
  /** Its last layer of those asked for. */
  readonly layer: string;
  readonly n: number;
  readonly sigmaX: number | null;
  readonly sigmaY: number | null;
  readonly r2: number | null;
  /** Rows and columns in pixels; null for the whole image. */
  readonly theoretical: readonly [number | null, number | null] | null;
  /** Of the scores' R. */
  readonly l1: number;
  readonly l1Normalized: number | null;
  readonly parameters: number;
  readonly labelled: number;
  /** Share of the labelled images whose class has the highest score. */
  readonly accuracy: number | null;
}

/** How one number goes with accuracy over the models that have both. */
export interface Correlation {
  readonly of: "sigma" | "theoretical size" | "l1Normalized" | "parameters";
  readonly with: "accuracy";
  readonly models: number;
  /** Null for fewer than three models, or where one of the two is the same everywhere. */
  readonly pearson: number | null;
  readonly spearman: number | null;
}

export interface Comparison {
  readonly correlations: readonly Correlation[];
  readonly files: { readonly table: string; readonly plot: string | null };
}

const sigmaOf = ({ sigmaX, sigmaY }: ModelRow): number | null =>
  sigmaX === null || sigmaY === null ? null : Math.sqrt(sigmaX * sigmaY);

const NUMBERS: readonly {
  readonly of: Correlation["of"];
  readonly value: (row: ModelRow) => number | null;
}[] = [
  { of: "sigma", value: sigmaOf },
  {
    of: "theoretical size",
    value: ({ theoretical }) =>
      theoretical === null || theoretical[0] === null || theoretical[1] === null
        ? null
        : Math.sqrt(theoretical[0] * theoretical[1]),
  },
  { of: "l1Normalized", value: ({ l1Normalized }) => l1Normalized },
  { of: "parameters", value: ({ parameters }) => parameters },
];

/** Fewer points always lie on a line, or nearly. */
const FEWEST = 3;

function correlationOf(rows: readonly ModelRow[], { of, value }: (typeof NUMBERS)[number]): Correlation {
  const pairs = rows.flatMap((row) => {
    const own = value(row);
    return own === null || row.accuracy === null ? [] : [[own, row.accuracy] as const];
  });
  const [x, y] = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i] as number)) as [
    Float64Array,
    Float64Array,
  ];
  const isEnough = pairs.length >= FEWEST;
  return {
    of,
    with: "accuracy",
    models: pairs.length,
    pearson: (isEnough ? pearson(x, y) : undefined) ?? null,
    spearman: (isEnough ? spearman(x, y) : undefined) ?? null,
  };
}

/** Writes `erf.csv` and, where accuracies are known, a plot of them by size. */
export async function compareModels(rows: readonly ModelRow[], out: string): Promise<Comparison> {
  await writeFileAtomic(join(out, "erf.csv"), csvOf(rows));
  const points = rows.flatMap((row): [number, number][] => {
    const sigma = sigmaOf(row);
    return sigma === null || row.accuracy === null ? [] : [[sigma, row.accuracy]];
  });
  if (points.length > 0) {
    await writePlot(out, "size-accuracy.svg", {
      kind: "plot",
      caption: `Size of the field and accuracy of ${points.length} models`,
      x: { title: "sigma of the field (pixels)" },
      y: { title: "accuracy (share of labelled images)" },
      series: [{ name: "models", points, style: "points" }],
    });
  }
  return {
    correlations: NUMBERS.map((number) => correlationOf(rows, number)),
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

function csvOf(rows: readonly ModelRow[]): string {
  const cell = (value: string | number | null): string =>
    typeof value === "string" && /[",\n\r]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : String(value ?? "");
  const lines = rows.map((row) => {
    const { theoretical, ...rest } = row;
    const flat = {
      ...rest,
      theoreticalRows: theoretical?.[0] ?? null,
      theoreticalColumns: theoretical?.[1] ?? null,
    };
    return COLUMNS.map((column) => cell(flat[column])).join(",");
  });
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

const shown = (value: number | null, digits: number): string =>
  value === null ? "–" : value.toFixed(digits);

/** What people read on the terminal. */
export function fieldsText(
  fields: readonly FieldFile[],
  rows: readonly ModelRow[],
  comparison: Comparison | undefined,
  out: string,
): string {
  const table = new Table({
    head: [
      "model",
      "layer",
      "images",
      "sigma x",
      "sigma y",
      "R²",
      "theoretical",
      "area at 0.5",
      "area at 0.99",
      "known to",
    ],
    style: { head: [], border: [] },
  });
  for (const field of fields) {
    const at = (threshold: number) =>
      shown(field.linearAreaRatios.find((area) => area.threshold === threshold)?.ratio ?? null, 3);
    const error = field.convergence.at(-1)?.relativeError ?? null;
    table.push([
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
    ]);
  }
  const models = rows.length === 0 ? [] : ["", modelsTable(rows), ...correlationLines(comparison)];
  const ofModels = [...new Map(fields.map((field) => [field.model, field])).values()];
  return [table.toString(), ...ofModels.flatMap(resolutionLines), ...models, `Fields in ${out}`].join("\n");
}

/** Which layers add no context at this input size, and which sizes would suit. */
function resolutionLines({ model, input, unproductive, resolutions }: FieldFile): string[] {
  const { productive, smallest, multipleOf, unbounded } = resolutions;
  const idle = unproductive.filter(({ isUnproductive }) => isUnproductive);
  const sides = (size: readonly (number | null)[]) => size.map((n) => n ?? "any").join("x");
  return [
    idle.length === 0
      ? `${model}: no convolution's input has seen more than the ${sides(input)} pixels already`
      : `${model}: ${idle.length} convolutions are unproductive at ${sides(input)} (their input has seen the whole image), the first ${idle[0]?.node}`,
    `  input sizes: at least ${sides(smallest)}, multiples of ${sides(multipleOf)}; from ${sides(productive)} on every convolution adds context${unbounded.length === 0 ? "" : `, ${unbounded.length} that see the whole image at any size left out`}`,
  ];
}

function modelsTable(rows: readonly ModelRow[]): string {
  const table = new Table({
    head: ["model", "parameters", "L1 of the scores", "L1 / mean", "accuracy", "labelled"],
    style: { head: [], border: [] },
  });
  for (const { model, parameters, l1, l1Normalized, accuracy, labelled } of rows)
    table.push([
      model,
      parameters,
      l1.toExponential(2),
      shown(l1Normalized, 3),
      accuracy === null ? "–" : `${(100 * accuracy).toFixed(1)} %`,
      labelled,
    ]);
  return table.toString();
}

const correlationLines = (comparison: Comparison | undefined): string[] =>
  (comparison?.correlations ?? []).map(({ of, models, pearson, spearman }) =>
    pearson === null
      ? `${of} and accuracy: ${models} models have both, too few (or too alike) for a correlation`
      : `${of} and accuracy: r = ${pearson.toFixed(2)}, rank correlation ${shown(spearman, 2)}, ${models} models`,
  );
