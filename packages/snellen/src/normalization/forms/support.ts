// What several forms ask: which values are constants, what they hold and how they lie, and the scale and bias behind a value.
import {
  attr,
  constantOf,
  dimsOf,
  elementCount,
  type GraphIndex,
  type Node,
  subgraphsOf,
  tensorNumbers,
} from "@snellen/graph";
import type { FormContext, Normalization } from "../normalization.ts";
import type { Reading } from "./readings.ts";

type Context = Pick<FormContext, "index" | "shapes">;

/** The numbers of a constant; undefined for a computed value and for one whose bytes stayed on disk. */
export function numbersOf(index: GraphIndex, value: string): readonly number[] | undefined {
  const tensor = index.initializer(value);
  return tensor?.data instanceof Uint8Array ? tensorNumbers(tensor) : undefined;
}

/** Whether all numbers of a constant are this one, seen through what spreads one number over a shape. */
export function isFilledWith(index: GraphIndex, value: string, wanted: number): boolean {
  const numbers = numbersOf(index, value);
  if (numbers !== undefined) return numbers.every((n) => n === wanted);
  const node = index.producer(value);
  return (
    node !== undefined && SPREADING.has(node.opType) && isFilledWith(index, node.inputs[0] ?? "", wanted)
  );
}

const SPREADING = new Set(["Expand", "Tile", "Identity", "Cast", "CastLike", "Reshape", "Unsqueeze"]);

/** The number that a constant of one element holds. */
export function scalarOf({ index, shapes }: Context, value: string): number | undefined {
  const dims = dimsOfConstant({ index, shapes }, value);
  if (dims === undefined || elementCount(dims) !== 1) return undefined;
  return numbersOf(index, value)?.[0] ?? constantOf(shapes, value)?.[0];
}

const constants = new WeakMap<GraphIndex, Map<string, boolean>>();

/** Whether a value is the same for every image: an initializer, or computed from initializers alone. */
export function isConstant(index: GraphIndex, value: string): boolean {
  const known = constants.get(index) ?? new Map<string, boolean>();
  constants.set(index, known);
  const found = known.get(value);
  if (found !== undefined) return found;
  if (index.initializer(value) !== undefined) return true;
  const node = index.producer(value);
  if (node === undefined || subgraphsOf(node).length > 0) return false;
  const constant = node.inputs.every((name) => name === "" || isConstant(index, name));
  for (const name of node.outputs) known.set(name, constant);
  return constant;
}

const dimsOfConstant = ({ index, shapes }: Context, value: string): readonly number[] | undefined =>
  index.initializer(value)?.dims ?? dimsOf(shapes, value);

/** Dimensions of a constant as they meet a value of this rank: ones in front; undefined when it has more axes. */
export function dimsBeside(context: Context, value: string, rank: number): readonly number[] | undefined {
  const dims = isConstant(context.index, value) ? dimsOfConstant(context, value) : undefined;
  if (dims === undefined || dims.length > rank) return undefined;
  return [...new Array<number>(rank - dims.length).fill(1), ...dims];
}

/** Operators that leave the numbers of a constant and their order as they are. */
const SAME_NUMBERS = new Set(["Identity", "Cast", "Reshape", "Unsqueeze", "Squeeze", "Flatten"]);

/** The initializer that a constant is, seen through changes of shape and type; the constant itself when it is computed. */
export function parameterOf(index: GraphIndex, value: string): string {
  let name = value;
  for (let node = index.producer(name); node !== undefined; node = index.producer(name)) {
    if (!SAME_NUMBERS.has(node.opType) || node.domain !== "" || !isConstant(index, name)) return value;
    name = node.inputs[0] as string;
  }
  return index.initializer(name) === undefined ? value : name;
}

/**
 * Names that exporters, or our own passes, give to constants of their own: `/norm/Constant_1_output_0` (TorchScript), `val_12`
 * (dynamo), `const_fold_opt__7` (tf2onnx), `…/ones`. Parameters keep theirs, or become `onnx::Mul_23`.
 */
const OWN_CONSTANT =
  /(^|\/)(Constant(_\d+)?(_output_\d+)?|val_\d+|const_fold_opt__\d+|(ones|zeros)(_like)?(_\d+)?)(:0)?$/;

