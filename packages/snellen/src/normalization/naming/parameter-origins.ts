// Where a constant of the canonical graph came from in the file: the names that it has on its way from an initializer to the node
// that reads it. Derived here; exporters share equal parameters and keep their own names as copies (Identity).
import {
  type GraphIndex,
  indexGraph,
  inlineFunctions,
  type Model,
  type Node,
  type Tensor,
} from "@snellen/graph";

/** A use of a parameter: the constant as the canonical graph has it, and the nodes that it belongs to. */
export interface ParameterUse {
  readonly constant: string;
  readonly nodes: readonly Node[];
}

export interface ParameterOrigin {
  /** Names on the way, the nearest to the reader first, the initializer last. */
  readonly names: readonly string[];
  /** The initializer; undefined where the way ends at something computed. */
  readonly tensor: Tensor | undefined;
  /** The node of the file that reads it, with the names and scopes that its exporter gave it. */
  readonly reader: Node | undefined;
}

/** Operators that copy a parameter, or give it another shape or type. */
const COPIES =
  /^(Cast|CastLike|DequantizeLinear|Expand|Flatten|Identity|Reshape|Squeeze|Transpose|Unsqueeze)$/;

/**
 * @param original the file's graph
 * @param own what became of it: the canonical graph
 */
export function createOrigins(original: Model, own: GraphIndex): (use: ParameterUse) => ParameterOrigin {
  const file = indexGraph(inlineFunctions(original));
  return ({ constant, nodes }) => {
    const local = wayOf(own, constant);
    for (const node of nodes) {
      const input = node.inputs.findIndex(
        (name) => name !== "" && (name === constant || local.includes(name)),
      );
      if (input < 0) continue;
      const reader = file.producer(node.outputs[0] ?? "");
      const same = reader?.opType === node.opType ? reader.inputs[input] : undefined;
      const start = same ?? wayInto(file, reader, new Set(local)) ?? constant;
      const names = wayOf(file, start);
      return { names, tensor: tensorAt(file, names.at(-1) as string), reader };
    }
    const names = wayOf(file, constant);
    return { names, tensor: tensorAt(file, names.at(-1) as string), reader: undefined };
  };
}

/** From a value back through copies. */
function wayOf(index: GraphIndex, value: string): string[] {
  const names = [value];
  for (let node = index.producer(value); node !== undefined && COPIES.test(node.opType); ) {
    const before = node.inputs[0] as string;
    names.push(before);
    node = index.producer(before);
  }
  return names;
}

const NEARBY = 16;

/** Of a node that stands for several nodes of the file: the input of one of those whose way leads to one of these names. */
function wayInto(
  file: GraphIndex,
  reader: Node | undefined,
  wanted: ReadonlySet<string>,
): string | undefined {
  const nodes = reader === undefined ? [] : [reader];
  for (let i = 0; i < Math.min(nodes.length, NEARBY); i++) {
    for (const input of nodes[i]?.inputs ?? []) {
      if (wayOf(file, input).some((name) => wanted.has(name))) return input;
      const before = file.producer(input);
      if (before !== undefined && !nodes.includes(before)) nodes.push(before);
    }
  }
  return undefined;
}

function tensorAt(file: GraphIndex, name: string): Tensor | undefined {
  const value = file.producer(name)?.attributes.value;
  return file.initializer(name) ?? (value?.type === "tensor" ? value.value : undefined);
}
