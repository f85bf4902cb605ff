// Which heads the scores of a dense output come from: detectors compute boxes of several sizes apart and put them together.
import type { GraphBuilder } from "@snellen/graph";

/** Operators behind which every score is still one score of one head. */
const SCORE_BY_SCORE =
  /^(Add|Cast|Clip|DequantizeLinear|Div|Exp|Flatten|Identity|LogSoftmax|Mul|QuantizeLinear|Relu|Reshape|Sigmoid|Softmax|Squeeze|Sub|Transpose|Unsqueeze)$/;

/** Values whose scores were put side by side in `logits`; `logits` itself where there is but one head. */
export function scoreParts(b: GraphBuilder, logits: string): string[] {
  const node = b.producer(logits);
  if (node === undefined) return [logits];
  const computed = node.inputs.filter((name) => name !== "" && b.producer(name) !== undefined);
  if (node.opType === "Concat") return [...new Set(computed.flatMap((name) => scoreParts(b, name)))];
  const [only, ...others] = computed;
  return only !== undefined && others.length === 0 && SCORE_BY_SCORE.test(node.opType)
    ? scoreParts(b, only)
    : [logits];
}

/** Values that every part depends on. */
export function valuesBehindAll(b: GraphBuilder, parts: readonly string[]): Set<string> {
  const [first = new Set<string>(), ...others] = parts.map((part) => ancestors(b, part));
  return new Set([...first].filter((name) => others.every((set) => set.has(name))));
}

/** A value and all that it is computed from. */
export function ancestors(b: GraphBuilder, value: string): Set<string> {
  const found = new Set([value]);
  for (const name of found) {
    for (const input of b.producer(name)?.inputs ?? []) if (input !== "") found.add(input);
  }
  return found;
}
