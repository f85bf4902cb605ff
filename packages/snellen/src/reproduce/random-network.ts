// Untrained networks for experiments, written layer by layer: Gaussian weights that keep pre-activations at unit variance (He et
// al. 2015), γ = 1 and β = 0, all from one seed. Names of parameters are those that PyTorch would give.
import {
  BATCH,
  createBuilder,
  elementCount,
  floatTensor,
  type GraphBuilder,
  inferShapes,
  type Model,
  type Tensor,
  withGraph,
} from "@snellen/graph";
import { activationOf } from "../normalization/groups/activations.ts";
import { gaussianMoments } from "../normalization/groups/gaussian-moments.ts";
import { gaussians } from "../random.ts";

/** What a layer reads went through last: an activation's id, or "none". */
export type After = "relu" | "gelu" | "silu" | "none";

export interface NetworkWriter {
  readonly b: GraphBuilder;
  /** Pictures [N, 3, side, side]. */
  readonly image: string;
  /** Gaussian weights of variance 1/(fanIn·E[φ²]). */
  weight(name: string, dims: readonly number[], fanIn: number, after: After): string;
  /** [N, C, h, w] → [N, channels, h/stride, w/stride], padded to keep its sides. */
  conv(name: string, x: string, channels: number, options?: ConvOptions): string;
  /** [N, …, C] → [N, …, width]; rank 2 or more. */
  linear(name: string, x: string, width: number, after?: After): string;
  /** Over all positions and the channels (axis 1) of each group. */
  groupNorm(name: string, x: string, groups: number): string;
  /** With kept statistics of mean 0 and variance 1, as before training: they are the batch's only when somebody sets them. */
  batchNorm(name: string, x: string): string;
  /** Over the last axis. */
  layerNorm(name: string, x: string): string;
  activate(x: string, activation: After): string;
  /** The network with `scores` [N, K] as its output. */
  finish(scores: string): Model;
}

export interface ConvOptions {
  /** Side, odd; default 3. */
  readonly kernel?: number;
  readonly stride?: number;
  readonly after?: After;
}

const OPSET = 21;
const IR_VERSION = 10;
const EPSILON = { float: 1e-5 };

/**
 * @param side of the pictures
 * @param gammaOf what a normalization's γ are set to, by its name; default 1
 */
export function createNetwork(
  side: number,
  seed: number,
  gammaOf: (name: string) => number = () => 1,
): NetworkWriter {
  const b = createBuilder(EMPTY, inferShapes(EMPTY));
  const image = b.input("image", "float32", [BATCH, 3, side, side]);
  const parameters = new Map<string, Tensor>();
  // inputs first, constants in the end: a builder shares constants that are equal, and γ are
  const parameter = (name: string, tensor: Tensor): string => {
    parameters.set(name, tensor);
    return b.input(name, "float32", tensor.dims);
  };
  const weight: NetworkWriter["weight"] = (name, dims, fanIn, after) => {
    const size = 1 / Math.sqrt(fanIn * gaussianMoments(activationOf(after)).q);
    const values = gaussians(elementCount(dims), seed, parameters.size).map((z) => size * z);
    return parameter(name, floatTensor(dims, values));
  };
  const constants: Constants = (name, channels, others = {}) =>
    Object.entries({ weight: gammaOf(name), bias: 0, ...others }).map(([part, value]) =>
      parameter(`${name}.${part}`, floatTensor([channels], new Float32Array(channels).fill(value))),
    );
  return {
    b,
    image,
    weight,
    conv(name, x, channels, { kernel = 3, stride = 1, after = "none" } = {}) {
      const inputs = b.dims(x)[1] as number;
      const w = weight(`${name}.weight`, [channels, inputs, kernel, kernel], inputs * kernel ** 2, after);
      const pads = new Array(4).fill((kernel - 1) / 2);
      const options = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
      return b.scoped(name, () => b.op("Conv", [x, w], options));
    },
    linear(name, x, width, after = "none") {
      const inputs = b.dims(x).at(-1) as number;
      return b.scoped(name, () =>
        b.op("MatMul", [x, weight(`${name}.weight`, [inputs, width], inputs, after)]),
      );
    },
    ...normalizations(b, constants),
    activate: (x, activation) => ACTIVATE[activation](b, x),
    finish(scores) {
      b.output(scores, "scores");
      const built = b.build();
      const inputs = built.graph.inputs.filter(({ name }) => !parameters.has(name));
      const initializers = new Map([...built.graph.initializers, ...parameters]);
      return withGraph(built, { inputs, initializers });
    },
  };
}

/** Adds γ, set by the normalization's name, and β = 0; of batch normalization its kept statistics too. */
type Constants = (name: string, channels: number, others?: Readonly<Record<string, number>>) => string[];

const normalizations = (
  b: GraphBuilder,
  constants: Constants,
): Pick<NetworkWriter, "groupNorm" | "batchNorm" | "layerNorm"> => ({
  groupNorm(name, x, groups) {
    const inputs = [x, ...constants(name, b.dims(x)[1] as number)];
    const options = { num_groups: groups, epsilon: EPSILON };
    return b.scoped(name, () => b.op("GroupNormalization", inputs, options));
  },
  batchNorm(name, x) {
    const kept = { running_mean: 0, running_var: 1 };
    const inputs = [x, ...constants(name, b.dims(x)[1] as number, kept)];
    return b.scoped(name, () => b.op("BatchNormalization", inputs, { epsilon: EPSILON }));
  },
  layerNorm(name, x) {
    const inputs = [x, ...constants(name, b.dims(x).at(-1) as number)];
    return b.scoped(name, () => b.op("LayerNormalization", inputs, { axis: -1, epsilon: EPSILON }));
  },
});

const EMPTY: Model = {
  irVersion: IR_VERSION,
  opsets: new Map([["", OPSET]]),
  graph: { name: "network", inputs: [], outputs: [], nodes: [], initializers: new Map(), valueInfo: [] },
  functions: [],
  metadata: new Map(),
  producer: "snellen",
};

const ACTIVATE: { readonly [A in After]: (b: GraphBuilder, x: string) => string } = {
  relu: (b, x) => b.op("Relu", [x]),
  gelu: (b, x) => b.op("Gelu", [x]),
  silu: (b, x) => b.op("Mul", [x, b.op("Sigmoid", [x])]),
  none: (_, x) => x,
};
