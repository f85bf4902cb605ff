// The graph as the finder of patch embeddings reads it: what follows the picture, which layers have weights, and where rows, columns
// and channels lie in every value. Derived here.
import { createBuilder, dimsOf, type GraphBuilder, type Model, type Node, type Shapes } from "@snellen/graph";
import { expandFusedNormalizations, findNormalizations } from "../normalization/find-normalizations.ts";
import { createFlow, type Flow, isWeightLayer } from "../normalization/flow.ts";
import type { Normalization } from "../normalization/normalization.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { followSpace, imageSpace, type Spaces } from "../vision-model/follow-space.ts";
import { readsShapeOnly } from "../vision-model/shape-only.ts";

export interface EmbeddingContext {
  readonly model: Model;
  readonly shapes: Shapes;
  readonly b: GraphBuilder;
  readonly flow: Flow;
  readonly spaces: Spaces;
  readonly image: string;
  /** [H, W] of the input. */
  readonly size: readonly [number, number];
}

export function createContext(info: DescribedModel): EmbeddingContext {
  const { model, shapes } = expandFusedNormalizations(info.model, info.shapes);
  const { name: image, layout, size } = info.input;
  const b = createBuilder(model, shapes);
  const flow = createFlow(model, shapes, image, findNormalizations(model, shapes));
  const dims = shapes.probes[0]?.get(image)?.dims ?? [];
  const spaces = followSpace(b, model.graph.nodes, image, imageSpace(dims, layout));
  return { model, shapes, b, flow, spaces, image, size };
}

/** Nodes that read what a value holds, in graph order. */
export const contentReaders = ({ flow }: EmbeddingContext, value: string): readonly Node[] =>
  flow.index.readers(value).filter((node) => !readsShapeOnly(node));

/** What lies behind a value down to the nearest layers with weights. */
export interface Stretch {
  /** Between those layers and the value, the layers left out. */
  readonly nodes: ReadonlySet<Node>;
  /** The layers; none where the value comes from the picture without any. */
  readonly layers: readonly Node[];
  readonly normalizations: readonly Normalization[];
}

export function stretchBehind(context: EmbeddingContext, value: string): Stretch {
  const { flow } = context;
  const [nodes, layers] = [new Set<Node>(), new Set<Node>()];
  const seen = new Set([value]);
  for (const name of seen) {
    const node = flow.index.producer(name);
    if (node === undefined || !flow.isImage(name) || nodes.has(node) || layers.has(node)) continue;
    if (isWeightLayer(flow, node)) {
      layers.add(node);
      continue;
    }
    nodes.add(node);
    for (const input of node.inputs) if (flow.isImage(input)) seen.add(input);
  }
  const normalizations = flow.normalizations.filter((n) => n.nodes.some((node) => nodes.has(node)));
  return { nodes, layers: [...layers], normalizations };
}

/** Whether positions were mixed by attention, or any product of two values of the picture, on the way to a value. */
export const isMixed = ({ flow }: EmbeddingContext, value: string): boolean =>
  [...flow.behind(value).nodes].some(
    (node) =>
      /^(Softmax|LogSoftmax|Attention|MultiHeadAttention)$/.test(node.opType) ||
      (/^(MatMul|Einsum)$/.test(node.opType) && node.inputs.filter((name) => flow.isImage(name)).length > 1),
  );

/** Dimensions of an operand beside a result of this rank: ones in front. */
export function alignedDims({ shapes }: EmbeddingContext, value: string, rank: number): readonly number[] {
  const dims = dimsOf(shapes, value) ?? [];
  return [...new Array<number>(Math.max(0, rank - dims.length)).fill(1), ...dims];
}

/** Operators that lay a value out anew and leave its numbers. */
const LAYING_OUT = new Set(["Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Cast"]);
export const laysOut = (node: Node): boolean => node.domain === "" && LAYING_OUT.has(node.opType);
