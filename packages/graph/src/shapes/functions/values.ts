// Contents of small tensors, followed through shape arithmetic: what Reshape, Slice, Expand and Resize are told to do.
// Oracle: ONNX Runtime. Floats are rounded to their own precision after every operator, integers are dropped when they overflow.
import type { DataType } from "../../data-type.ts";
import { attr } from "../../model.ts";
import { floatToHalf, halfToFloat, tensorNumbers } from "../../tensor.ts";
import { MAX_KNOWN_ELEMENTS, type ShapeContext, type ShapeFunction, type ValueType } from "../value-type.ts";
import { broadcastOffsets, movedContents } from "./moved-values.ts";
import { axisOf, type Dims, frontAxis, listOf, product } from "./support.ts";

export type Contents = readonly number[] | undefined;

/** Contents of the outputs, given those of every input; undefined where they are out of reach. */
export type ValueFunction = (
  values: readonly (readonly number[])[],
  context: ShapeContext,
  outputs: readonly ValueType[],
) => readonly Contents[];

/** Integer ranges; a result outside is not known, because integers wrap around and doubles do not. */
const INTEGER_LIMITS: Partial<Record<DataType, readonly [number, number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

const isInteger = (type: DataType): boolean => INTEGER_LIMITS[type] !== undefined;

/** A computed number as the element type holds it; undefined when it does not fit. */
function rounded(x: number, type: DataType): number | undefined {
  if (type === "float32") return Math.fround(x);
  if (type === "float64") return x;
  if (type === "float16") return halfToFloat(floatToHalf(x));
  if (type === "bool") return x !== 0 ? 1 : 0;
  const limits = INTEGER_LIMITS[type];
  if (limits === undefined) return undefined;
  const whole = Math.trunc(x) + 0;
  return whole >= limits[0] && whole <= limits[1] ? whole : undefined;
}

function roundedAll(values: readonly number[], type: DataType): Contents {
  const all: number[] = [];
  for (const x of values) {
    const y = rounded(x, type);
    if (y === undefined) return undefined;
    all.push(y);
  }
  return all;
}

/** Saturated 64-bit numbers ("to the end") may be moved and compared, but not counted with. */
const isSafe = (values: readonly number[]): boolean =>
  values.every((x) => Math.abs(x) < Number.MAX_SAFE_INTEGER || !Number.isInteger(x));

const unary =
  (f: (x: number) => number): ValueFunction =>
  ([x = []], _, [out]) => {
    const { dataType } = out as ValueType;
    return [isSafe(x) ? roundedAll(x.map(f), dataType) : undefined];
  };

/** Folds all inputs, broadcast, with `f`; halfway results are rounded too, as ONNX Runtime's two-operand kernels do. */
const elementwise =
  (f: (a: number, b: number, type: DataType) => number, counts = true): ValueFunction =>
  (values, { inputs }, [out]) => {
    const { dataType, dims } = out as ValueType;
    if (counts && !values.every(isSafe)) return [];
    const operandType = (inputs[0] as ValueType).dataType;
    const count = product(dims);
    const spread = values.map((v, i) =>
      v.length === count ? v : broadcastTo(v, inputs[i]?.dims ?? [], dims),
    );
    let result: Contents = spread[0];
    for (let i = 1; i < spread.length && result !== undefined; i++) {
      const next = spread[i] as readonly number[];
      result = roundedAll(
        result.map((a, at) => f(a, next[at] as number, operandType)),
        dataType,
      );
    }
    return [result];
  };

const broadcastTo = (x: readonly number[], from: Dims, to: Dims): number[] =>
  broadcastOffsets(from, to).map((offset) => x[offset] as number);

const divide = (a: number, b: number, type: DataType): number =>
  isInteger(type) && b === 0 ? Number.NaN : a / b;

const bool = (truth: boolean): number => (truth ? 1 : 0);

/** Half to even, as IEEE and ONNX do; keeps the sign of zero. */
const roundHalfEven = (x: number): number =>
  x - Math.floor(x) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);

const mod: ValueFunction = (values, context, outputs) => {
  const truncated = attr.int(context.node, "fmod", 0) === 1;
  const f = (a: number, b: number) => {
    const rest = a % b;
    return truncated || rest === 0 || rest < 0 === b < 0 ? rest : rest + b;
  };
  return elementwise(f)(values, context, outputs);
};

