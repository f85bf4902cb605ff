// Other numbers of groups in a file's own graph, from what was found in the canonical one: values keep their names on the way.
import {
  type GraphIndex,
  indexGraph,
  inlineFunctions,
  type Model,
  opsetOf,
  type Shapes,
  UnsupportedError,
} from "@snellen/graph";
import { expandFusedNormalizations } from "../find-normalizations.ts";
import { type GroupEdit, replacedValue, rewriteGroups } from "./rewrite-groups.ts";

/**
 * The file's graph with other numbers of groups. Local functions stay where nothing inside them changes; sums and activations that
 * ONNX Runtime fused into normalizations are taken apart where one of them changes.
 * @param original as it was read
 * @param shapes of its canonical form
 * @param edits of normalizations of that, without fused ones (`expandFusedNormalizations`)
 * @throws UnsupportedError `hidden-normalization` where a value was made while the model was read, or lies in a branch
 */
export function rewriteFile(original: Model, shapes: Shapes, edits: readonly GroupEdit[]): Model {
  const missing = (model: Model): string | undefined => {
    const [names, index] = [topLevelNames(model), indexGraph(model)];
    return edits.flatMap((edit) => valuesNeeded(index, edit)).find((name) => !names.has(name));
  };
  const ways = [
    () => original,
    () => inlineFunctions(original),
    () => expandFusedNormalizations(inlineFunctions(original), shapes).model,
  ];
  for (const make of ways) {
    const model = make();
    if (missing(model) === undefined) return rewriteGroups(model, shapes, edits).model;
  }
  throw new UnsupportedError(
    "hidden-normalization",
    `the file has no value "${missing(original)}" to work on.`,
    {
      where: `operator set ${opsetOf(original)}`,
      hint: "It is made while the model is read, or lies inside a branch (If): export the model with a newer operator set, or without branches.",
    },
  );
}

/** What a rewrite replaces and reads: scale and bias only where they are no nodes of their own. */
function valuesNeeded(index: GraphIndex, { normalization }: GroupEdit): string[] {
  const { input, output, scale, bias } = normalization;
  const replaced = replacedValue(index, normalization);
  return [input, replaced, ...(replaced === output ? [scale, bias] : [])].filter((name) => name !== null);
}

/** Values that nodes of the graph itself may read; those inside sub-graphs are no use. */
function topLevelNames({ graph }: Model): ReadonlySet<string> {
  const outputs = graph.nodes.flatMap((node) => node.outputs);
  return new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys(), ...outputs]);
}
