// The layer that a user names, and why a value that exists cannot be one.
import {
  BATCH,
  closest,
  createBuilder,
  dimsOf,
  elementCount,
  isFloating,
  type Node,
  UsageError,
} from "@snellen/graph";
import type { DescribedModel } from "./describe.ts";
import { followSpace, imageSpace } from "./follow-space.ts";
import type { FeatureLayer } from "./layers.ts";
import { ancestors } from "./score-parts.ts";

/**
 * By value, by node, or by a part of either (the last layer that has it); `auto` for the default.
 * @throws UsageError `unknown-layer`, `no-spatial-layer`; for values that exist `no-spatial-extent`, `unusable-layer`
 */
export function resolveLayer(info: DescribedModel, wanted: string): FeatureLayer {
  const found = info.layers;
  if (wanted === "auto") {
    if (found.default !== undefined) return found.default;
    throw new UsageError(
      "no-spatial-layer",
      "no value between the image and the scores has a spatial extent.",
      { where: "--layer", hint: "This network cannot be explained by a feature map." },
    );
  }
  const layer = wanted === "" ? undefined : named(info, wanted);
  if (layer !== undefined) return layer;
  const near = closest(wanted, [...new Set(found.layers.flatMap((l) => [l.value, l.node]))]);
  const suggestion = near === "" ? "" : `Did you mean "${near}"? `;
  throw new UsageError("unknown-layer", `no feature layer "${wanted}".`, {
    where: "--layer",
    hint: `${suggestion}List them: snellen inspect <model> --layers. The default is "${found.default?.value}".`,
  });
}

/** @throws UsageError `no-spatial-extent`, `unusable-layer` */
function named(info: DescribedModel, wanted: string): FeatureLayer | undefined {
  const { layers } = info.layers;
  const exact = layers.find((l) => l.value === wanted) ?? layers.findLast((l) => l.node === wanted);
  if (exact !== undefined) return exact;
  refuseUnusable(info, wanted);
  return layers.findLast((l) => l.value.includes(wanted) || l.node.includes(wanted));
}

/** @throws UsageError `no-spatial-extent`, `unusable-layer` for a value or node that exists and is no layer */
function refuseUnusable(info: DescribedModel, wanted: string): void {
  const { nodes } = info.model.graph;
  const at = nodes.findLastIndex((node) => node.outputs.includes(wanted) || node.name === wanted);
  const node = nodes[at];
  if (node === undefined) return;
  const value = node.outputs.includes(wanted) ? wanted : (node.outputs[0] as string);
  const { code, what, hint } = reasonOf(info, value);
  throw new UsageError(code, `"${value}" ${what}.`, { where: "--layer", hint: hint ?? nearest(info, at) });
}

/**
 * As `resolveLayer`, and by their full names also layers that the scores do not read at every position, which have a field.
 * @throws what `resolveLayer` throws
 */
export function resolveFieldLayer(info: DescribedModel, wanted: string): FeatureLayer {
  const { partlyRead } = info.layers;
  const partly = partlyRead.find((l) => l.value === wanted) ?? partlyRead.findLast((l) => l.node === wanted);
  return partly ?? resolveLayer(info, wanted);
}

interface Reason {
  readonly code: "no-spatial-extent" | "unusable-layer";
  readonly what: string;
  readonly hint?: string;
}

function reasonOf(info: DescribedModel, value: string): Reason {
  const { model, shapes, input, logits } = info;
  const b = createBuilder(model, shapes);
  const dims = dimsOf(shapes, value);
  const type = shapes.probes[0]?.get(value)?.dataType;
  const unusable = (what: string, hint?: string): Reason => ({ code: "unusable-layer", what, hint });
  if (dims === undefined) return unusable("has dimensions that are known only when it is computed");
  if (!ancestors(b, logits.value).has(value))
    return unusable(
      `does not lead to the scores, "${logits.value}"`,
      "To explain another output's layers, name it: --output <value>.",
    );
  const pixels = shapes.probes[0]?.get(input.name)?.dims ?? [];
  const spaces = followSpace(b, model.graph.nodes, input.name, imageSpace(pixels, input.layout));
  const followed = spaces.get(value);
  const [h, w] = followed?.space.grid ?? [1, 1];
  if (followed?.isWhole !== true || h * w === 1)
    return { code: "no-spatial-extent", what: `has no rows and columns, it is ${shown(dims)}` };
  if (!isFloating(type)) return unusable(`holds ${type}, which has no gradient`);
  if (elementCount(dims.slice(1)) === h * w) return unusable(`has a single channel, it is ${shown(dims)}`);
  if (followed.layout === undefined)
    return unusable(
      `holds its grid of ${h}x${w} in windows, shifted or mixed with channels, it is ${shown(dims)}`,
    );
  return unusable(`has a grid of ${h}x${w} of which the scores do not read every position`);
}

/** The last layer that is computed before a node, else the first. */
function nearest({ model, layers: { layers } }: DescribedModel, at: number): string {
  const place = new Map(model.graph.nodes.flatMap((node: Node, i) => node.outputs.map((name) => [name, i])));
  const layer = layers.findLast(({ value }) => (place.get(value) ?? 0) < at) ?? layers[0];
  if (layer === undefined) return "This network cannot be explained by a feature map.";
  const { kind, grid } = layer.layout;
  return `The nearest layer is "${layer.value}" (${kind} ${grid.join("x")}); list them: snellen inspect <model> --layers.`;
}

const shown = (dims: readonly number[]): string => `[${dims.map((d) => (d === BATCH ? "N" : d)).join(", ")}]`;
