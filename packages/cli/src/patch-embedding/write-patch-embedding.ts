// Runs `snellen patch-embedding`: finds it, measures it on images, and writes tables and plots.
import { join } from "node:path";
import {
  type DataTable,
  type EmbeddingScale,
  evenly,
  findPatchEmbedding,
  measureEmbeddingScale,
  type Plot,
  patchEmbeddingFacts,
  type ScaleRow,
  skipReason,
  VERSION,
} from "snellen";
import { ensureFolder, writeFileAtomic } from "snellen/node";
import type { PatchEmbeddingFlags } from "../commands/patch-embedding.ts";
import { csvText } from "../csv.ts";
import { numberWithHalf } from "../estimate-text.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags, openWithFlags } from "../open.ts";
import { tableText } from "../tables.ts";
import { EXIT } from "../terminal.ts";
import { writePlot } from "../write-plot.ts";

export async function writePatchEmbedding(
  path: string,
  flags: PatchEmbeddingFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  await using model = await openWithFlags(path, flags, terminal);
  const search = findPatchEmbedding(model.info);
  const patchEmbedding = patchEmbeddingFacts(search);
  const head = { version: 1, snellen: VERSION, model: model.name, patchEmbedding };
  if (!search.found || flags.images === undefined) {
    terminal.result(head, () => `${model.name}: ${patchEmbedding.text}`);
    return EXIT.done;
  }
  const { entries: all } = await openImagesWithFlags(model, flags.images, flags, terminal);
  const entries = evenly(all, flags.n);
  await ensureFolder(flags.out);
  noteAssumptions(model, entries, flags, terminal);
  const skipped: { source: string; reason: string }[] = [];
  const measured = (await measureEmbeddingScale(model, entries, {
    batch: batchOf(flags),
    signal,
    onSkip: (picture) => {
      terminal.warn(`skipped ${skipReason(picture)}`);
      skipped.push({ source: picture.source, reason: skipReason(picture) });
    },
    onProgress: (done) => terminal.progress("patch embedding", done / entries.length),
  })) as EmbeddingScale;
  const { rows, grips, verdict, n, labelled } = measured;
  const files = await writeFiles(flags.out, measured);
  const result = { ...head, verdict, n, labelled, grips, rows, skipped, files };
  await writeFileAtomic(join(flags.out, "patch-embedding.json"), `${JSON.stringify(result, null, 1)}\n`);
  terminal.result(result, () =>
    [`${model.name}: ${patchEmbedding.text}`, text(measured), `Plots in ${flags.out}`].join("\n"),
  );
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Figures of a row that have an interval each. */
const FIGURES = ["ratio", "cosine", "positionalShare", "accuracy", "agreement"] as const;

const TITLES = {
  ratio: "|E·patch + b| / |E_pos|, mean over patches",
  cosine: "cosine of z0 to the clean picture's, mean over patches",
  accuracy: "accuracy (share of labelled images)",
  agreement: "agreement with the clean prediction (share of images)",
} as const;

async function writeFiles(out: string, { rows, n, labelled }: EmbeddingScale): Promise<string[]> {
  await writeFileAtomic(join(out, "patch-embedding.csv"), csvText(tableOf(rows)));
  const outcome = labelled > 0 ? "accuracy" : "agreement";
  return [
    "patch-embedding.csv",
    await writePlot(out, "ratio.svg", plotOf(rows, "ratio", n)),
    await writePlot(out, "cosine.svg", plotOf(rows, "cosine", n)),
    await writePlot(out, "accuracy.svg", plotOf(rows, outcome, labelled > 0 ? labelled : n)),
  ];
}

const tableOf = (rows: readonly ScaleRow[]): DataTable => ({
  columns: [
    "family",
    "factor",
    "n",
    ...FIGURES.flatMap((figure) => [figure, `${figure}_low`, `${figure}_high`]),
  ],
  rows: rows.map((row) => [
    row.family,
    row.factor,
    row.n,
    ...FIGURES.flatMap((figure) => [row[figure].value, row[figure].low, row[figure].high]),
  ]),
});

function plotOf(rows: readonly ScaleRow[], figure: keyof typeof TITLES, n: number): Plot {
  const families = [...new Set(rows.map(({ family }) => family))];
  return {
    kind: "plot",
    caption: `${TITLES[figure]}, by factor; n = ${n} images`,
    x: { title: "factor (1: the picture as it is)" },
    y: { title: TITLES[figure] },
    series: families.map((family) => ({
      name: family.replaceAll("_", " "),
      style: "line",
      points: rows
        .filter((row) => row.family === family && row[figure].value !== null)
        .map((row): [number, number] => [row.factor, row[figure].value as number]),
    })),
  };
}

function text({ rows, grips, labelled, n }: EmbeddingScale): string {
  const outcome = labelled > 0 ? "accuracy" : "agreement";
  const table = tableText(
    ["", "factor", "ratio", "cosine", "positional share", outcome],
    rows.map((row) => [
      row.family.replaceAll("_", " "),
      row.factor,
      numberWithHalf(row.ratio),
      numberWithHalf(row.cosine),
      numberWithHalf(row.positionalShare),
      numberWithHalf(row[outcome]),
    ]),
  );
  return [table, `${n} images, ${labelled} with a label.`, ...grips.map((grip) => grip.text)].join("\n");
}
