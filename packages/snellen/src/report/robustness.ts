// The robustness benchmark's report as data, from its result and nothing else: robustness-html.tsx makes a page of it.
import type { ResultEvidence, Table } from "../exam/result.ts";
import type { Estimate } from "../robustness/figures/estimates.ts";
import type {
  CorruptionFigures,
  ModelFigures,
  RobustnessResult,
} from "../robustness/figures/result-types.ts";
import type { Document, DocumentSection } from "./document.ts";
import { estimateText, shareText } from "./estimate-text.ts";
import { calibrationPlot, reliabilityPlot } from "./robustness-plots.ts";
import { countText, hasCorruptionErrors, isLabelled } from "./robustness-text.ts";

/** What a page draws of a section in place of its tables: the loss by severity, or a heat map of corruptions by severities. */
export type RobustnessDrawing = "curves" | "heat-maps";

export interface RobustnessSection extends DocumentSection {
  readonly drawing?: RobustnessDrawing;
}

/** The page as data; what pages draw are tables here. */
export function robustnessDocument(
  result: RobustnessResult,
): Omit<Document, "sections"> & { readonly sections: readonly RobustnessSection[] } {
  return { title: robustnessTitle(result), intro: introOf(result), sections: sectionsOf(result) };
}

export const robustnessTitle = ({ models }: RobustnessResult): string =>
  `Robustness of ${models.map(({ name }) => name).join(", ")}`;

function introOf(result: RobustnessResult): string[] {
  const { images, corruptions, date, snellen, seed, reference } = result;
  return [
    `${images.count} images from ${images.name}, ${images.skipped.length} of them skipped; ${corruptions.length} corruptions, seed ${seed}; ${date.slice(0, 10)}, Snellen ${snellen}.`,
    ...(hasCorruptionErrors(result)
      ? [`Corruption errors are measured against ${reference.name}. ${reference.note}`]
      : []),
    "Shares are in percent, with 95 % intervals in brackets and n, the images that a figure stands on. Images are what the intervals are about: other images of the same kind, the same corruptions.",
  ];
}

function sectionsOf(result: RobustnessResult): RobustnessSection[] {
  const { models, comparisons } = result;
  const labelled = models.filter(isLabelled);
  const hasErrors = hasCorruptionErrors(result);
  return [
    summarySection(result),
    {
      title: models.every(isLabelled) ? "Error by severity" : "Change by severity",
      text: [],
      evidence: models.map((model) => severityTable(model, "error")),
      drawing: "curves",
    },
    {
      title: models.every(isLabelled) ? "Accuracy by severity" : "Agreement by severity",
      text: [],
      evidence: models.map((model) => severityTable(model, "accuracy")),
      drawing: "heat-maps",
    },
    {
      title: "By corruption",
      text: [
        `Means over severities.${hasErrors ? " CE is the error over the reference's; relative CE what corruption adds to the clean error, over what it adds to the reference's." : ""} Flips: steps from a severity to the next that change the prediction, derived here after ImageNet-P's flip probability, which compares frames of a video; where a corruption draws random numbers, severities draw their own.`,
      ],
      evidence: models.map((model) => corruptionTable(model, hasErrors)),
    },
    ...(labelled.length === 0 ? [] : [calibrationSection(labelled)]),
    ...(comparisons.length === 0 ? [] : [comparisonSection(result, hasErrors)]),
    ...skippedSection(result),
  ];
}

function summarySection(result: RobustnessResult): DocumentSection {
  const { models, corruptions } = result;
  const hasErrors = hasCorruptionErrors(result);
  const over = models[0]?.summary.corruptions ?? [];
  const ratio = models[0]?.summary.mce.name ?? "mCE";
  const relative = models[0]?.summary.relativeMce.name ?? "relative mCE";
  const columns: readonly Column<ModelFigures["summary"]>[] = [
    ["clean error", (summary) => summary.cleanError],
    ["mean corruption error", (summary) => summary.meanError],
    ["mean corruption accuracy", (summary) => summary.meanAccuracy],
    ...(hasErrors
      ? ([
          [ratio, (summary) => summary.mce],
          [relative, (summary) => summary.relativeMce],
        ] satisfies Column<ModelFigures["summary"]>[])
      : []),
    ["agreement with clean", (summary) => summary.agreement],
    ["flips", (summary) => summary.flips],
    ["flips from clean", (summary) => summary.flipsFromClean],
  ];
  const bars = models.flatMap(({ name, summary: { mce } }) =>
    mce.value === null
      ? []
      : [{ label: name, value: 100 * mce.value, low: scaled(mce.low), high: scaled(mce.high) }],
  );
  const scale = hasErrors
    ? ` ${ratio} in percent of the reference's errors: 100 is as robust as the reference.`
    : "";
  return {
    title: "Summary",
    text: [
      `Means over ${over.length} of ${corruptions.length} corruptions and their severities, on images that have all of them.${scale}`,
    ],
    evidence: [
      estimatesTable(
        "Percent [95 % interval], n images",
        "model",
        columns,
        models.map(({ name, summary }) => [name, summary]),
      ),
      ...(bars.length < 2 || !hasErrors ? [] : [mceBars(models, bars)]),
    ],
  };
}

/** A column of estimates, of what a row is about. */
type Column<Row> = readonly [title: string, of: (row: Row) => Estimate];

