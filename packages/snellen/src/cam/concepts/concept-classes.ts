// What a network makes of a concept: its vector as a feature map that is the same everywhere, fed to what lies behind the layer.
// Under global average pooling and a linear classifier that is the classifier on the vector itself, as in pytorch-grad-cam's
// `computation_on_concepts`; behind other heads a map that is the same everywhere is none that the network has seen.
import { BATCH, createBuilder, dataTypeOf, dimsOf, type Model, removeDead, takeTail } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { classScores } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { ranking } from "../../vision-model/ranking.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { whyNotLinear } from "../linear-head.ts";

/** A class that the network sees in a concept, with its score. */
export interface ConceptClass {
  readonly classIndex: number;
  readonly className: string | undefined;
  /** Before any Softmax or Sigmoid. */
  readonly score: number;
}

/** Classes named for a concept. */
const NAMED = 3;

const SCORES = "snellen_concept_scores";

/** Why concepts of a layer cannot be given classes; undefined where they can. */
export function whyNoClasses(
  { model, shapes, logits }: DescribedModel,
  layer: FeatureLayer,
): string | undefined {
  const reason = whyNotLinear(model.graph.nodes, layer.value, logits.value);
  if (reason !== undefined) return reason;
  if (dataTypeOf(shapes, layer.value) !== "float32") return "the layer does not hold float32";
  const { inputs } = takeTail(model, shapes, [layer.value], [logits.value]).graph;
  return inputs.length === 1 ? undefined : "what lies behind the layer reads more than the layer";
}

/**
 * The classes of highest score for each vector, best first.
 * @param vectors features as they are where the concept is strongest; the layer must have no `whyNoClasses`
 */
export async function classesOf(
  model: VisionModel,
  layer: FeatureLayer,
  vectors: readonly Float32Array[],
): Promise<ConceptClass[][]> {
  const { info } = model;
  const size = info.batch.fixed ?? vectors.length;
  return await model.use(
    `concept classes ${layer.value}`,
    () => tailOf(info, layer),
    async (session) => {
      const found: ConceptClass[][] = [];
      for (let first = 0; first < vectors.length; first += size) {
        const part = vectors.slice(first, first + size);
        const outputs = await session.run({ [layer.value]: constantMaps(info, layer, part, size) });
        const scores = outputs[SCORES]?.data as Float32Array;
        const { classes } = info.logits;
        for (const i of part.keys()) found.push(best(info, scores.subarray(i * classes, (i + 1) * classes)));
      }
      return found;
    },
  );
}

/** From the layer to the class scores. */
function tailOf({ model, shapes, logits }: DescribedModel, layer: FeatureLayer): Model {
  const tail = takeTail(model, shapes, [layer.value], [logits.value]);
  const b = createBuilder({ ...tail, graph: { ...tail.graph, outputs: [] } }, shapes);
  b.output(classScores(b, logits), SCORES);
  return removeDead(b.build());
}

/** Values of the layer, in its own layout, whose channels are the vector's numbers at every position. */
function constantMaps(
  { shapes }: DescribedModel,
  { value, layout, channels }: FeatureLayer,
  vectors: readonly Float32Array[],
  size: number,
): Tensor {
  const [probed, batch] = [shapes.probes[0]?.get(value)?.dims ?? [], shapes.batches[0] ?? 1];
  // of tokens that are kept as rows, the batch is but a factor of the first axis
  const dims = (dimsOf(shapes, value) ?? []).map((d, axis) =>
    d === BATCH ? ((probed[axis] as number) / batch) * size : d,
  );
  const count = dims.reduce((a, d) => a * d, 1);
  const inner = dims.slice(layout.channelAxis + 1).reduce((a, d) => a * d, 1);
  const data = Float32Array.from({ length: count }, (_, i) => {
    const vector = vectors[Math.floor((i * size) / count)];
    return vector?.[Math.floor(i / inner) % channels] ?? 0;
  });
  return new Tensor("float32", data, dims);
}

function best({ labels }: DescribedModel, scores: Float32Array): ConceptClass[] {
  return ranking(scores)
    .slice(0, NAMED)
    .map((classIndex) => ({
      classIndex,
      className: labels.names?.[classIndex],
      score: scores[classIndex] as number,
    }));
}
