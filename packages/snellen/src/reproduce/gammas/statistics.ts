// Batch normalizations whose kept statistics are those of pictures at hand: what an untrained network would compute in training.
// Ioffe & Szegedy 2015.
import {
  addOutputs,
  type Tensor as Constant,
  floatTensor,
  inferShapes,
  type Model,
  type Node,
  withGraph,
} from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { withBatchStatistics } from "../../normalization/batch-statistics.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";

/**
 * The same network with means and variances of `images`, taken together, in its BatchNormalizations.
 * @param model whose graph it is
 * @returns the same graph where there is none
 */
export async function withStatisticsOf(model: VisionModel, images: readonly ImageInput[]): Promise<Model> {
  const { info } = model;
  const kept = batchNormalizations(info.model);
  if (kept.length === 0) return info.model;
  const changed = withGraph(withBatchStatistics(info.model, info.shapes), { outputs: [] });
  // in training's form they read what was computed, in the order of the kept ones
  const computed = batchNormalizations(changed);
  const values = computed.flatMap(({ inputs }) => inputs.slice(3));
  const graph = (): Model => addOutputs(changed, values, inferShapes(changed));
  const [outputs = {}] = await model.run("batch statistics", graph, images);
  const initializers = new Map<string, Constant>(info.model.graph.initializers);
  kept.forEach(({ inputs }, i) => {
    for (const part of [3, 4]) {
      const found = outputs[computed[i]?.inputs[part] as string];
      if (found !== undefined)
        initializers.set(inputs[part] as string, floatTensor(found.dims, found.data as Float32Array));
    }
  });
  return withGraph(info.model, { initializers });
}

const batchNormalizations = ({ graph }: Model): Node[] =>
  graph.nodes.filter(({ opType, domain }) => opType === "BatchNormalization" && domain === "");
