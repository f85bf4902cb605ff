// Whether BatchNormalization was folded into convolutions, so that its γ is gone from the file, read from what exporters leave
// behind: notes in metadata, names, products and sums with constants. Derived here from their files; a trace is no proof.
import {
  dimsOf,
  type GraphIndex,
  indexGraph,
  type Model,
  type Node,
  opsetOf,
  type Shapes,
} from "@snellen/graph";
import { dimsBeside, isConstant, onlyReader } from "./forms/support.ts";
import type { FormContext, Normalization } from "./normalization.ts";

/** What speaks for BatchNormalization that was folded into convolutions. A trace is no proof. */
export interface FoldedNormalization {
  /** Convolutions of values that follow the image. */
  readonly convolutions: number;
  /** Those that bear a trace of folding, and products and sums with constants that are left of a normalization. */
  readonly folded: number;
  /** The evidence, in one sentence. */
  readonly how: string;
  /** How to export the network so that γ stays; null where nothing speaks for folding. */
  readonly advice: string | null;
}

/** What one exporter leaves behind. */
interface Trace {
  /** Completes "3 of 4 convolutions …". */
  readonly says: string;
  readonly advice: string;
  readonly isOn: (names: Names) => boolean;
}

interface Names {
  readonly rules: string;
  readonly weight: string;
  readonly bias: string;
  readonly others: readonly string[];
}

const TORCHSCRIPT =
  "Export model.eval() with torch.onnx.export(…, dynamo=False, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE).";
const DYNAMO = "Export model.eval() with torch.onnx.export(…, dynamo=True, optimize=False).";
const TENSORFLOW =
  'From Keras 3, convert a function that calls model(x, training=True) with tf2onnx.convert.from_function; from Keras 2, call tf2onnx.convert.from_keras with its optimizers but "remove_back_to_back". A TFLite file has lost γ for good.';
const ANY = `From PyTorch: ${TORCHSCRIPT} Or: ${DYNAMO} ${TENSORFLOW}`;

const isPyTorchName = (name: string): boolean => name.startsWith("/") || /\.(weight|bias)$/.test(name);
const isAnonymous = (name: string): boolean => /^(onnx::Conv(Transpose)?_)?\d+$/.test(name);

/** The surest first. */
const TRACES: readonly Trace[] = [
  {
    says: 'bear the note "FuseBatchNorm" of PyTorch\'s dynamo exporter',
    advice: DYNAMO,
    isOn: ({ rules }) => rules.includes("FuseBatchNorm"),
  },
  {
    says: "have a bias named after their weight, as PyTorch's dynamo exporter names what it folded",
    advice: DYNAMO,
    isOn: ({ weight, bias }) => bias === `${weight}_bias`,
  },
  {
    says: "have a weight and a bias without names, as PyTorch's TorchScript exporter leaves them after folding",
    advice: TORCHSCRIPT,
    isOn: ({ weight, bias }) => isAnonymous(weight) && isAnonymous(bias),
  },
  {
    says: "carry the name of a batch normalization, as TensorFlow's converters write it",
    advice: TENSORFLOW,
    isOn: ({ weight, bias, others }) =>
      [weight, bias, ...others].some(
        (name) => !isPyTorchName(name) && /_fused_bn|merged_input|batch_?norm/i.test(name),
      ),
  },
];

/**
 * Looks for BatchNormalization that an exporter folded into convolutions, by the traces that exporters leave: names of weights and
 * biases, and products and sums with one constant a channel.
 * @param model canonical, with its shapes
 * @param normalizations those found in it (`findNormalizations`): a convolution in front of one was not folded
 */
