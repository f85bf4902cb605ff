// `snellen inspect` as data and as a table.
import { BATCH } from "@snellen/graph";
import {
  countKinds,
  type DeclaredValue,
  type DescribedModel,
  type FeatureLayer,
  type FieldDescription,
  type FileFacts,
  fieldDescription,
  findNormalizations,
  findPatchEmbedding,
  foldedNormalization,
  type KindCounts,
  kindsText,
  type PreprocessSpec,
} from "snellen";
import { type PatchEmbeddingFacts, patchEmbeddingFacts } from "./patch-embedding-facts.ts";
import { sizeText } from "./size-text.ts";
import { tableText } from "./tables.ts";

/** The JSON of `snellen inspect`; part of the command line's contract. */
export interface Inspection extends FileFacts {
  readonly model: string;
  readonly input: {
    readonly name: string;
    readonly layout: string;
    readonly channels: number;
    /** Height and width. */
    readonly size: readonly number[];
    readonly dataType: string;
    /** Images that the model takes at a time, and what became of a number that the file fixes. */
    readonly batch: number | "any";
    readonly batchFreedFrom: number | null;
    readonly batchRefusal: string | null;
  };
  readonly preprocessing: PreprocessSpec & { readonly origin: string; readonly assumed: boolean };
  readonly logits: {
    readonly value: string;
    readonly output: string;
    readonly shape: readonly (number | "N")[];
    readonly classes: number;
    /** Softmax or Sigmoid that follows the scores. */
    readonly skipped: string | null;
  };
  readonly labels: { readonly origin: string; readonly names: readonly string[] | null };
  /** How many there are of each kind (batch, group, instance, layer, rms). */
  readonly normalizations: KindCounts;
  /** What speaks for batch normalization that was folded into convolutions; null where nothing does. */
  readonly foldedNormalization: string | null;
  /** Of a vision transformer: its patches, tokens and positions; else why there is none. */
  readonly patchEmbedding: PatchEmbeddingFacts;
  readonly defaultLayer: string | null;
  readonly layers: readonly LayerRow[];
}

interface LayerRow {
  readonly value: string;
  readonly node: string;
  readonly operator: string;
  readonly kind: string;
  readonly grid: readonly [number, number];
  readonly channels: number;
  /** Class and register tokens before the grid's. */
  readonly prefixTokens: number;
  /** Pixels between the centres of neighbouring cells, rows and columns; null where they are not known. */
  readonly stride: readonly [number, number] | null;
  /** Theoretical receptive field, pixels; null where it is not known, or within it for the whole image. */
  readonly field: FieldDescription | null;
}

export function inspection(info: DescribedModel, name: string): Inspection {
  const { input, batch, logits, preprocessing, labels, layers } = info;
  const normalizations = findNormalizations(info.model, info.shapes);
  const folded = foldedNormalization(info.model, info.shapes, normalizations);
  return {
    model: name,
    ...info.file,
    input: {
      name: input.name,
      layout: input.layout,
      channels: input.channels,
      size: input.size,
      dataType: input.dataType,
      batch: batch.fixed ?? "any",
      batchFreedFrom: batch.freedFrom ?? null,
      batchRefusal: batch.refusal ?? null,
    },
    preprocessing: {
      ...preprocessing.spec,
      origin: preprocessing.origin,
      assumed: preprocessing.isAssumed,
    },
    logits: {
      value: logits.value,
      output: logits.output,
      shape: ["N", ...logits.shape.map((d) => (d === BATCH ? "N" : d))],
      classes: logits.classes,
      skipped: logits.skipped ?? null,
    },
    labels: { origin: labels.origin, names: labels.names ?? null },
    normalizations: countKinds(normalizations),
    foldedNormalization: folded.folded > 0 ? folded.how : null,
    patchEmbedding: patchEmbeddingFacts(findPatchEmbedding(info)),
    defaultLayer: layers.default?.value ?? null,
    layers: layers.layers.map(layerRow),
  };
}

const layerRow = ({ value, node, opType, layout, channels, field }: FeatureLayer): LayerRow => ({
  value,
  node,
  operator: opType,
  kind: layout.kind,
  grid: layout.grid,
  channels,
  prefixTokens: layout.prefix,
  stride: field === undefined ? null : [field[0].stride, field[1].stride],
  field: field === undefined ? null : fieldDescription(field),
});

