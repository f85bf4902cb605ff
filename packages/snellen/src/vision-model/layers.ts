// Lists the values that may serve as feature maps and picks the default: the last one whose every position still reaches the
// scores. In a network that reads only its class token, tokens after the last attention do not; their maps would be zero.
import { attr, BATCH, type GraphBuilder, isFloating, type Node } from "@snellen/graph";
import { type ReceptiveField, receptiveFields } from "../receptive-field/theoretical/theoretical.ts";
import type { Followed, Spaces } from "./follow-space.ts";
import { scoreParts, valuesBehindAll } from "./score-parts.ts";
import { readsShapeOnly } from "./shape-only.ts";
import type { SpatialLayout } from "./space.ts";

/** A value of the graph that may serve as feature map: cells on a grid, each with some channels. */
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

/** Feature layers between image and logits in graph order. */
export interface FeatureLayers {
  readonly layers: readonly FeatureLayer[];
  /** Undefined when nothing spatial lies between image and scores. */
  readonly default: FeatureLayer | undefined;
  /** Spatial values that the scores do not read at every position: nothing for heat maps, but they have fields. */
  readonly partlyRead: readonly FeatureLayer[];
}

export function findFeatureLayers(
  b: GraphBuilder,
  nodes: readonly Node[],
  spaces: Spaces,
  image: string,
  logits: string,
): FeatureLayers {
  const reach = positionsThatReach(b, nodes, spaces, logits);
  const fields = receptiveFields(b, nodes, image, spaces);
  const [layers, partlyRead]: [FeatureLayer[], FeatureLayer[]] = [[], []];
  for (const node of nodes) {
    for (const value of node.outputs) {
      const layout = spaces.get(value)?.layout;
      if (layout === undefined || value === image || !isCandidate(b, value, layout)) continue;
      (reach.has(value) ? layers : partlyRead).push({
        value,
        layout,
        channels: b.dims(value)[layout.channelAxis] as number,
        field: fields.get(value),
        node: node.name,
        opType: node.opType,
      });
    }
  }
  const mixed = valuesMixedBehind(b, nodes, spaces, logits);
  return { layers, partlyRead, default: pickDefault(b, layers, logits, mixed, spaces) };
}

const isCandidate = (b: GraphBuilder, value: string, layout: SpatialLayout): boolean =>
  isFloating(b.dataType(value)) &&
  layout.grid[0] * layout.grid[1] > 1 &&
  (b.dims(value)[layout.channelAxis] ?? 0) > 1;

/**
 * Values of which every position of the grid influences the logits. A consumer that works position by position passes on what
 * its output has; one that selects tokens (class token) passes nothing; all others mix positions, so that all reach as soon as
 * some of the output does.
 */
function positionsThatReach(
  b: GraphBuilder,
  nodes: readonly Node[],
  spaces: Spaces,
  logits: string,
): Set<string> {
  const isDense = spaces.get(logits)?.isWhole === true;
  const influences = new Set<string>([logits]);
  const [some, every] = [new Set(isDense ? [logits] : []), new Set(isDense ? [logits] : [])];
  for (const node of [...nodes].reverse()) {
    const outputs = valuesOf(node).filter((name) => influences.has(name));
    if (outputs.length === 0) continue;
    for (const input of new Set(node.inputs)) {
      if (input === "") continue;
      influences.add(input);
      const from = spaces.get(input);
      if (from?.isWhole !== true) continue;
      for (const output of outputs) {
        const to = spaces.get(output);
        if (isPositionwise(b, node, input, to)) {
          if (some.has(output)) some.add(input);
          if (every.has(output)) every.add(input);
        } else if (!selects(node, input, from) && (isMoreThanGrid(to) || some.has(output))) {
          some.add(input);
          every.add(input);
        }
      }
    }
  }
  return every;
}

/** The scale and zero point that a whole tensor is quantized with say nothing of a position. */
const valuesOf = ({ opType, outputs }: Node): readonly string[] =>
  opType === "DynamicQuantizeLinear" ? outputs.slice(0, 1) : outputs;

/** Whether a value that influences the logits may do so through something besides positions of the grid. */
const isMoreThanGrid = (value: Followed | undefined): boolean =>
  value?.isWhole !== true ||
  value.space.axes.some((axis) => axis.some((factor) => factor.tokens !== undefined));

/** Operators on maps whose outputs see other positions too, unless their window is a single one. */
const MIXING =
  /^(Conv|ConvTranspose|MaxPool|AveragePool|LpPool|Resize|Global.*Pool|InstanceNormalization|GroupNormalization)$/;

function isPositionwise(b: GraphBuilder, node: Node, input: string, output: Followed | undefined): boolean {
  if (output?.isWhole !== true) return false;
  if (node.opType === "Concat") return true;
  if (!output.sources.includes(input)) return false;
  if (!MIXING.test(node.opType)) return true;
  return node.opType === "Conv" && kernelOf(b, node).every((size) => size === 1);
}

