// `snellen inspect` as a table.
import { type DeclaredValue, type InspectedLayer, type Inspection, kindsText } from "snellen";
import { sizeText } from "../size-text.ts";
import { tableText } from "../tables.ts";

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
    ...(logits.dense === null ? [] : [["", logits.dense] as [string, string]]),
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
  return batchRefusal === null ? `batch ${batch}` : `batch ${batch} (no other: ${batchRefusal})`;
}

function scoresText({ value, shape, classes, skipped, dense }: Inspection["logits"]): string {
  const before = skipped === null ? "" : `, before the final ${skipped}`;
  return `${value} [${shape.join(", ")}]${before}${dense === null ? "" : `, ${classes} classes`}`;
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

function layerText({ value, operator, kind, grid, channels, prefixTokens }: InspectedLayer): string {
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
