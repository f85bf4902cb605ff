// Which axis of a value holds the channels, told by the operators that made it. A hint: layouts are not written in a graph.
import { dimsOf } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import { isConstant, permutationOf } from "./support.ts";

/** Operators whose results have the channels at axis 1. */
const CHANNELS_FIRST = new Set(
  "Conv ConvTranspose ConvInteger QLinearConv BatchNormalization InstanceNormalization GroupNormalization MaxPool AveragePool GlobalAveragePool".split(
    " ",
  ),
);

/** Operators whose results have them at the last axis. */
const CHANNELS_LAST = new Set(["MatMul", "Gemm", "LayerNormalization"]);

/** Operators that leave the axes of their first computed input as they are. */
const SAME_AXES = new Set(
  "Add Sub Mul Div Relu LeakyRelu Sigmoid Tanh Erf Clip HardSwish HardSigmoid Gelu Elu Softplus Identity Cast Pad Resize Dropout Mish Swish Max Min".split(
    " ",
  ),
);

const FARTHEST = 64;

/** @returns undefined where no operator upstream tells */
export function channelAxisHint(context: FormContext, value: string): number | undefined {
  const { index, shapes } = context;
  const orders: (readonly number[])[] = [];
  let at = value;
  for (let step = 0; step < FARTHEST; step++) {
    const node = index.producer(at);
    if (node === undefined || node.domain !== "") return undefined;
    const rank = dimsOf(shapes, at)?.length ?? 0;
    if (node.opType === "Transpose") orders.push(permutationOf(node, rank));
    else if (CHANNELS_FIRST.has(node.opType)) return through(orders, 1);
    else if (CHANNELS_LAST.has(node.opType)) return through(orders, rank - 1);
    else if (!SAME_AXES.has(node.opType)) return undefined;
    const next = node.inputs.find((name) => name !== "" && !isConstant(index, name));
    if (next === undefined || dimsOf(shapes, next)?.length !== rank) return undefined;
    at = next;
  }
  return undefined;
}

/** Where an axis goes through Transposes, the last one first. */
const through = (orders: readonly (readonly number[])[], axis: number): number =>
  orders.reduceRight((a, order) => order.indexOf(a), axis);