/**
 * The scale and bias that an operator takes as inputs. Where a network has none, exporters fill in ones and zeros.
 * @returns null for what is absent or filled in; γ frozen to ones keeps its name
 */
export function givenAffine(index: GraphIndex, scale: string, bias: string): Pick<Affine, "scale" | "bias"> {
  const given = (value: string, neutral: number): string | null => {
    if (value === "" || (OWN_CONSTANT.test(value) && isFilledWith(index, value, neutral))) return null;
    return parameterOf(index, value);
  };
  return { scale: given(scale, 1), bias: given(bias, 0) };
}

export interface Affine {
  readonly output: string;
  readonly scale: string | null;
  readonly bias: string | null;
  readonly nodes: readonly Node[];
}

/** The only reader of a value; undefined when others read it too, the user of the graph included. */
export function onlyReader(index: GraphIndex, value: string): Node | undefined {
  const readers = index.readers(value);
  return readers.length === 1 && !index.isOutput(value) ? readers[0] : undefined;
}

/**
 * The Mul and Add by constants that follow a value, where nothing else reads in between: along the channels, or of the shape of a
 * whole image where the statistics run over one. Casts between them, a product with 1 and a sum with 0 belong to it.
 * @param reading axis of the channels in `value`, and what the statistics run over
 */
export function affineAfter(
  context: Context,
  value: string,
  { channelAxis, acrossPositions }: Pick<Reading, "channelAxis" | "acrossPositions">,
): Affine {
  const { index, shapes } = context;
  const dims = dimsOf(shapes, value) ?? [];
  const lies = (constant: string, isVaried: (axis: number) => boolean): boolean =>
    dimsBeside(context, constant, dims.length)?.every(
      (d, axis) => d === (isVaried(axis) ? dims[axis] : 1),
    ) === true;
  const isAlong = (constant: string): boolean => lies(constant, (axis) => axis === channelAxis);
  const isWhole = (constant: string): boolean => acrossPositions && lies(constant, (axis) => axis > 0);
  const nodes: Node[] = [];
  let pending: Node[] = [];
  let output = value;
  let isWholeScale = false;
  const found: { scale: string | null; bias: string | null } = { scale: null, bias: null };
  for (let at = value; ; ) {
    const node = onlyReader(index, at);
    if (node === undefined || node.domain !== "") break;
    const constant = node.inputs.find((name) => name !== at) ?? "";
    const isScale = node.opType === "Mul" && found.scale === null && found.bias === null;
    const isBias = node.opType === "Add" && found.bias === null;
    const neutral = (isScale || isBias) && scalarOf(context, constant) === (isScale ? 1 : 0);
    // a sum alone with a constant image may be a position embedding
    const mayBeWhole = isScale || isWholeScale;
    const fits = (isScale || isBias) && (isAlong(constant) || (mayBeWhole && isWhole(constant)));
    if (!neutral && !fits && node.opType !== "Cast") break;
    at = node.outputs[0] as string;
    pending.push(node);
    if (node.opType === "Cast") continue;
    if (fits && isScale) {
      found.scale = parameterOf(index, constant);
      isWholeScale = !isAlong(constant);
    }
    if (fits && isBias) found.bias = parameterOf(index, constant);
    nodes.push(...pending);
    pending = [];
    output = at;
  }
  return { output, ...found, nodes };
}

/** The order of axes that a Transpose makes of a value of this rank. */
export const permutationOf = (node: Node, rank: number): readonly number[] =>
  attr.ints(node, "perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);

const places = new WeakMap<GraphIndex, ReadonlyMap<Node, number>>();

/** Compares nodes by where they stand in the graph, for `sort`. */
export function graphOrder({ index }: Pick<FormContext, "index">): (a: Node, b: Node) => number {
  const place = places.get(index) ?? new Map(index.graph.nodes.map((node, i) => [node, i]));
  places.set(index, place);
  return (a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
}

/** What there is to say of a normalization that is one node, its first output the normalized value. */
export function ofOneNode(
  form: string,
  node: Node,
  input: string,
): Pick<Normalization, "form" | "node" | "nodes" | "input" | "normalized" | "output"> {
  const output = node.outputs[0] as string;
  return { form, node, nodes: [node], input, normalized: output, output };
}

/** Axes counted from 0, ascending; those below 0 count from the end. */
export const frontAxes = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