const where: ValueFunction = (values, { inputs }, [out]) => {
  const dims = out?.dims ?? [];
  const [condition = [], x = [], y = []] = values.map((v, i) => broadcastTo(v, inputs[i]?.dims ?? [], dims));
  return [condition.map((c, i) => (c !== 0 ? x[i] : y[i]) as number)];
};

const clip: ValueFunction = (values, context) => {
  const bound = (index: number, name: string, orElse: number): number =>
    context.inputs[index]?.value?.[0] ?? attr.float(context.node, name, orElse);
  const low = bound(1, "min", Number.NEGATIVE_INFINITY);
  const high = bound(2, "max", Number.POSITIVE_INFINITY);
  return [values[0]?.map((x) => Math.min(Math.max(x, low), high))];
};

const cast: ValueFunction = ([x = []], { inputs }, [out]) => {
  const to = (out as ValueType).dataType;
  if (isInteger(to) && isInteger((inputs[0] as ValueType).dataType) && to === "int64") return [x];
  return [x.every(Number.isFinite) || !isInteger(to) ? roundedAll(x, to) : undefined];
};

const constantOfShape: ValueFunction = (_, { node }, [out]) => {
  const fill = attr.has(node, "value") ? (tensorNumbers(attr.tensor(node, "value"))[0] as number) : 0;
  return [new Array<number>(product((out as ValueType).dims)).fill(fill)];
};

/** Adds up step by step, as ONNX Runtime does: in float32 that is not the product. */
const range: ValueFunction = ([[start = 0] = [], , [delta = 0] = []], _, [out]) => {
  const { dataType, dims } = out as ValueType;
  const numbers: number[] = [];
  let next: number | undefined = start;
  while (numbers.length < (dims[0] as number)) {
    if (next === undefined) return [];
    numbers.push(next);
    next = rounded(next + delta, dataType);
  }
  return [numbers];
};

/** A reduction over known contents; groups are collected first, so that `f` sees whole rows. */
const reduce =
  (f: (row: readonly number[]) => number): ValueFunction =>
  ([x = []], context, [out]) => {
    const { node, inputs } = context;
    const { dims, dataType } = inputs[0] as ValueType;
    const axes = node.opType.startsWith("Arg") ? [axisOf(node, dims.length, 0)] : listOf(context, 1, "axes");
    if (axes === undefined || !isSafe(x)) return [];
    const noAxes = axes === "absent" || axes.length === 0;
    if (noAxes && attr.int(node, "noop_with_empty_axes", 0) === 1) return [x];
    const reduced = new Set(noAxes ? dims.keys() : axes.map((a) => frontAxis(node, a, dims.length)));
    const kept = dims.map((d, axis) => (reduced.has(axis) ? 1 : d));
    const rows = Array.from({ length: product(kept) }, (): number[] => []);
    const target = broadcastOffsets(kept, dims);
    x.forEach((value, i) => {
      rows[target[i] as number]?.push(value);
    });
    if (rows.some((row) => row.length === 0)) return [];
    return [roundedAll(rows.map(f), out?.dataType ?? dataType)];
  };

const sum = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);

/** Index of the first (or, with select_last_index, last) extreme entry. */
const argReduce =
  (better: (a: number, b: number) => boolean): ValueFunction =>
  (values, context, outputs) => {
    const last = attr.int(context.node, "select_last_index", 0) === 1;
    const pick = (row: readonly number[]): number =>
      row.reduce((best, x, i) => (better(x, row[best] as number) || (last && x === row[best]) ? i : best), 0);
    return reduce(pick)(values, context, outputs);
  };

const nonZero: ValueFunction = ([x = []], { inputs }) => {
  const dims = inputs[0]?.dims ?? [];
  const places = x.flatMap((v, i) => (v !== 0 ? [i] : []));
  let stride = x.length;
  const rows = (dims.length === 0 ? [1] : dims).map((size) => {
    const outer = stride;
    stride /= size;
    return places.map((i) => Math.floor((i % outer) / stride));
  });
  return [rows.flat()];
};

