// Gives normalizations of a graph other numbers of groups. Names, other nodes and all weights stay. arXiv:2302.03193.
import {
  copyShapes,
  createEmitter,
  dataTypeOf,
  dimsOf,
  type Emitter,
  type GraphIndex,
  indexGraph,
  type Model,
  type Node,
  opsetOf,
  removeDead,
  type Shapes,
  toAttribute,
  withEmitted,
} from "@snellen/graph";
import type { Normalization } from "../normalization.ts";
import { floatTypes } from "./float-types.ts";
import { addRegrouped, type KnownType } from "./group-statistics.ts";

export interface GroupEdit {
  readonly normalization: Normalization;
  /** A divisor of its channels. */
  readonly groups: number;
}

/** First operator set whose GroupNormalization has a scale a channel, so that the number of groups is free. */
const GROUP_NORMALIZATION_OPSET = 21;

/**
 * Case 1: GroupNormalization with a scale a channel → the same node with another number of groups.
 * Case 2: any other form, BatchNormalization too → Reshape, InstanceNormalization and Reshape in its place, between Transposes
 *   where the channels are last, with its own scale and bias (one a group becomes one a channel). New nodes have the scope and the metadata of what they replace.
 *
 * @param model in which the values of the normalizations have the same names: the one they were found in, or the file's own
 * @param shapes of a model that knows those values
 * @returns the same model where nothing changes; shapes include the new values
 */
export function rewriteGroups(
  model: Model,
  shapes: Shapes,
  edits: readonly GroupEdit[],
): { readonly model: Model; readonly shapes: Shapes } {
  const changes = edits.filter(({ normalization, groups }) => normalization.groups !== groups);
  if (changes.length === 0) return { model, shapes };
  const own = copyShapes(shapes);
  const index = indexGraph(model);
  const emitter = createEmitter(model, own);
  const byValue = new Map(changes.map((edit) => [replacedValue(index, edit.normalization), edit]));
  const place = { model, index, emitter, typeOf: typesIn(model, shapes) };
  const nodes = model.graph.nodes.flatMap((node) => {
    const edit = node.outputs.map((name) => byValue.get(name)).find((found) => found !== undefined);
    return edit === undefined ? [node] : rewritten(node, edit, place);
  });
  const initializers = withEmitted(model, emitter);
  const changed: Model = { ...model, graph: { ...model.graph, nodes, initializers } };
  return { model: removeDead(changed), shapes: own };
}

interface Place {
  readonly model: Model;
  readonly index: GraphIndex;
  readonly emitter: Emitter;
  readonly typeOf: (value: string) => KnownType;
}

/** Constants are known by the model itself, other values by their shapes and by the types of what they are computed from. */
function typesIn(model: Model, shapes: Shapes): (value: string) => KnownType {
  const types = floatTypes(model);
  return (value) => ({
    dataType: types.get(value) ?? dataTypeOf(shapes, value) ?? "float32",
    dims: model.graph.initializers.get(value)?.dims ?? dimsOf(shapes, value) ?? [],
  });
}

function rewritten(
  node: Node,
  { normalization, groups }: GroupEdit,
  { model, index, emitter, typeOf }: Place,
): Node[] {
  if (isFree(node, normalization, model))
    return [{ ...node, attributes: { ...node.attributes, num_groups: toAttribute(groups) } }];
  const normalized = replacedValue(index, normalization);
  emitter.at(scopeOf(node) || normalized);
  addRegrouped(emitter, { ...normalization, normalized }, groups, typeOf);
  const emitted = emitter.drain().map((made) => ({ ...made, source: node.source }));
  const last = emitted.at(-1) as Node;
  return [...emitted.slice(0, -1), { ...last, outputs: [normalized] }];
}

/**
 * The value that changes: before a scale and bias that are nodes of their own; behind them where others read that value too, as
 * when one statistic has several scales.
 */
export const replacedValue = (index: GraphIndex, { normalized, output }: Normalization): string =>
  index.readers(normalized).length > 1 ? output : normalized;

const isFree = (node: Node, { perGroup }: Normalization, model: Model): boolean =>
  node.opType === "GroupNormalization" &&
  node.domain === "" &&
  !perGroup &&
  opsetOf(model) >= GROUP_NORMALIZATION_OPSET;

/** `/layer1/norm/InstanceNormalization` → `/layer1/norm`, the module's own path; other names as they are. */
const scopeOf = ({ name }: Node): string =>
  name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : name;