/** A row each; columns without a single number are left out. */
function estimatesTable<Row>(
  caption: string,
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly (readonly [name: string, row: Row])[],
): Table {
  const known = columns.filter(([, of]) => rows.some(([, row]) => of(row).value !== null));
  return {
    kind: "table",
    caption,
    columns: [title, ...known.map(([name]) => name)].map((name) => ({ title: name })),
    rows: rows.map(([name, row]) => [name, ...known.map(([, of]) => estimateText(of(row)))]),
  };
}

const scaled = (share: number | null): number | undefined => (share === null ? undefined : 100 * share);

function mceBars(models: readonly ModelFigures[], bars: Extract<ResultEvidence, { kind: "bars" }>["bars"]) {
  const name = models[0]?.summary.mce.name;
  const count = countText(models.map(({ summary }) => summary.mce));
  const sorted = bars.toSorted((a, b) => a.value - b.value);
  return { kind: "bars", caption: `${name} ↓, the best first; ${count}`, axis: "%", bars: sorted } as const;
}

/** A row a corruption, a column a severity. */
function severityTable(model: ModelFigures, figure: "error" | "accuracy"): Table {
  const name = isLabelled(model) ? figure : "agreement";
  const severities = [...new Set(model.conditions.map(({ severity }) => severity ?? 0))].filter((s) => s > 0);
  const cell = (corruption: string, severity: number): string => {
    const found = model.conditions.find((c) => c.corruption === corruption && c.severity === severity);
    return found === undefined ? "–" : estimateText(found[name]);
  };
  return {
    kind: "table",
    caption: `${model.name}: ${name} in percent by corruption and severity [95 % interval], n images`,
    columns: [{ title: "corruption" }, ...severities.map((s) => ({ title: `severity ${s}` }))],
    rows: model.corruptions.map(({ corruption }) => [
      corruption,
      ...severities.map((s) => cell(corruption, s)),
    ]),
  };
}

function corruptionTable({ name, corruptions }: ModelFigures, hasErrors: boolean): Table {
  const columns: readonly Column<CorruptionFigures>[] = [
    ["error", (own) => own.error],
    ...(hasErrors
      ? ([
          ["CE", (own) => own.ce],
          ["relative CE", (own) => own.relativeCe],
        ] satisfies Column<CorruptionFigures>[])
      : []),
    ["agreement with clean", (own) => own.agreement],
    ["flips", (own) => own.flips],
    ["flips from clean", (own) => own.flipsFromClean],
    ["ECE", (own) => ({ value: own.ece, low: null, high: null, n: own.error.n })],
  ];
  return estimatesTable(
    `${name}: percent [95 % interval], n images`,
    "corruption",
    columns,
    corruptions.map((own) => [own.corruption, own]),
  );
}

const calibrationSection = (models: readonly ModelFigures[]): DocumentSection => ({
  title: "Calibration under shift",
  text: [
    "Expected calibration error (ECE): mean distance between confidence and accuracy over fifteen bins. It is never below zero, so that few images show some where there is none: by chance is what a perfectly calibrated model would show on as many images.",
  ],
  evidence: [
    {
      kind: "table",
      caption:
        "Expected calibration error in percent, corrupted: mean over conditions of at least n images each",
      columns: ["model", "clean", "clean, by chance", "corrupted", "corrupted, by chance", "n"].map(
        (title) => ({ title }),
      ),
      rows: models.map(({ name, summary: { ece } }) => [
        name,
        ...[ece.clean, ece.cleanByChance, ece.corrupted, ece.corruptedByChance].map(shareText),
        ece.images,
      ]),
    },
    calibrationPlot(models),
    ...models.map(reliabilityPlot),
  ],
});

const comparisonSection = ({ comparisons }: RobustnessResult, hasErrors: boolean): DocumentSection => ({
  title: "Differences between models",
  text: [
    `First minus second on the same images, in percentage points of error${hasErrors ? " and of CE" : ""}: below zero the first is better. An interval without zero is a difference that other images would most likely show too; of many such intervals one in twenty misses.`,
  ],
  evidence: comparisons.map((c): Table => {
    const rows = [
      ["clean error", c.cleanError],
      ["mean corruption error", c.meanError],
      ...(hasErrors
        ? ([
            [c.mce.name, c.mce],
            [c.relativeMce.name, c.relativeMce],
          ] as const)
        : []),
      ["agreement with clean (above zero the first is better)", c.agreement],
      ...c.corruptions.map((own) => [`error, ${own.corruption}`, own.error] as const),
    ] as const;
    return {
      kind: "table",
      caption: `${c.first} − ${c.second}: percentage points [95 % interval], n images`,
      columns: [{ title: "figure" }, { title: "difference" }],
      rows: rows
        .filter(([, estimate]) => estimate.value !== null)
        .map(([title, estimate]) => [title, estimateText(estimate)]),
    };
  }),
});

function skippedSection({ images: { skipped } }: RobustnessResult): DocumentSection[] {
  if (skipped.length === 0) return [];
  const table: Table = {
    kind: "table",
    caption: `${skipped.length} skipped`,
    columns: [{ title: "image" }, { title: "reason" }],
    rows: skipped.map(({ source, reason }) => [source, reason]),
  };
  return [{ title: "Images that could not be read", text: [], evidence: [table] }];
}
