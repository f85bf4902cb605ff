// `snellen gammas` as people and spreadsheets read it: the table of γ, the blocks' variance ratios, and all of it as CSV.
import type { PlannedBlock, PlannedGamma } from "snellen";
import { csvText } from "../csv.ts";
import { tableText } from "../tables.ts";
import type { GammasFile } from "./write-gammas.ts";

/** Characters a line of a reason; longer words stay whole. */
const REASON_WIDTH = 56;

const percent = (share: number | null | undefined): string =>
  share === null || share === undefined
    ? "–"
    : share !== 0 && share < 1e-4
      ? "< 0.01 %"
      : `${Number((100 * share).toPrecision(2))} %`;

type Column = readonly [title: string, of: (gamma: PlannedGamma) => string];

const COLUMNS: readonly Column[] = [
  ["parameter", ({ parameter, named }) => (named.sure === "guess" ? `${parameter} (a guess)` : parameter)],
  ["category", categoryText],
  ["decay", ({ decay }) => (decay ? "yes" : "no")],
];

const EVIDENCE: readonly Column[] = [
  ["scores move", ({ evidence }) => percent(evidence?.scaleChange)],
  [
    "rule",
    ({ evidence, decidedBy }) =>
      decidedBy === "evidence" ? "decided by it" : (AGREEMENT[String(evidence?.agrees ?? null)] ?? ""),
  ],
];

const AGREEMENT: Readonly<Record<string, string>> = { true: "agrees", false: "contradicted", null: "untold" };

const REASON: Column = ["why", ({ reason }) => wrapped(reason, REASON_WIDTH)];

const DECIDED = { rule: "", evidence: "", open: "?" } as const;

function categoryText({ category, nearly, stream, decidedBy }: PlannedGamma): string {
  const how = nearly ? ", nearly" : stream ? ", stream" : "";
  return `${category}${how}${DECIDED[decidedBy]}`;
}

export function gammasText(file: GammasFile, path: string): string {
  const { gammas, blocks, notes, inputs } = file;
  const parts =
    gammas.length === 0
      ? [`Nothing to plan: ${notes.join(" ")}`]
      : [headline(file), gammaTable(gammas, inputs !== null)];
  parts.push(...blockLines(blocks), ...contradictionLines(gammas));
  if (gammas.length > 0)
    parts.push(
      `As code for an optimizer: snellen gammas ${path}${inputs === null ? "" : " --images …"} --format pytorch`,
    );
  return parts.join("\n");
}

function headline({ gammas, inputs }: GammasFile): string {
  const decaying = gammas.filter(({ decay }) => decay).length;
  const on =
    inputs === null
      ? "by rules alone"
      : `measured on ${inputs.count} ${inputs.count === 1 ? "image" : "images"} by doubling each`;
  return `Weight decay for ${decaying} of ${gammas.length} γ, ${on}.`;
}

function gammaTable(gammas: readonly PlannedGamma[], isMeasured: boolean): string {
  const columns = [...COLUMNS, ...(isMeasured ? EVIDENCE : []), REASON];
  return tableText(
    columns.map(([title]) => title),
    gammas.map((gamma) => columns.map(([, of]) => of(gamma))),
  );
}

/** At most so many blocks are shown: the first and last, and those with the smallest and largest ratios. */
const MOST_BLOCKS = 12;
const EACH_END = MOST_BLOCKS / 4;

function blockLines(blocks: readonly PlannedBlock[]): string[] {
  if (!blocks.some(({ varianceRatio }) => varianceRatio !== null)) return [];
  const shown = telling(blocks);
  const number = (value: number | null): string => value?.toPrecision(3) ?? "–";
  const rows = shown.map((i) => {
    const { node, kind, varianceRatio, low, high } = blocks[i] as PlannedBlock;
    return [String(i + 1), node, kind, number(varianceRatio), number(low), number(high)];
  });
  const left = blocks.length - shown.length;
  return [
    "Variance of each residual branch beside that of its skip; the smaller, the nearer the block is to the identity.",
    tableText(["block", "residual Add", "shortcut", "Var(F)/Var(x)", "smallest", "largest"], rows),
    ...(left > 0 ? [`${left} blocks between these are left out; --format json has them.`] : []),
  ];
}

/** Indices of the blocks that say most, in order. */
function telling(blocks: readonly PlannedBlock[]): number[] {
  const all = blocks.map((_, i) => i);
  if (blocks.length <= MOST_BLOCKS) return all;
  const ratio = (i: number): number => blocks[i]?.varianceRatio ?? Number.NaN;
  const ranked = all.filter((i) => !Number.isNaN(ratio(i))).sort((a, b) => ratio(a) - ratio(b));
  const ends = [all, ranked].flatMap((order) => [...order.slice(0, EACH_END), ...order.slice(-EACH_END)]);
  return [...new Set(ends)].sort((a, b) => a - b);
}

function contradictionLines(gammas: readonly PlannedGamma[]): string[] {
  const against = gammas.filter(({ evidence }) => evidence?.agrees === false);
  if (against.length === 0) return [];
  return [
    "Contradicted by the measurement (decay is as the rule says):",
    ...against.map((gamma) => `  ${gamma.parameter}: ${categoryText(gamma)}, but ${gamma.evidence?.verdict}`),
  ];
}

/** Lines of whole words. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** One line a γ. */
export const gammasCsv = (gammas: readonly PlannedGamma[]): string =>
  csvText({
    columns: CSV_COLUMNS,
    rows: gammas.map(({ named, sharedBy, evidence, ...gamma }) => ({
      ...gamma,
      ...named,
      ...evidence,
      sharedBy: sharedBy.join(" "),
    })),
  });

const CSV_COLUMNS = [
  "parameter",
  "source",
  "sure",
  "node",
  "sharedBy",
  "kind",
  "channels",
  "category",
  "decay",
  "decidedBy",
  "nearly",
  "stream",
  "ones",
  "scaleChange",
  "skipChange",
  "agrees",
  "verdict",
  "reason",
] as const;
