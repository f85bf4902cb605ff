// Gives normalizations of a graph other numbers of groups. Names, other nodes and all weights stay. arXiv:2302.03193.
import {
  copyShapes,
  createEmitter,
  type DataType,
  dataTypeOf,
  dimsOf,
  type Emitter,
  type Model,
  type Node,
  opsetOf,
  removeDead,
  type Shapes,
  toAttribute,
  withEmitted,
} from "@snellen/graph";
import type { Normalization } from "../normalization.ts";
import { addRegrouped } from "./group-statistics.ts";

export interface GroupEdit {
  readonly normalization: Normalization;
  /** A divisor of its channels. */
  readonly groups: number;
}

/** First operator set whose GroupNormalization has a scale a channel, so that the number of groups is free. */
const GROUP_NORMALIZATION_OPSET = 21;

/**
 * Case 1: GroupNormalization with a scale a channel → the same node with another number of groups.
 * Case 2: any other form, BatchNormalization too → Reshape, InstanceNormalization and Reshape in its place, with its own scale
 *   and bias (one a group becomes one a channel).
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
  const emitter = createEmitter(model, own);
  const byValue = new Map(changes.map((edit) => [edit.normalization.normalized, edit]));
  const nodes = model.graph.nodes.flatMap((node) => {
    const edit = node.outputs.map((name) => byValue.get(name)).find((found) => found !== undefined);
    return edit === undefined ? [node] : rewritten(node, edit, { model, emitter, shapes: own });
  });
  const initializers = withEmitted(model, emitter);
  const changed: Model = { ...model, graph: { ...model.graph, nodes, initializers } };
  return { model: removeDead(changed), shapes: own };
}

interface Place {
  readonly model: Model;
  readonly emitter: Emitter;
  readonly shapes: Shapes;
}

function rewritten(node: Node, { normalization, groups }: GroupEdit, place: Place): Node[] {
  const { model, emitter, shapes } = place;
  if (isFree(node, normalization, model))
    return [{ ...node, attributes: { ...node.attributes, num_groups: toAttribute(groups) } }];
  const { input, normalized } = normalization;
  emitter.at(node.name || normalized);
  const rank = dimsOf(shapes, input)?.length ?? 4;
  const isVector = (name: string): boolean => model.graph.initializers.get(name)?.dims.length === 1;
  const dataType = typeIn(model, normalization) ?? dataTypeOf(shapes, input) ?? "float32";
  addRegrouped(emitter, normalization, { groups, rank, dataType }, isVector);
  const emitted = emitter.drain();
  const last = emitted.at(-1) as Node;
  return [...emitted.slice(0, -1), { ...last, outputs: [normalized] }];
}

const isFree = (node: Node, { perGroup }: Normalization, model: Model): boolean =>
  node.opType === "GroupNormalization" &&
  node.domain === "" &&
  !perGroup &&
  opsetOf(model) >= GROUP_NORMALIZATION_OPSET;

/** A file in half precision is described in single precision; its constants tell. */
const typeIn = (model: Model, { scale, bias }: Normalization): DataType | undefined =>
  [scale, bias].map((name) => model.graph.initializers.get(name ?? "")?.dataType).find((type) => type);