const kernelOf = (b: GraphBuilder, node: Node): readonly number[] =>
  attr.ints(node, "kernel_shape") ?? b.dims(node.inputs[1] as string).slice(2);

/** Values behind which, on the way to the logits, positions see others; enlarging does not count. */
function valuesMixedBehind(
  b: GraphBuilder,
  nodes: readonly Node[],
  spaces: Spaces,
  logits: string,
): Set<string> {
  const [influences, mixed] = [new Set([logits]), new Set<string>()];
  for (const node of [...nodes].reverse()) {
    if (readsShapeOnly(node)) continue;
    const outputs = node.outputs.filter((name) => influences.has(name));
    for (const input of outputs.length === 0 ? [] : node.inputs) {
      influences.add(input);
      const passesOn = (output: string) =>
        node.opType === "Resize" || isPositionwise(b, node, input, spaces.get(output));
      if (outputs.some((output) => mixed.has(output) || !passesOn(output))) mixed.add(input);
    }
  }
  return mixed;
}

/** Operators that take some positions and leave the rest: the class token, as a rule, or the strongest token. */
const SELECTING = /^(Gather|GatherND|Slice|Split)$/;

const selects = (node: Node, input: string, { layout }: Followed): boolean =>
  node.inputs[0] === input &&
  (SELECTING.test(node.opType) || (node.opType === "ReduceMax" && layout?.kind === "tokens"));

/** Operators that end a block; tokens are read there, not from projections inside attention. */
const NORMALIZATION =
  /^(LayerNormalization|RMSNormalization|BatchNormalization|GroupNormalization|InstanceNormalization)$/;

function pickDefault(
  b: GraphBuilder,
  layers: readonly FeatureLayer[],
  logits: string,
  mixed: ReadonlySet<string>,
  spaces: Spaces,
): FeatureLayer | undefined {
  const usable = layers.filter((layer) => layer.value !== logits);
  const isDense = b.dims(logits).filter((d) => d !== BATCH && d > 1).length > 1;
  const last = isDense
    ? coarsest(
        b,
        preferring(ofAllScores(b, usable, logits), ({ value }) => mixed.has(value)),
        spaces,
      )
    : preferring(usable, (layer) => endsBlock(b, layer, spaces)).at(-1);
  return last === undefined ? undefined : computed(b, last, layers);
}

/** Detectors put the scores of several heads together: a map behind only one of them would be zero for the other's scores. */
function ofAllScores(b: GraphBuilder, layers: readonly FeatureLayer[], logits: string): FeatureLayer[] {
  const behindAll = valuesBehindAll(b, scoreParts(b, logits));
  return layers.filter((layer) => behindAll.has(layer.value));
}

/**
 * Dense outputs (masks, boxes) have maps up to the end: the deepest features are those of the coarsest grid. Behind them positions
 * should still see one another, else a score at a position is explained by that position and nothing else.
 */
function coarsest(
  b: GraphBuilder,
  layers: readonly FeatureLayer[],
  spaces: Spaces,
): FeatureLayer | undefined {
  const cells = (layer: FeatureLayer) => layer.layout.grid[0] * layer.layout.grid[1];
  const least = Math.min(...layers.map(cells));
  const deepest = layers.filter((layer) => cells(layer) === least);
  return preferring(deepest, (layer) => endsBlock(b, layer, spaces)).at(-1);
}

/** Those that are preferred; all where none is. */
const preferring = <T>(all: readonly T[], isPreferred: (one: T) => boolean): readonly T[] => {
  const preferred = all.filter(isPreferred);
  return preferred.length > 0 ? preferred : all;
};

/** Any map does; of tokens normalized ones and sums of branches. */
function endsBlock(b: GraphBuilder, layer: FeatureLayer, spaces: Spaces): boolean {
  if (layer.layout.kind === "map") return true;
  if (NORMALIZATION.test(layer.opType)) return true;
  const node = b.producer(layer.value);
  return node?.opType === "Add" && node.inputs.every((name) => spaces.has(name));
}

/** Operators that hand on the values that they got. */
const HANDING_ON =
  /^(Reshape|Transpose|Flatten|Squeeze|Unsqueeze|Identity|Cast|QuantizeLinear|DequantizeLinear)$/;

/** The value as its operator computed it, before it was only laid out anew: its name tells people what it is. */
function computed(b: GraphBuilder, layer: FeatureLayer, layers: readonly FeatureLayer[]): FeatureLayer {
  let found = layer;
  for (
    let node = b.producer(layer.value);
    node !== undefined && HANDING_ON.test(node.opType);
    node = b.producer(node.inputs[0] as string)
  ) {
    const value = node.inputs[0] as string;
    found = layers.find((other) => other.value === value) ?? found;
  }
  return found;
}
