// Along which axis a product with weights lies in a value, when nothing but moving and putting together came behind it.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";

type Follow = (b: GraphBuilder, node: Node, value: string) => number | undefined;

const isWeight = (b: GraphBuilder, name: string | undefined): boolean =>
  name !== undefined && (b.initializer(name) !== undefined || b.constant(name) !== undefined);

const product: Follow = (b, node, value) => (isWeight(b, node.inputs[1]) ? b.rank(value) - 1 : undefined);

/** Of the operand that is as large as the result. */
const passed: Follow = (b, node, value) => {
  const whole = node.inputs.find(
    (name) => name !== "" && !isWeight(b, name) && b.rank(name) === b.rank(value),
  );
  return whole === undefined ? undefined : productAxis(b, whole);
};

const FOLLOW: Readonly<Record<string, Follow>> = {
  Add: passed,
  Cast: passed,
  Gemm: product,
  Identity: passed,
  MatMul: product,
  Concat(b, node, value) {
    const axis = productAxis(b, node.inputs[0] as string);
    const joined = attr.int(node, "axis", 0);
    return axis === (joined < 0 ? joined + b.rank(value) : joined) ? undefined : axis;
  },
  /** An axis that stays the last and keeps its size. */
  Reshape(b, node, value) {
    const [from, to] = [b.dims(node.inputs[0] as string), b.dims(value)];
    const axis = productAxis(b, node.inputs[0] as string);
    return axis === from.length - 1 && from.at(-1) === to.at(-1) ? to.length - 1 : undefined;
  },
  Transpose(b, node) {
    const axis = productAxis(b, node.inputs[0] as string);
    const perm = attr.ints(node, "perm");
    const to = axis === undefined ? -1 : (perm?.indexOf(axis) ?? -1);
    return to < 0 ? undefined : to;
  },
};

/** Undefined where the value comes from something else. */
export function productAxis(b: GraphBuilder, value: string): number | undefined {
  const node = b.producer(value);
  return node === undefined ? undefined : FOLLOW[node.opType]?.(b, node, value);
}
