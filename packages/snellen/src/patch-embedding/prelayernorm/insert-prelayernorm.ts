// Puts PreLayerNorm into the file's own graph. Names, operator set, inputs, outputs and all weights stay. arXiv:2111.08413.
import {
  createEmitter,
  type DataType,
  dimsOf,
  type Emitter,
  indexGraph,
  type Model,
  makeTensor,
  type Node,
  opsetOf,
  UnsupportedError,
  withEmitted,
} from "@snellen/graph";
import { floatTypes } from "../../normalization/groups/float-types.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { modulePath } from "../../vision-model/module-path.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import { fileWithValues, hiddenIn } from "./file-graph.ts";
import { addLayerNorm } from "./layer-norm-nodes.ts";
import { patchCutOf } from "./patch-cut.ts";
import { addPatchVectors } from "./patch-vectors.ts";
import type { Affine, PreLayerNorm } from "./prelayernorm.ts";
import { requireMode } from "./refusals.ts";

/** Initializers that hold γ and β. */
export interface AffineNames {
  readonly scale: string;
  readonly bias: string;
}

/** The file's graph with PreLayerNorm, and the names of its new parameters; null for a normalization that was not wanted. */
export interface InsertedPreLayerNorm {
  readonly model: Model;
  readonly before: AffineNames | null;
  readonly after: AffineNames | null;
  /** Path of the projection's PyTorch module; a guess, null where no name tells. */
  readonly module: string | null;
}

/** First operator set whose Slice takes its bounds as values. */
const SLICE_OPSET = 10;

/**
 * `before`: what the projection reads is normalized patch by patch, for the projection alone; its map is cut into patches and laid out
 * again, so that the convolution and its weight stay. `after`: the vectors of patches, for all their readers; the new value takes
 * the old one's name.
 *
 * @param found of `info`
 * @throws ModelError `cannot-normalize-patches`; UnsupportedError `hidden-patch-embedding`, `opset-too-old`
 */
export function insertPreLayerNorm(
  info: DescribedModel,
  found: PatchEmbedding,
  { before, after, epsilon }: PreLayerNorm,
): InsertedPreLayerNorm {
  if (before !== null) requireMode(found, "before-projection");
  const { node } = found.projection;
  const values = [
    ...(before === null ? [] : [node.outputs[0] as string]),
    ...(after === null ? [] : [found.tokens.name]),
  ];
  const file = fileWithValues(info.original, values);
  const projection = projectionIn(file, found);
  const module = modulePath(projection ?? node, projection?.inputs[1] ?? found.projection.weight, LAYER);
  const base = { info, found, epsilon, prefix: module ?? "patch_embedding" };
  const first = before === null ? unchanged(file) : normalizePatches(file, before, base);
  const second = after === null ? unchanged(first.model) : normalizeTokens(first.model, after, base);
  return { model: second.model, before: first.names, after: second.names, module };
}

interface Place {
  readonly info: DescribedModel;
  readonly found: PatchEmbedding;
  readonly epsilon: number;
  readonly prefix: string;
}

interface Rewritten {
  readonly model: Model;
  readonly names: AffineNames | null;
}

const LAYER = /\.\w*(Conv|Linear)\w*$/;
const unchanged = (model: Model): Rewritten => ({ model, names: null });

const isLayer = ({ opType }: Node): boolean => /^(Conv|MatMul|Gemm)$/.test(opType);

/** The layer as the file has it, behind whatever was folded into it. */
function projectionIn(file: Model, { projection }: PatchEmbedding): Node | undefined {
  const index = indexGraph(file);
  let node = index.producer(projection.node.outputs[0] as string);
  while (node !== undefined && !isLayer(node)) node = index.producer(node.inputs[0] ?? "");
  return node;
}