/** One position of a new axis is on, the others off; indices may count from the end, those outside turn nothing on. */
const oneHot: ValueFunction = ([indices = [], , [off = 0, on = 1] = []], { node }, [out]) => {
  if (out === undefined) return [];
  const axis = axisOf(node, out.dims.length, -1);
  const depth = out.dims[axis] as number;
  const inner = product(out.dims.slice(axis + 1));
  return [
    Array.from({ length: product(out.dims) }, (_, i) => {
      const index = indices[Math.floor(i / (inner * depth)) * inner + (i % inner)] as number;
      const position = Math.floor(i / inner) % depth;
      return position === (index < 0 ? index + depth : index) ? on : off;
    }),
  ];
};

const computedContents: Readonly<Record<string, ValueFunction>> = {
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(roundHalfEven),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Sign: unary(Math.sign),
  Not: unary((x) => bool(x === 0)),
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise(divide),
  Pow: elementwise((a, b) => a ** b),
  Sum: elementwise((a, b) => a + b),
  Mod: mod,
  Min: elementwise((a, b) => Math.min(a, b), false),
  Max: elementwise((a, b) => Math.max(a, b), false),
  Equal: elementwise((a, b) => bool(a === b), false),
  Greater: elementwise((a, b) => bool(a > b), false),
  GreaterOrEqual: elementwise((a, b) => bool(a >= b), false),
  Less: elementwise((a, b) => bool(a < b), false),
  LessOrEqual: elementwise((a, b) => bool(a <= b), false),
  And: elementwise((a, b) => a * b),
  Or: elementwise((a, b) => Math.max(a, b)),
  Xor: elementwise((a, b) => bool(a !== b)),
  Where: where,
  Clip: clip,
  Cast: cast,
  CastLike: cast,
  ConstantOfShape: constantOfShape,
  Range: range,
  ReduceSum: reduce(sum),
  ReduceProd: reduce(product),
  ReduceMax: reduce((row) => Math.max(...row)),
  ReduceMin: reduce((row) => Math.min(...row)),
  ArgMax: argReduce((a, b) => a > b),
  ArgMin: argReduce((a, b) => a < b),
  NonZero: nonZero,
  OneHot: oneHot,
};

const VALUE_FUNCTIONS: Readonly<Record<string, ValueFunction | undefined>> = {
  ...computedContents,
  ...movedContents,
};

/** Contents that hang on a longer chain of nodes than this, none of it asked for before, count as unknown: the stack is finite. */
const LONGEST_CHAIN = 1000;

/**
 * A shape function that also follows contents, where the operator has a value function and everything is small and known.
 * They are computed when first asked for: of what exporters compute (masks, position tables), few shapes need any.
 */
export function withContents(operator: string, infer: ShapeFunction): ShapeFunction {
  const contents = VALUE_FUNCTIONS[operator];
  if (contents === undefined) return infer;
  return (context) => {
    const types = infer(context);
    if (!mayBeFollowed(context, types)) return types;
    let known: readonly Contents[] | undefined;
    return types.map(({ dataType, dims }, index) => ({
      dataType,
      dims,
      get value() {
        known ??= evaluate(contents, context, types);
        return known[index];
      },
    }));
  };
}

/** Every input that is there has some contents, and all outputs are small. */
function mayBeFollowed(
  { node, inputs }: ShapeContext,
  outputs: readonly (ValueType | undefined)[],
): outputs is readonly ValueType[] {
  for (let i = 0; i < inputs.length; i++) {
    const type = inputs[i];
    if (type === undefined ? node.inputs[i] !== "" : !("value" in type)) return false;
  }
  return outputs.every((type) => type !== undefined && product(type.dims) <= MAX_KNOWN_ELEMENTS);
}

let chain = 0;

function evaluate(
  contents: ValueFunction,
  context: ShapeContext,
  outputs: readonly ValueType[],
): readonly Contents[] {
  if (chain >= LONGEST_CHAIN) return [];
  chain += 1;
  try {
    const values: (readonly number[])[] = [];
    for (const type of context.inputs) {
      const value = type === undefined ? [] : type.value;
      if (value === undefined) return [];
      values.push(value);
    }
    return contents(values, context, outputs);
  } finally {
    chain -= 1;
  }
}