export function inspectionText(found: Inspection, allLayers: boolean): string {
  const table = tableText([], rowsOf(found, allLayers), { widths: [16, 84] });
  return allLayers ? `${table}\n${layersTable(found)}` : table;
}

function rowsOf(found: Inspection, allLayers: boolean): [string, string][] {
  const { input, logits, labels } = found;
  const layer = found.layers.find((l) => l.value === found.defaultLayer);
  const channels = input.channels === 1 ? "1 channel" : `${input.channels} channels`;
  const operators = Object.entries(found.operators).sort((a, b) => b[1] - a[1]);
  return [
    [
      "model",
      `${found.model} (${found.producer || "unknown producer"}, opset ${found.opset}, ${found.nodes} nodes)`,
    ],
    ["inputs", found.inputs.map(declaredText).join("; ")],
    ["outputs", found.outputs.map(declaredText).join("; ")],
    [
      "image input",
      `${input.name}: ${input.layout}, ${input.size.join("x")}, ${channels}, ${input.dataType}, ${batchText(input)}`,
    ],
    ["preprocessing", preprocessingText(found.preprocessing)],
    ["", `from: ${found.preprocessing.origin}`],
    ["scores", scoresText(logits)],
    ["labels", labels.names === null ? "none" : namesText(labels.names, labels.origin)],
    ["normalizations", normalizationsText(found)],
    ["patch embedding", embeddingText(found)],
    ["feature layers", `${found.layers.length}${allLayers ? "" : " (list them with --layers)"}`],
    [
      "default layer",
      layer === undefined ? "none: nothing spatial between image and scores" : layerText(layer),
    ],
    ["operators", operators.map(([op, n]) => `${op} ${n}`).join(", ")],
  ];
}

const declaredText = ({ name, dataType, dims }: DeclaredValue): string =>
  `${name} ${dataType ?? "?"}${dims === null ? "" : `[${dims.map((d) => d ?? "?").join(", ")}]`}`;

function batchText({ batch, batchFreedFrom, batchRefusal }: Inspection["input"]): string {
  if (batchFreedFrom !== null) return `batch any (${batchFreedFrom} in the file, freed)`;
  return batchRefusal === null ? `batch ${batch}` : `batch ${batch} (not freed: ${batchRefusal})`;
}

function scoresText({ value, shape, classes, skipped }: Inspection["logits"]): string {
  const before = skipped === null ? "" : `, before the final ${skipped}`;
  const dense =
    shape.filter((d) => d !== "N" && d > 1).length > 1
      ? `, ${classes} classes, each explained at its strongest position`
      : "";
  return `${value} [${shape.join(", ")}]${before}${dense}`;
}

/** Of convolutional networks nobody asks why they embed no patches. */
const embeddingText = ({ patchEmbedding }: Inspection): string =>
  !patchEmbedding.found && patchEmbedding.reason === "no-patches" ? "none" : patchEmbedding.text;

function normalizationsText({ normalizations, foldedNormalization: folded }: Inspection): string {
  const kept = kindsText(normalizations) || "none";
  return folded === null ? kept : `${kept}; folded: ${folded}`;
}

const namesText = (names: readonly string[], origin: string): string =>
  `${names.length} names (${origin}): ${names.slice(0, 5).join("; ")}${names.length > 5 ? "; …" : ""}`;

function layerText({ value, operator, kind, grid, channels, prefixTokens }: LayerRow): string {
  const tokens = prefixTokens > 0 ? `, ${prefixTokens} class or register tokens` : "";
  return `${value} (${operator}, ${kind} ${grid.join("x")}, ${channels} channels${tokens})`;
}

function preprocessingText(spec: Inspection["preprocessing"]): string {
  const resize = spec.resize === "crop" ? `short side ${spec.shortSide}, centre crop` : spec.resize;
  return `${spec.channels}, ${resize}, ${spec.interpolation}, range ${spec.range}, mean ${spec.mean.join(", ")}, std ${spec.std.join(", ")}`;
}

function layersTable(found: Inspection): string {
  return tableText(
    ["value", "operator", "kind", "grid", "channels", "stride", "field"],
    found.layers.map((l) => [
      `${l.value}${l.value === found.defaultLayer ? " (default)" : ""}`,
      l.operator,
      l.kind,
      l.grid.join("x"),
      l.channels,
      l.stride === null ? "–" : [...new Set(l.stride)].join("x"),
      l.field === null ? "–" : sizeText(l.field.size),
    ]),
  );
}
