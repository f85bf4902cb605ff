// A network's parameters as before any training, by the kind of layer that reads them: to train from scratch what a file holds trained.
// He et al. 2015 (convolutions, by fan-out, as torchvision), Glorot & Bengio 2010 (classifiers), Dosovitskiy et al. 2021 (tokens).
import { attr, dimsOf, floatTensor, type Node, type Shapes, type Tensor } from "@snellen/graph";
import { type Fan, type InitialWeights, initialWeights, zeros } from "../networks/initial-weights.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Parameter, Trainable } from "./parameters.ts";
import { withTensors } from "./with-tensors.ts";

const ones: InitialWeights = (dims, ...others) => zeros(dims, ...others).fill(1);

/** Of roles other than `weight`. */
const BY_ROLE: Readonly<Record<Exclude<Parameter["role"], "weight">, InitialWeights>> = {
  bias: zeros,
  shift: zeros,
  scale: ones,
  embedding: initialWeights["truncated-normal"],
};

/**
 * The same network with new weights; same seed, same weights. Kept statistics become mean 0 and variance 1.
 * @param seed a 32-bit integer
 */
export function initialise(
  info: DescribedModel,
  { parameters, statistics }: Pick<Trainable, "parameters" | "statistics">,
  seed: number,
): DescribedModel {
  const tensors = new Map<string, Tensor>();
  parameters.forEach((parameter, i) => {
    const { name, dims } = parameter;
    tensors.set(name, floatTensor(dims, initialOf(parameter, info.shapes)(dims, fanOf(parameter), seed, i)));
  });
  for (const { mean, variance, channels } of statistics) {
    tensors.set(mean, floatTensor([channels], new Float32Array(channels)));
    tensors.set(variance, floatTensor([channels], new Float32Array(channels).fill(1)));
  }
  return withTensors(info, tensors);
}

function initialOf({ role, layer }: Parameter, shapes: Shapes): InitialWeights {
  if (role !== "weight") return BY_ROLE[role];
  if (/^Conv/.test(layer.opType)) return initialWeights["he-fan-out"];
  const isOnTokens =
    (dimsOf(shapes, layer.outputs[0] ?? "")?.length ?? 2) > 2 || layer.opType === "Transpose";
  return initialWeights[isOnTokens ? "truncated-normal" : "xavier-uniform"];
}

/** Of a weight [out, in, …], or of a product's [in, out]. */
function fanOf({ dims, layer, name }: Parameter): Fan {
  const [first = 1, second = 1, ...kernel] = dims;
  const area = kernel.reduce((n, side) => n * side, 1);
  if (!/^(Conv|ConvTranspose)$/.test(layer.opType)) {
    const isOutFirst = layer.opType === "Transpose" || (layer.opType === "Gemm" && isTransposed(layer, name));
    return isOutFirst ? { in: second, out: first } : { in: first, out: second };
  }
  const perGroup = first / attr.int(layer, "group", 1);
  const [into, out] = layer.opType === "Conv" ? [second, perGroup] : [perGroup, second];
  return { in: into * area, out: out * area };
}

const isTransposed = (gemm: Node, name: string): boolean =>
  attr.int(gemm, gemm.inputs[0] === name ? "transA" : "transB", 0) === (gemm.inputs[0] === name ? 0 : 1);
