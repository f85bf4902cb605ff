// `snellen groups` as people and spreadsheets read it: the table of layers, and the isometry profile as a plot.
import { adviceEffect, type LayerAdvice } from "snellen";
import { csvText } from "../csv.ts";
import { measuredOnText } from "../measured-images.ts";
import { tableText } from "../tables.ts";
import type { GroupsFile } from "./write-groups.ts";

const number = (value: number | null): string => value?.toPrecision(3) ?? "–";

const COLUMNS: readonly (readonly [title: string, of: (layer: LayerAdvice) => string])[] = [
  ["layer", ({ module, node }) => module ?? node],
  ["kind", ({ kind }) => kind],
  ["C", ({ channels }) => String(channels)],
  ["G", ({ groups }) => (groups === null ? "–" : String(groups))],
  ["gain now", ({ gainNow }) => number(gainNow)],
  ["ideal G, formula", ({ ideal }) => String(ideal.closedForm ?? "–")],
  ["ideal G, measured", ({ ideal }) => String(ideal.measured ?? "–")],
  ["gain then", ({ gainThen }) => number(gainThen)],
];

/** @param flags those that the same advice asks for, each with a blank before */
export function groupsText(advice: GroupsFile, path: string, flags: string): string {
  const { layers, blocks, inputs, convention, notes } = advice;
  if (layers.length === 0) return `Nothing to advise. ${notes.join(" ")}`;
  const on = inputs === null ? "" : `, on ${measuredOnText(inputs)}`;
  const { helps, text } = adviceEffect(advice);
  return [
    `Gradient gain by ${convention}${on}; 1 is isometric. Each layer is changed alone.`,
    tableText(
      COLUMNS.map(([title]) => title),
      layers.map((layer) => COLUMNS.map(([, of]) => of(layer))),
    ),
    ...layerNotes(layers),
    ...blocksLine(blocks),
    text,
    ...(helps ? [`snellen fix groups ${path} -o fixed.onnx${flags}`] : []),
  ].join("\n");
}

/** Residual blocks as wholes, skip and branch together. */
function blocksLine(blocks: GroupsFile["blocks"]): string[] {
  if (blocks.length === 0) return [];
  const range = (gains: readonly number[]) =>
    `${Math.min(...gains).toPrecision(3)} to ${Math.max(...gains).toPrecision(3)}`;
  const [now, advised] = [blocks.map((b) => b.gainNow), blocks.map((b) => b.gainThen)];
  return [
    `${blocks.length} residual blocks, skip and branch together: gain ${range(now)} now, ${range(advised)} as advised.`,
  ];
}

/** Notes that several layers share are one line. */
function layerNotes(layers: readonly LayerAdvice[]): string[] {
  const byNote = new Map<string, Set<string>>();
  for (const { notes, module, node } of layers)
    for (const note of notes) byNote.set(note, new Set(byNote.get(note)).add(module ?? node));
  return [...byNote].map(([note, found]) => {
    const names = [...found];
    const shown =
      names.length > MOST_NAMES
        ? [...names.slice(0, MOST_NAMES), `${names.length - MOST_NAMES} more`]
        : names;
    return `${shown.join(", ")}: ${note}`;
  });
}

const MOST_NAMES = 4;

/** One line a layer and candidate. */
export const groupsCsv = (layers: readonly LayerAdvice[]): string =>
  csvText({
    columns: CSV_COLUMNS,
    rows: layers.flatMap(({ node, module, kind, channels, groups: current, advised, gains }) =>
      gains.map((gain) => ({ node, module, kind, channels, current, advised, ...gain })),
    ),
  });

const CSV_COLUMNS = [
  "node",
  "module",
  "kind",
  "channels",
  "current",
  "advised",
  "groups",
  "closedForm",
  "measured",
  "low",
  "high",
] as const;
