// Group normalization as one node: the standard operator (opset 18 to 20 with one γ and β a group, from 21 with one a channel), and
// ONNX Runtime's GroupNorm, channels last or first, maybe with a SiLU inside. SkipGroupNorm adds a skip connection before.
import { attr, dimsOf, type Node } from "@snellen/graph";
import type { FormContext, Normalization, NormalizationForm } from "../normalization.ts";
import { givenAffine, ofOneNode } from "./support.ts";

export const groupNormalization: NormalizationForm = {
  id: "group-normalization",
  title: "GroupNormalization, or GroupNorm of ONNX Runtime",
  find: (context) =>
    context.index.graph.nodes.flatMap(
      (node) => OPERATORS[`${node.domain}::${node.opType}`]?.(node, context) ?? [],
    ),
};

type Reader = (node: Node, context: FormContext) => Normalization | undefined;

const standard: Reader = (node, context) =>
  described(node, context, {
    input: node.inputs[0] ?? "",
    groups: "num_groups",
    channelsLast: false,
    perGroup: context.opset < 21,
  });

const contrib: Reader = (node, context) =>
  described(node, context, {
    // the sum of a SkipGroupNorm is a value of its own only where it is an output too
    input: (node.opType === "SkipGroupNorm" && node.outputs[1]) || (node.inputs[0] ?? ""),
    groups: "groups",
    channelsLast: attr.int(node, "channels_last", 1) === 1,
    perGroup: false,
  });

const OPERATORS: Readonly<Record<string, Reader | undefined>> = {
  "::GroupNormalization": standard,
  "com.microsoft::GroupNorm": contrib,
  "com.microsoft::SkipGroupNorm": contrib,
};

interface Operator {
  readonly input: string;
  /** Attribute with the number of groups. */
  readonly groups: string;
  readonly channelsLast: boolean;
  readonly perGroup: boolean;
}

function described(
  node: Node,
  { index, shapes }: FormContext,
  operator: Operator,
): Normalization | undefined {
  const { input, perGroup, channelsLast } = operator;
  const dims = dimsOf(shapes, input) ?? dimsOf(shapes, node.inputs[0] ?? "");
  if (dims === undefined || dims.length < 2) return undefined;
  const channelAxis = channelsLast ? dims.length - 1 : 1;
  const channels = dims[channelAxis] as number;
  const groups = attr.int(node, operator.groups);
  return {
    ...ofOneNode("group-normalization", node, input),
    kind: groups === channels ? "instance" : "group",
    channelAxis,
    channels,
    groups,
    acrossPositions: true,
    epsilon: attr.float(node, "epsilon", 1e-5),
    ...givenAffine(index, node.inputs[1] ?? "", node.inputs[2] ?? ""),
    perGroup: perGroup && groups !== channels,
  };
}
