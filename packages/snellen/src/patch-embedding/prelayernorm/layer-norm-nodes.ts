// Layer normalization as nodes of any operator set: LayerNormalization where it exists (from 17), else written out by means.
// Ba et al., arXiv:1607.06450.
import { codeOfDataType, type DataType, makeTensor } from "@snellen/graph";
import type { NodeWriter } from "../../normalization/groups/group-statistics.ts";

export interface LayerNormSpec {
  readonly rank: number;
  /** The axis that is normalized, from 0. */
  readonly axis: number;
  readonly epsilon: number;
  /** Of the graph that is written to. */
  readonly opset: number;
  readonly dataType: DataType;
  /** Values that hold γ and β, one number an element of the axis. */
  readonly scale: string;
  readonly bias: string;
}

const LAYER_NORMALIZATION_OPSET = 17;
const HALVES: ReadonlySet<DataType> = new Set(["float16", "bfloat16"]);

/** Adds γ ⊙ (x − mean) / √(variance + ε) + β along an axis; same shape and type as `x`. */
export function addLayerNorm(to: NodeWriter, x: string, spec: LayerNormSpec): string {
  const { rank, axis, epsilon, opset, scale, bias } = spec;
  const last = rank - 1;
  const perm = Array.from({ length: rank }, (_, i) => i);
  perm.splice(axis, 1);
  perm.push(axis);
  const moved = axis === last ? x : to.op("Transpose", [x], { perm });
  const normalized =
    opset >= LAYER_NORMALIZATION_OPSET
      ? to.op("LayerNormalization", [moved, scale, bias], { axis: -1, epsilon: { float: epsilon } })
      : writtenOut(to, moved, spec);
  if (axis === last) return normalized;
  return to.op("Transpose", [normalized], { perm: perm.map((_, i) => perm.indexOf(i)) });
}

/** Statistics in single precision at least, as the operator has them: squares leave the range of half precision. */
function writtenOut(to: NodeWriter, x: string, { epsilon, dataType, scale, bias }: LayerNormSpec): string {
  const isHalf = HALVES.has(dataType);
  const type = isHalf ? "float32" : dataType;
  const cast = (value: string, as: DataType) =>
    isHalf ? to.op("Cast", [value], { to: codeOfDataType(as) }) : value;
  const mean = (value: string) => to.op("ReduceMean", [value], { axes: [-1], keepdims: 1 });
  const wide = cast(x, type);
  const centred = to.op("Sub", [wide, mean(wide)]);
  const variance = mean(to.op("Mul", [centred, centred]));
  const raised = to.op("Add", [variance, to.tensor(makeTensor(type, [], [epsilon]), "epsilon")]);
  const unit = cast(to.op("Div", [centred, to.op("Sqrt", [raised])]), dataType);
  return to.op("Add", [to.op("Mul", [unit, scale]), bias]);
}
