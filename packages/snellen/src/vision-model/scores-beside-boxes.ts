// The class scores of detectors that put them and their boxes side by side in one output, as YOLO does: [N, 4 + classes, n].
import { attr, type GraphBuilder, type Node } from "@snellen/graph";

/** Coordinates of a box. */
const COORDINATES = 4;
const SATURATING = /^(Sigmoid|Softmax)$/;

/**
 * The part of a Concat that holds the scores: the only other one beside the boxes, or the only one that is a probability (others
 * are the coefficients of masks or key points). Undefined where there are no boxes, or it cannot be told.
 */
export function scoresBesideBoxes(b: GraphBuilder, node: Node): string | undefined {
  const rank = b.rank(node.outputs[0] as string);
  const given = attr.int(node, "axis", 0);
  const axis = given < 0 ? given + rank : given;
  const isBoxes = (name: string) => b.dims(name)[axis] === COORDINATES && !isProbability(b, name);
  const parts = node.inputs.filter((name) => !isBoxes(name));
  if (rank < 3 || axis === 0 || parts.length !== node.inputs.length - 1) return undefined;
  const candidates = parts.length === 1 ? parts : parts.filter((name) => isProbability(b, name));
  return candidates.length === 1 ? candidates[0] : undefined;
}

const isProbability = (b: GraphBuilder, name: string): boolean =>
  SATURATING.test(b.producer(name)?.opType ?? "");
