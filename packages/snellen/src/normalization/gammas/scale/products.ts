// Scaling through products: degrees add up, a bounded factor is a gate, a layer with weights sums over channels.
// Source: the ONNX operators' definitions.
import { constantOf, type Node } from "@snellen/graph";
import { type Flow, isDepthwise } from "../../flow.ts";
import {
  followers,
  onlyOf,
  rankOf,
  type ScaleContext,
  type ScaleResult,
  type ScaleRule,
  type ScaleRules,
} from "./rule.ts";
import { blended, isFree, mixedOf, reasonsOf, type Scaled, settled, withReason } from "./scaled.ts";

/** @param signs -1 for a divisor */
const product =
  (...signs: readonly [number, number]): ScaleRule =>
  (context) => {
    const factors = [0, 1].flatMap((i) => {
      const state = context.inputs[i];
      return state === undefined ? [] : [{ ...settled(state), degree: state.degree * (signs[i] as number) }];
    });
    const free = factors.filter(isFree);
    const degree = free.reduce((sum, s) => sum + s.degree, 0);
    const state: Scaled = {
      ...(free[0] ?? (factors[0] as Scaled)),
      mixed: mixedOf(factors),
      reasons: reasonsOf(free.length === 0 ? factors : free),
    };
    if (free.length === 0) return state;
    // a gate is reason enough; what lies on the way to it adds nothing
    const gate = factors.find((s) => !isFree(s))?.bounded;
    const gated = gate === undefined ? state : withReason(state, gateName(context, gate), gate);
    if (degree === 0 && gated.mixed.length === 0) return { cancelled: gated };
    return { ...gated, degree: degree || 1 };
  };

/** Activations by the function whose value, at x itself, they multiply x by. */
const SELF_GATES: ReadonlyMap<string, string> = new Map([
  ["Sigmoid", "SiLU"],
  ["HardSigmoid", "hard-swish"],
  ["Clip", "hard-swish"],
  ["Erf", "GELU"],
  ["Tanh", "activation with"],
]);

/** SiLU and its like multiply a value by a bounded function of itself, gates by one of something else. */
function gateName({ flow, node }: ScaleContext, gate: Node): string {
  if (node.opType === "MatMul") return "attention by";
  const isOwn = node.inputs.some((other) => isPointwiseOf(flow, gate.inputs[0] ?? "", other));
  return (isOwn ? SELF_GATES.get(gate.opType) : undefined) ?? "gate";
}

const STEPS = 12;

/** Whether a value is computed from another one element by element, with constants only. */
function isPointwiseOf(flow: Flow, value: string, source: string): boolean {
  let name = value;
  for (let step = 0; step < STEPS && name !== source; step++) {
    const node = flow.index.producer(name);
    if (node === undefined || !/^(Add|Cast|Clip|Div|Exp|Log|Mul|Pow|Softplus|Sub)$/.test(node.opType))
      return false;
    name = node.inputs.find((input) => flow.isImage(input)) ?? "";
  }
  return name === source;
}

const multiplies = product(1, 1);

/** Zeros that the dynamo exporter expands for a layer without bias; a parameter that is still 0 is a bias. */
function isNoBias({ index, shapes }: Flow, bias: string): boolean {
  const node = index.producer(bias);
  return (
    node?.opType === "Expand" && constantOf(shapes, node.inputs[0] ?? "")?.every((v) => v === 0) === true
  );
}

/** Sums over channels; the bias is an offset. */
const weighs =
  (bias: number | undefined): ScaleRule =>
  (context) => {
    const { flow, node, inputs } = context;
    const result = multiplies(context);
    if (result === undefined || "cancelled" in result) return result;
    const apart =
      isDepthwise(flow, node) && result.mixed !== "unknown" && result.mixed.every((axis) => axis <= 1);
    const state = apart ? result : blended(result, node);
    const added = bias === undefined ? "" : (node.inputs[bias] ?? "");
    if (added === "" || !isFree(state) || isNoBias(flow, added)) return state;
    return flow.isImage(added) || inputs[bias as number] !== undefined
      ? withReason(state, "a value added in", node)
      : { ...state, offset: node };
  };

/** Mixes the last axis of the first factor with the last but one of the second. */
const matrixProduct: ScaleRule = (context): ScaleResult => {
  const result = multiplies(context);
  if (result === undefined || "cancelled" in result || result.mixed.length === 0) return result;
  const side = context.inputs.findIndex((s) => s !== undefined && s.mixed.length > 0);
  const summed = rankOf(context, side) - (side === 0 ? 1 : 2);
  const apart =
    result.mixed !== "unknown" && !result.mixed.includes(summed) && followers(context).length === 1;
  return apart ? result : blended(result, context.node);
};

/** Only what is computed from both first inputs: a layer whose bias alone follows adds a value that follows. */
const ofFactors =
  (rule: ScaleRule): ScaleRule =>
  (context) =>
    context.inputs[0] === undefined && context.inputs[1] === undefined
      ? onlyOf(2, ({ inputs, node }) => withReason(inputs[2] as Scaled, "an unscaled value added in", node))(
          context,
        )
      : rule(context);

export const products: ScaleRules = {
  Mul: multiplies,
  Div: product(1, -1),
  MatMul: matrixProduct,
  Conv: ofFactors(weighs(2)),
  ConvTranspose: ofFactors(weighs(2)),
  Gemm: ofFactors(weighs(2)),
  Einsum: weighs(undefined),
};