function normalizePatches(file: Model, affine: Affine, place: Place): Rewritten {
  const { info, found, prefix } = place;
  const layer = projectionIn(file, found);
  if (layer === undefined) throw hiddenIn(file, `layer that gives "${found.projection.output}"`);
  const input = layer.inputs[0] as string;
  const cut = found.projection.kind === "conv" ? patchCutOf(info, found) : undefined;
  const needsSlice = cut !== undefined && (cut.grid === null || cut.hasRest);
  if (needsSlice && opsetOf(file) < SLICE_OPSET) throw tooOld(file);
  const emitter = createEmitter(file);
  const names = addAffine(emitter, affine, `${prefix}.patch_norm`, typeIn(file, input));
  emitter.at(`${prefix}/patch_norm`);
  const { vectors, back } =
    cut === undefined ? { vectors: input, back: (v: string) => v } : addPatchVectors(emitter, input, cut);
  const rank = cut === undefined ? rankOf(found, found.projection.input) : 4;
  const normalized = back(
    normalize(emitter, vectors, { rank, axis: rank - 1 }, { file, names, place, of: input }),
  );
  const nodes = file.graph.nodes.flatMap((node) =>
    node === layer
      ? [...emitter.drain(), { ...node, inputs: [normalized, ...node.inputs.slice(1)] }]
      : [node],
  );
  return { model: withNodes(file, nodes, emitter), names };
}

function normalizeTokens(file: Model, affine: Affine, place: Place): Rewritten {
  const { found, prefix } = place;
  const { name, layout } = found.tokens;
  const emitter = createEmitter(file);
  const names = addAffine(emitter, affine, afterName(prefix), typeIn(file, name));
  const raw = emitter.freshName(`${name}/projected`);
  emitter.at(afterName(prefix).replace(/\.norm$/, "/norm"));
  const shape = { rank: rankOf(found, name), axis: layout.channelAxis };
  const normalized = normalize(emitter, raw, shape, { file, names, place, of: name });
  const emitted = emitter.drain().map((node) => renamed(node, normalized, name));
  const nodes = file.graph.nodes.flatMap((node) =>
    node.outputs.includes(name) ? [renamed(node, name, raw), ...emitted] : [node],
  );
  return { model: withNodes(file, nodes, emitter), names };
}

/** timm keeps a normalization of its own behind the projection, which has this name. */
const afterName = (prefix: string): string =>
  prefix.endsWith("patch_embed.proj") ? prefix.replace(/proj$/, "norm") : `${prefix}.norm`;

interface NormalizedIn {
  readonly file: Model;
  readonly names: AffineNames;
  readonly place: Place;
  /** The value of the file whose type it has. */
  readonly of: string;
}

const normalize = (
  emitter: Emitter,
  x: string,
  shape: { readonly rank: number; readonly axis: number },
  { file, names, place, of }: NormalizedIn,
): string =>
  addLayerNorm(emitter, x, {
    ...shape,
    ...names,
    epsilon: place.epsilon,
    opset: opsetOf(file),
    dataType: typeIn(file, of),
  });

function addAffine(emitter: Emitter, { scale, bias }: Affine, path: string, dataType: DataType): AffineNames {
  const vector = (values: Float64Array) => makeTensor(dataType, [values.length], values);
  return {
    scale: emitter.tensor(vector(scale), `${path}.weight`),
    bias: emitter.tensor(vector(bias), `${path}.bias`),
  };
}

const typeIn = (file: Model, value: string): DataType => floatTypes(file).get(value) ?? "float32";

const rankOf = ({ graph }: PatchEmbedding, value: string): number => dimsOf(graph.shapes, value)?.length ?? 0;

const renamed = (node: Node, from: string, to: string): Node =>
  node.outputs.includes(from)
    ? { ...node, outputs: node.outputs.map((output) => (output === from ? to : output)) }
    : node;

const withNodes = (model: Model, nodes: readonly Node[], emitter: Emitter): Model => ({
  ...model,
  graph: { ...model.graph, nodes, initializers: withEmitted(model, emitter) },
});

const tooOld = (file: Model): UnsupportedError =>
  new UnsupportedError("opset-too-old", "a map of open size cannot be cut into patches by its operators.", {
    where: `operator set ${opsetOf(file)}`,
    hint: "Export the model with operator set 13 or newer, or write --mode after-projection.",
  });
