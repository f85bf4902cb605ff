// `snellen inspect` as data and as a table.
import { BATCH, opsetOf } from "@snellen/graph";
import Table from "cli-table3";
import type { DescribedModel, PreprocessSpec } from "snellen";

/** The JSON of `snellen inspect`. */
export interface Inspection {
  readonly model: string;
  readonly producer: string;
  readonly opset: number;
  readonly nodes: number;
  readonly input: {
    readonly name: string;
    readonly layout: string;
    readonly channels: number;
    readonly size: readonly number[];
    readonly dataType: string;
    readonly batch: number | "any";
  };
  readonly preprocessing: PreprocessSpec & { readonly origin: string };
  readonly logits: {
    readonly value: string;
    readonly output: string;
    readonly shape: readonly (number | "N")[];
    readonly classes: number;
    readonly skipped: string | null;
  };
  readonly labels: { readonly origin: string; readonly names: readonly string[] | null };
  readonly defaultLayer: string | null;
  readonly layers: readonly LayerRow[];
  readonly operators: Readonly<Record<string, number>>;
}

interface LayerRow {
  readonly value: string;
  readonly node: string;
  readonly operator: string;
  readonly kind: string;
  readonly grid: readonly [number, number];
  readonly channels: number;
  readonly prefixTokens: number;
}

export function inspection(info: DescribedModel, name: string): Inspection {
  const { input, logits, preprocessing, labels, layers, model } = info;
  const operators: Record<string, number> = {};
  for (const node of model.graph.nodes) operators[node.opType] = (operators[node.opType] ?? 0) + 1;
  return {
    model: name,
    producer: model.producer,
    opset: opsetOf(model),
    nodes: model.graph.nodes.length,
    input: {
      name: input.name,
      layout: input.layout,
      channels: input.channels,
      size: input.size,
      dataType: input.dataType,
      batch: input.fixedBatch ?? "any",
    },
    preprocessing: { ...preprocessing.spec, origin: preprocessing.origin },
    logits: {
      value: logits.value,
      output: logits.output,
      shape: logits.shape.map((d) => (d === BATCH ? "N" : d)),
      classes: logits.classes,
      skipped: logits.skipped ?? null,
    },
    labels: { origin: labels.origin, names: labels.names ?? null },
    defaultLayer: layers.default?.value ?? null,
    layers: layers.layers.map((l) => ({
      value: l.value,
      node: l.node,
      operator: l.opType,
      kind: l.layout.kind,
      grid: l.layout.grid,
      channels: l.channels,
      prefixTokens: l.layout.prefix,
    })),
    operators,
  };
}

const BORDERLESS = {
  chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  style: { head: [], border: [] },
};

export function inspectionText(found: Inspection, allLayers: boolean): string {
  const layer = found.layers.find((l) => l.value === found.defaultLayer);
  const table = new Table({ ...BORDERLESS, wordWrap: true, colWidths: [16, 84] });
  table.push(
    [
      "model",
      `${found.model} (${found.producer || "unknown producer"}, opset ${found.opset}, ${found.nodes} nodes)`,
    ],
    [
      "input",
      `${found.input.name}: ${found.input.layout}, ${found.input.size.join("x")}, ${found.input.channels} channels, ${found.input.dataType}, batch ${found.input.batch}`,
    ],
    ["preprocessing", preprocessingText(found.preprocessing)],
    ["", `from: ${found.preprocessing.origin}`],
    [
      "scores",
      `${found.logits.value} [N, ${found.logits.shape.join(", ")}]${found.logits.skipped ? `, before the final ${found.logits.skipped}` : ""}`,
    ],
    [
      "labels",
      found.labels.names === null
        ? "none"
        : `${found.labels.names.length} names (${found.labels.origin}): ${found.labels.names.slice(0, 5).join(", ")}, …`,
    ],
    ["feature layers", `${found.layers.length}${allLayers ? "" : " (list them with --layers)"}`],
    [
      "default layer",
      layer === undefined ? "none: nothing spatial between image and scores" : layerText(layer),
    ],
    [
      "operators",
      Object.entries(found.operators)
        .sort((a, b) => b[1] - a[1])
        .map(([op, n]) => `${op} ${n}`)
        .join(", "),
    ],
  );
  return allLayers ? `${table.toString()}\n${layersTable(found)}` : table.toString();
}

const layerText = (l: LayerRow): string =>
  `${l.value} (${l.operator}, ${l.kind} ${l.grid.join("x")}, ${l.channels} channels${l.prefixTokens > 0 ? `, ${l.prefixTokens} class or register tokens` : ""})`;

function preprocessingText(spec: Inspection["preprocessing"]): string {
  const resize = spec.resize === "crop" ? `short side ${spec.shortSide}, centre crop` : spec.resize;
  return `${spec.channels}, ${resize}, ${spec.interpolation}, range ${spec.range}, mean ${spec.mean.join(", ")}, std ${spec.std.join(", ")}`;
}

function layersTable(found: Inspection): string {
  const table = new Table({ ...BORDERLESS, head: ["value", "operator", "kind", "grid", "channels"] });
  for (const l of found.layers) table.push([l.value, l.operator, l.kind, l.grid.join("x"), l.channels]);
  return table.toString();
}
