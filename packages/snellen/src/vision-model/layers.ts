// Lists the values that may serve as feature maps and picks the default: the last one whose every position still reaches the
// scores. In a network that reads only its class token, tokens after the last attention do not; their maps would be zero.
import { attr, BATCH, type GraphBuilder, isFloating, type Node, UsageError } from "@snellen/graph";
import { type ReceptiveField, receptiveFields } from "../receptive-field/theoretical.ts";
import type { Layouts, SpatialLayout } from "./layout.ts";

export interface FeatureLayer {
  /** Value name, as in the graph. */
  readonly value: string;
  readonly layout: SpatialLayout;
  readonly channels: number;
  /** Which pixels its cells see; undefined where the walk lost them. */
  readonly field: ReceptiveField | undefined;
  /** Node that computes it. */
  readonly node: string;
  readonly opType: string;
}

/** Feature layers between image and logits in graph order; `main` ones end a block (residual sums, normalizations, activations). */
export interface FeatureLayers {
  readonly layers: readonly FeatureLayer[];
  /** Undefined when nothing spatial lies between image and scores. */
  readonly default: FeatureLayer | undefined;
}

export function findFeatureLayers(
  b: GraphBuilder,
  nodes: readonly Node[],
  layouts: Layouts,
  image: string,
  logits: string,
): FeatureLayers {
  const reach = positionsThatReach(b, nodes, layouts, logits);
  const fields = receptiveFields(b, nodes, image, layouts);
  const layers: FeatureLayer[] = [];
  for (const node of nodes) {
    for (const value of node.outputs) {
      const layout = layouts.get(value);
      if (layout === undefined || value === image || !reach.has(value) || !isCandidate(b, value, layout))
        continue;
      layers.push({
        value,
        layout,
        channels: b.dims(value)[layout.channelAxis] as number,
        field: fields.get(value),
        node: node.name,
        opType: node.opType,
      });
    }
  }
  return { layers, default: pickDefault(b, layers, logits) };
}

const isCandidate = (b: GraphBuilder, value: string, layout: SpatialLayout): boolean =>
  isFloating(b.dataType(value)) &&
  layout.kind !== "rows" &&
  layout.grid[0] * layout.grid[1] > 1 &&
  (b.dims(value)[layout.channelAxis] ?? 0) > 1;

/**
 * Values of which every position of the grid influences the logits. A consumer that works position by position passes on what
 * its output has; one that selects positions (class token) passes nothing; everything else mixes positions, so all reach.
 */
function positionsThatReach(
  b: GraphBuilder,
  nodes: readonly Node[],
  layouts: Layouts,
  logits: string,
): Set<string> {
  const influences = new Set<string>([logits]);
  const reach = new Set<string>(layouts.has(logits) ? [logits] : []);
  for (const node of [...nodes].reverse()) {
    const outputs = node.outputs.filter((name) => influences.has(name));
    if (outputs.length === 0) continue;
    for (const input of node.inputs) {
      if (input === "") continue;
      influences.add(input);
      const layout = layouts.get(input);
      if (layout === undefined) continue;
      if (outputs.some((output) => passesOn(b, node, input, layout, output, layouts, reach)))
        reach.add(input);
    }
  }
  return reach;
}

function passesOn(
  b: GraphBuilder,
  node: Node,
  input: string,
  layout: SpatialLayout,
  output: string,
  layouts: Layouts,
  reach: ReadonlySet<string>,
): boolean {
  if (layouts.has(output) && !MIXING.has(node.opType)) return reach.has(output);
  return !selectsPositions(b, node, input, layout);
}

/** Operators on maps whose outputs see neighbouring positions too. */
const MIXING = new Set(["Conv", "ConvTranspose", "MaxPool", "AveragePool", "Resize", "GlobalAveragePool"]);

/** Gather or Slice that takes some positions of the token axis: the class token, as a rule. */
function selectsPositions(b: GraphBuilder, node: Node, input: string, layout: SpatialLayout): boolean {
  if (layout.kind !== "tokens" || node.inputs[0] !== input) return false;
  const token = layout.spatialAxes[0] as number;
  const rank = b.rank(input);
  if (node.opType === "Gather") {
    const axis = attr.int(node, "axis", 0);
    return (axis < 0 ? axis + rank : axis) === token;
  }
  return node.opType === "Slice" || node.opType === "Split" || node.opType === "GatherND";
}

/** Operators that end a block; tokens are read there, not from projections inside attention. */
const NORMALIZATIONS = new Set([
  "LayerNormalization",
  "RMSNormalization",
  "BatchNormalization",
  "GroupNormalization",
  "InstanceNormalization",
]);

function pickDefault(
  b: GraphBuilder,
  layers: readonly FeatureLayer[],
  logits: string,
): FeatureLayer | undefined {
  const usable = layers.filter((layer) => layer.value !== logits);
  const dense = b.dims(logits).filter((d) => d !== BATCH && d > 1).length > 1;
  const last = dense ? coarsest(usable) : usable.at(-1);
  if (last === undefined || last.layout.kind === "map") return last;
  const blocks = usable.filter((layer) => endsBlock(b, layer));
  return blocks.at(-1) ?? last;
}

/** Dense outputs (masks, boxes) have maps up to the end: the deepest features are those of the coarsest grid. */
const coarsest = (layers: readonly FeatureLayer[]): FeatureLayer | undefined => {
  const cells = (layer: FeatureLayer) => layer.layout.grid[0] * layer.layout.grid[1];
  const least = Math.min(...layers.map(cells));
  return layers.filter((layer) => cells(layer) === least).at(-1);
};

function endsBlock(b: GraphBuilder, layer: FeatureLayer): boolean {
  const node = b.producer(layer.value);
  if (node === undefined) return false;
  if (NORMALIZATIONS.has(node.opType)) return true;
  const isComputed = (name: string) => b.initializer(name) === undefined && b.constant(name) === undefined;
  return node.opType === "Add" && node.inputs.every(isComputed);
}

/**
 * The layer that a user names: by value, by node, or by a unique part of either; `auto` for the default.
 * @throws UsageError `unknown-layer`, `no-spatial-layer`
 */
export function resolveLayer(found: FeatureLayers, wanted: string): FeatureLayer {
  if (wanted === "auto") {
    if (found.default !== undefined) return found.default;
    throw new UsageError(
      "no-spatial-layer",
      "no value between the image and the scores has a spatial extent.",
      {
        where: "--layer",
        hint: "This network cannot be explained by a feature map.",
      },
    );
  }
  const exact =
    found.layers.find((l) => l.value === wanted) ?? found.layers.findLast((l) => l.node === wanted);
  if (exact !== undefined) return exact;
  const partial = found.layers.filter((l) => l.value.includes(wanted) || l.node.includes(wanted));
  if (partial.length > 0) return partial.at(-1) as FeatureLayer;
  throw new UsageError("unknown-layer", `no feature layer "${wanted}".`, {
    where: "--layer",
    hint: `List them: snellen inspect <model> --layers. The default is "${found.default?.value}".`,
  });
}