export function foldedNormalization(
  model: Model,
  shapes: Shapes,
  normalizations: readonly Normalization[],
): FoldedNormalization {
  const context = { index: indexGraph(model), shapes, opset: opsetOf(model) };
  const convolutions = model.graph.nodes.filter((node) => isConvolution(node, context));
  const normalized = new Set(normalizations.map((n) => n.input));
  const bare = convolutions.filter((node) => !normalized.has(node.outputs[0] as string));
  const traced = bare.map((node) => TRACES.find((trace) => trace.isOn(namesOf(node))));
  const affine = bareAffines(context, normalizations);
  const counts = TRACES.map((trace) => ({ trace, count: traced.filter((t) => t === trace).length }));
  const [most] = counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const folded = traced.filter((t) => t !== undefined).length + affine.length;
  if (folded === 0) {
    const isSilent = normalizations.length === 0 && convolutions.length > 1 && convolutions.every(hasBias);
    return { convolutions: convolutions.length, folded, ...(isSilent ? SILENT : NO_TRACE) };
  }
  const parts = [
    ...counts.flatMap(({ trace, count }) =>
      count === 0 ? [] : [`${count} of ${convolutions.length} convolutions ${trace.says}`],
    ),
    ...(affine.length === 0
      ? []
      : [
          `at ${affine.length} ${affine.length === 1 ? "place" : "places"} maps are multiplied with a constant and shifted by one, channel by channel`,
        ]),
  ];
  return {
    convolutions: convolutions.length,
    folded,
    how: `${parts.join("; ")}.`,
    advice: most?.trace.advice ?? ANY,
  };
}

const CONVOLUTIONS = new Set([
  "::Conv",
  "::ConvTranspose",
  "com.microsoft::FusedConv",
  "com.microsoft::NhwcConv",
]);

const isConvolution = (node: Node, { index }: FormContext): boolean =>
  CONVOLUTIONS.has(`${node.domain}::${node.opType}`) && !isConstant(index, node.inputs[0] ?? "");

function namesOf(node: Node): Names {
  const props = (node.source as { metadataProps?: readonly { key: string; value: string }[] } | undefined)
    ?.metadataProps;
  const [, weight = "", bias = ""] = node.inputs;
  return {
    rules: props?.find((prop) => prop.key === "pkg.onnxscript.rewriter.rule_name")?.value ?? "",
    weight,
    bias,
    others: [node.name, node.outputs[0] as string],
  };
}

const hasBias = (node: Node): boolean => (node.inputs[2] ?? "") !== "";

const NO_TRACE = { how: "No convolution bears a trace of a folded normalization.", advice: null };
const SILENT = {
  how: "No convolution bears a trace of a folded normalization, but each has a bias and nothing is normalized: the network has no normalization, or an exporter left no trace.",
  advice: `If the network has BatchNormalization: ${ANY}`,
};

/** Products and sums with one constant a channel on maps, which are neither part of a normalization nor of the preprocessing. */
function bareAffines(context: FormContext, normalizations: readonly Normalization[]): Node[] {
  const { index, shapes } = context;
  const claimed = new Set(normalizations.flatMap((n) => n.nodes));
  const channelAxis = (node: Node | undefined, opType: string): number | undefined => {
    if (node?.opType !== opType || node.domain !== "" || claimed.has(node)) return undefined;
    const value = node.inputs.find((name) => !isConstant(index, name)) ?? "";
    const constant = node.inputs.find((name) => name !== value) ?? "";
    const dims = dimsOf(shapes, value);
    if (dims?.length !== 4 || isConstant(index, value) || isPicture(index, value)) return undefined;
    const beside = dimsBeside(context, constant, 4);
    return [1, 3].find((axis) => beside?.every((d, i) => (i === axis ? d === dims[axis] && d > 1 : d === 1)));
  };
  return index.graph.nodes.filter((node) => {
    const axis = channelAxis(node, "Mul");
    return axis !== undefined && channelAxis(onlyReader(index, node.outputs[0] as string), "Add") === axis;
  });
}

/** Whether a value is the image itself, at most laid out or scaled otherwise. */
function isPicture(index: GraphIndex, value: string): boolean {
  const node = index.producer(value);
  if (node === undefined) return true;
  return PREPARING.has(node.opType) && isPicture(index, node.inputs[0] ?? "");
}

const PREPARING = new Set("Cast Transpose Mul Div Sub Add Identity Reshape Resize Pad Slice".split(" "));
