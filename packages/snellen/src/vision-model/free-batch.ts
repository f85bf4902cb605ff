// How many pictures run at once: a batch that a file fixes is freed, and one that it leaves open is taken; only where pictures cannot
// see one another.
import {
  BATCH,
  describeNode,
  dimsOf,
  inferShapes,
  type Model,
  makeBatchDynamic,
  type ShapeOptions,
  type Shapes,
  valuesReadBy,
} from "@snellen/graph";
import { readsShapeOnly } from "./shape-only.ts";

/** How many images the model takes at a time. */
export interface BatchInfo {
  /** The only size it takes, or in which pictures cannot see one another; undefined when it takes any. */
  readonly fixed: number | undefined;
  /** The size in the file, where that was freed. */
  readonly freedFrom: number | undefined;
  /** Why it takes no other. */
  readonly refusal: string | undefined;
}

/**
 * Frees a fixed batch where every value is proven to follow it.
 * @param fixed the batch of the file; undefined where it is open
 * @param image name of the image input
 */
export function freeBatch(
  canonical: { readonly model: Model; readonly shapes: Shapes },
  fixed: number | undefined,
  image: string,
  options: ShapeOptions,
): { readonly model: Model; readonly shapes: Shapes; readonly batch: BatchInfo } {
  const kept = (refusal?: string) => ({ ...canonical, batch: { fixed, freedFrom: undefined, refusal } });
  if (fixed === undefined) {
    const shared = sharedRange(canonical.model);
    return shared === undefined
      ? kept()
      : { ...canonical, batch: { fixed: 1, freedFrom: undefined, refusal: shared } };
  }
  const dynamic = makeBatchDynamic(canonical.model, options);
  if ("refused" in dynamic) return kept(dynamic.refused);
  const shapes = inferShapes(dynamic.model, options);
  const mixing = mixesPictures(dynamic.model, shapes, image);
  if (mixing !== undefined) return kept(mixing);
  return { model: dynamic.model, shapes, batch: { fixed: undefined, freedFrom: fixed, refusal: undefined } };
}

/** Dynamic quantization rounds each picture of a batch by the range of all: alone it would be given another map. */
function sharedRange({ graph }: Model): string | undefined {
  const node = graph.nodes.find(({ opType }) => opType.startsWith("DynamicQuantize"));
  return node && `${describeNode(node)}: it rounds all pictures of a batch by one range`;
}

/**
 * A value that depends on the pictures but does not grow with their number holds something of all of them: a mean or a maximum
 * over the batch, of which a model exported for one picture shows no sign.
 */
function mixesPictures({ graph }: Model, shapes: Shapes, image: string): string | undefined {
  const dependent = new Set([image]);
  for (const node of graph.nodes) {
    if (readsShapeOnly(node) || !valuesReadBy(node).some((name) => dependent.has(name))) continue;
    for (const output of node.outputs) {
      if (output === "") continue;
      dependent.add(output);
      if (dimsOf(shapes, output)?.includes(BATCH) !== true)
        return `${describeNode(node)}: "${output}" is one value for all pictures of a batch`;
    }
  }
  return undefined;
}
