// How long the gradient of each γ is when γ are scaled: that of a scale-invariant one is inversely proportional to its size, which
// makes lr/|γ|² its effective learning rate. van Laarhoven 2017, for weights; arXiv:2205.07260, for γ.
import { backpropagate, expandOnPath } from "@snellen/autodiff";
import {
  createBuilder,
  elementCount,
  inferShapes,
  type Model,
  makeNode,
  makeTensor,
  removeDead,
  withGraph,
} from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import { withBatchStatistics } from "../../normalization/batch-statistics.ts";
import { signs } from "../../normalization/groups/gradient-noise.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";

const FACTORS = "snellen_factors";
const NOISE = "snellen_noise";
const SQUARES = "snellen_squares";

/**
 * ‖∂L/∂γ‖ of each γ, for noise of unit variance sent in at the scores, normalizations working on the statistics of the images.
 * @param gammas constants of the graph that normalizations read
 * @returns what finds the lengths for one factor on each γ; the gradient is by the scaled γ
 */
export function gammaGradients(
  model: VisionModel,
  gammas: readonly string[],
  images: readonly ImageInput[],
  seed: number,
): (factors: readonly number[]) => Promise<number[]> {
  const { info } = model;
  const width = elementCount(info.logits.shape);
  const noise = new Tensor("float32", signs(images.length * width, seed), [
    images.length,
    ...(info.logits.shape as number[]),
  ]);
  return async (factors) => {
    const fed = new Tensor("float32", Float32Array.from(factors), [gammas.length]);
    const feeds = () => ({ [FACTORS]: fed, [NOISE]: noise });
    const [outputs = {}] = await model.run(
      "gradients of gammas",
      () => gradientGraph(info, gammas),
      images,
      feeds,
    );
    return Array.from((outputs[SQUARES] as Tensor).data as Float32Array, Math.sqrt);
  };
}

function gradientGraph(info: DescribedModel, gammas: readonly string[]): Model {
  const of = info.logits.value;
  const scaled = withFactors(withBatchStatistics(info.model, info.shapes), gammas);
  const wrt = gammas.map(scaledName);
  const ready = expandOnPath(scaled, inferShapes(scaled), { of: [of], wrt });
  const b = createBuilder(withGraph(ready.model, { outputs: [] }), ready.shapes);
  return b.scoped("gammas", () => {
    const gradients = backpropagate(b, new Map([[of, b.inputLike(NOISE, of)]]), wrt);
    const squares = wrt.map((name) =>
      b.op("ReduceSumSquare", [gradients.get(name) as string, b.ints([0])], { keepdims: 1 }),
    );
    b.output(b.op("Concat", squares, { axis: 0 }), SQUARES);
    return removeDead(b.build());
  });
}

const scaledName = (gamma: string): string => `${gamma}/scaled`;

/** γ × factor in the place of γ, wherever it is read. */
function withFactors(model: Model, gammas: readonly string[]): Model {
  const known = new Set(gammas);
  const index = (gamma: string): string => `${gamma}/index`;
  const constants = gammas.map((gamma, i) => [index(gamma), makeTensor("int64", [], [i])] as const);
  const products = gammas.flatMap((gamma) => {
    const factor = `${gamma}/factor`;
    return [
      makeNode("Gather", [FACTORS, index(gamma)], [factor], { name: factor }),
      makeNode("Mul", [gamma, factor], [scaledName(gamma)], { name: scaledName(gamma) }),
    ];
  });
  const nodes = model.graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (known.has(name) ? scaledName(name) : name)),
  }));
  return withGraph(model, {
    inputs: [...model.graph.inputs, { name: FACTORS, dataType: "float32", dims: [gammas.length] }],
    nodes: [...products, ...nodes],
    initializers: new Map([...model.graph.initializers, ...constants]),
  });
}
