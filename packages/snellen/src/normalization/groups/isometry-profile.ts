// How long the gradient is at every layer of the whole network, for several choices of groups: ‖∂L/∂x_l‖ of noise sent in at
// the scores. methods.md §1, isometry profile (derived here).
import { backpropagate, expandOnPath } from "@snellen/autodiff";
import { createBuilder, elementCount, type Model, removeDead } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { squares } from "./gain-graph.ts";
import { signs } from "./gradient-noise.ts";
import { realRows } from "./measure-parts.ts";
import { type GroupEdit, rewriteGroups } from "./rewrite-groups.ts";

export interface ProfileOptions {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Gradients sent back an image; by default so many that eight are in all. */
  readonly draws?: number;
}

const NOISE = "snellen_noise";
const LENGTH = (i: number): string => `snellen_length_${i}`;

/** A length is a mean over as many squares as the value has elements: few gradients make it known. */
const GRADIENTS = 8;

/** Images run at a time. */
const BATCH_SIZE = 2;

/**
 * Root mean square over images of the gradient's Euclidean length at each value, for gradients of unit variance at the scores.
 * @param values of the network, such as the inputs of its layers
 * @param edits other groups for some normalizations; none for the network as it is
 * @throws UnsupportedError `no-gradient-rule`
 */
export async function gradientLengths(
  model: VisionModel,
  values: readonly string[],
  edits: readonly GroupEdit[],
  images: readonly ImageInput[],
  { seed = 0, signal, draws = Math.ceil(GRADIENTS / images.length) }: ProfileOptions = {},
): Promise<number[]> {
  const { info } = model;
  const sums = new Float64Array(values.length);
  const key = `lengths ${values.join()} ${edits.map((e) => `${e.normalization.output}:${e.groups}`).join()}`;
  const size = info.batch.fixed ?? BATCH_SIZE;
  const width = elementCount(info.logits.shape);
  for (let draw = 0; draw < draws; draw++) {
    for (let first = 0; first < images.length; first += size) {
      const some = images.slice(first, first + size);
      const feeds = (_: number, count: number) => ({
        [NOISE]: new Tensor("float32", signs(count * width, seed, draw, first), [
          count,
          ...(info.logits.shape as number[]),
        ]),
      });
      const [outputs = {}] = await model.run(
        key,
        () => lengthGraph(info, values, edits),
        some,
        feeds,
        signal,
      );
      values.forEach((_, v) => {
        const rows = (outputs[LENGTH(v)] as Tensor).data as Float32Array;
        for (const square of realRows(rows, some.length, info.batch.fixed))
          sums[v] = (sums[v] as number) + square;
      });
    }
  }
  return [...sums].map((sum) => Math.sqrt(sum / draws / images.length));
}

function lengthGraph(info: DescribedModel, values: readonly string[], edits: readonly GroupEdit[]): Model {
  const of = info.logits.value;
  const changed = rewriteGroups(info.model, info.shapes, edits);
  const ready = expandOnPath(changed.model, changed.shapes, { of: [of], wrt: values });
  const b = createBuilder({ ...ready.model, graph: { ...ready.model.graph, outputs: [] } }, ready.shapes);
  return b.scoped("lengths", () => {
    const noise = b.inputLike(NOISE, of);
    const gradients = backpropagate(b, new Map([[of, noise]]), values);
    values.forEach((value, i) => {
      b.output(squares(b, gradients.get(value) as string), LENGTH(i));
    });
    return removeDead(b.build());
  });
}
