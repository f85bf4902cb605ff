// Writes a network layer by layer: each parameter from a seed and its name, named as PyTorch would name it.
// Operators: ONNX opset 21. Every floating-point initializer is a parameter, or a kept statistic of batch normalization.
import {
  BATCH,
  createBuilder,
  floatTensor,
  type GraphBuilder,
  inferShapes,
  type Model,
  renameValue,
  type Tensor,
  withGraph,
} from "@snellen/graph";
import { type After, type Fan, type InitialWeights, zeros } from "./initial-weights.ts";

export type NetworkActivation = Exclude<After, "none">;

export interface NetworkWriter {
  readonly b: GraphBuilder;
  /** Pictures [N, C, H, W]. */
  readonly image: string;
  /** A parameter of the network. @param initial default the network's */
  weight(name: string, dims: readonly number[], fan: Fan, initial?: InitialWeights): string;
  /** [N, C, h, w] → [N, channels, h', w']; `<name>.weight` [channels, C, kh, kw]. */
  conv(name: string, x: string, channels: number, options?: ConvOptions): string;
  /** [N, …, C] → [N, …, width] without a bias; `<name>.weight` [C, width]. */
  product(name: string, x: string, width: number, initial?: InitialWeights): string;
  /**
   * [N, …, C] → [N, …, width] with `<name>.bias`. Of vectors [N, C] `<name>.weight` is [width, C], as PyTorch has it; of more axes
   * it is [C, width].
   */
  linear(name: string, x: string, width: number, options?: LinearOptions): string;
  /** Over all positions and the channels (axis 1) of each group; the number of groups divides the channels. */
  groupNorm(name: string, x: string, groups: number): string;
  /** With kept statistics of mean 0 and variance 1, as before training: they are the batch's only when somebody sets them. */
  batchNorm(name: string, x: string): string;
  /** Over the last axis. @param epsilon default 1e-5 */
  layerNorm(name: string, x: string, epsilon?: number): string;
  activate(x: string, activation: After): string;
  /** [N, C, h, w]; padding does not count. */
  pool(kind: "max" | "average", x: string, window: PoolOptions): string;
  /** [N, C, h, w] → [N, C]: the mean over all positions. */
  pooled(x: string): string;
  /** The network with `logits` [N, K] as its output. */
  finish(logits: string): Model;
}

interface Sliding {
  /** Side, or height and width. */
  readonly kernel?: number | readonly [height: number, width: number];
  /** Default 1. */
  readonly stride?: number | readonly [down: number, right: number];
  /**
   * `same` (default): kernel − 1 places in all, the odd one at the bottom and right, so that a stride of 1 keeps the sides;
   * `valid`: none.
   */
  readonly padding?: "same" | "valid";
}

export interface ConvOptions extends Sliding {
  /** Default the network's. */
  readonly initial?: InitialWeights;
  /** Default none. */
  readonly bias?: InitialWeights;
}

export interface LinearOptions {
  readonly initial?: InitialWeights;
  /** Default zeros. */
  readonly bias?: InitialWeights | "none";
}

export interface PoolOptions extends Sliding {
  readonly kernel: number;
}

export interface NetworkWriterOptions {
  /** Of pictures. */
  readonly size: readonly [height: number, width: number];
  /** Of pictures; default 3. */
  readonly channels?: number;
  readonly seed: number;
  /** Of layers that state none. */
  readonly initial: InitialWeights;
  /** What a normalization's γ are set to, by its name; default 1. */
  readonly gammaOf?: (name: string) => number;
  /**
   * What a parameter's numbers depend on beside the seed. Default: its name, so that they are the same whatever else the network
   * has. @param place number of parameters before it
   */
  readonly keyOf?: (name: string, place: number) => number;
}

const OPSET = 21;
const IR_VERSION = 10;
const EPSILON = 1e-5;
const KERNEL = 3;

export function createNetworkWriter(options: NetworkWriterOptions): NetworkWriter {
  const { size, channels = 3, seed, initial: usual, gammaOf = () => 1, keyOf = hashOf } = options;
  const b = createBuilder(EMPTY, inferShapes(EMPTY));
  const image = b.input("image", "float32", [BATCH, channels, ...size]);
  const parameters = new Map<string, Tensor>();
  // inputs first, constants in the end: a builder shares constants that are equal, and γ are
  const parameter = (name: string, dims: readonly number[], values: Float32Array): string => {
    parameters.set(name, floatTensor(dims, values));
    return b.input(name, "float32", dims);
  };
  const weight: NetworkWriter["weight"] = (name, dims, fan, initial = usual) =>
    parameter(name, dims, initial(dims, fan, seed, keyOf(name, parameters.size)));
  const constants: Constants = (name, count, others = {}) =>
    Object.entries({ weight: gammaOf(name), bias: 0, ...others }).map(([part, value]) =>
      parameter(`${name}.${part}`, [count], new Float32Array(count).fill(value)),
    );
  return {
    b,
    image,
    weight,
    ...weightLayers(b, weight),
    ...normalizations(b, constants),
    ...withoutParameters(b),
    finish(logits) {
      b.output(logits);
      const built = b.build();
      const inputs = built.graph.inputs.filter(({ name }) => !parameters.has(name));
      const initializers = new Map([...parameters, ...built.graph.initializers]);
      const { model } = renameValue(withGraph(built, { inputs, initializers }), logits, "logits");
      return withGraph(model, {
        outputs: [{ name: "logits", dataType: "float32", dims: ["batch", b.dims(logits)[1]] }],
      });
    },
  };
}

const weightLayers = (
  b: GraphBuilder,
  weight: NetworkWriter["weight"],
): Pick<NetworkWriter, "conv" | "product" | "linear"> => {
  const product: NetworkWriter["product"] = (name, x, width, initial) => {
    const inputs = b.dims(x).at(-1) as number;
    const fan = { in: inputs, out: width };
    return b.scoped(name, () => b.op("MatMul", [x, weight(`${name}.weight`, [inputs, width], fan, initial)]));
  };
  return {
    product,
    conv(name, x, channels, { initial, bias, ...sliding } = {}) {
      const inputs = b.dims(x)[1] as number;
      const window = windowOf(sliding);
      const area = window.kernel_shape[0] * window.kernel_shape[1];
      const fan = { in: inputs * area, out: channels * area };
      const values = [weight(`${name}.weight`, [channels, inputs, ...window.kernel_shape], fan, initial)];
      if (bias !== undefined) values.push(weight(`${name}.bias`, [channels], fan, bias));
      return b.scoped(name, () => b.op("Conv", [x, ...values], window));
    },
    linear(name, x, width, { initial, bias = zeros } = {}) {
      const inputs = b.dims(x).at(-1) as number;
      const fan = { in: inputs, out: width };
      const biases = () => (bias === "none" ? [] : [weight(`${name}.bias`, [width], fan, bias)]);
      if (b.rank(x) === 2) {
        const values = [weight(`${name}.weight`, [width, inputs], fan, initial), ...biases()];
        return b.scoped(name, () => b.op("Gemm", [x, ...values], { transB: 1 }));
      }
      const h = product(name, x, width, initial);
      return b.scoped(name, () => biases().reduce((sum, values) => b.op("Add", [sum, values]), h));
    },
  };
};

/** Adds γ, set by the normalization's name, and β = 0; of batch normalization its kept statistics too. */
type Constants = (name: string, channels: number, others?: Readonly<Record<string, number>>) => string[];

const normalizations = (
  b: GraphBuilder,
  constants: Constants,
): Pick<NetworkWriter, "groupNorm" | "batchNorm" | "layerNorm"> => ({
  groupNorm(name, x, groups) {
    const inputs = [x, ...constants(name, b.dims(x)[1] as number)];
    const options = { num_groups: groups, epsilon: { float: EPSILON } };
    return b.scoped(name, () => b.op("GroupNormalization", inputs, options));
  },
  batchNorm(name, x) {
    const kept = { running_mean: 0, running_var: 1 };
    const inputs = [x, ...constants(name, b.dims(x)[1] as number, kept)];
    return b.scoped(name, () => b.op("BatchNormalization", inputs, { epsilon: { float: EPSILON } }));
  },
  layerNorm(name, x, epsilon = EPSILON) {
    const inputs = [x, ...constants(name, b.dims(x).at(-1) as number)];
    const options = { axis: -1, epsilon: { float: epsilon } };
    return b.scoped(name, () => b.op("LayerNormalization", inputs, options));
  },
});

const withoutParameters = (b: GraphBuilder): Pick<NetworkWriter, "activate" | "pool" | "pooled"> => ({
  activate: (x, activation) => b.scoped(moduleOf(x), () => ACTIVATE[activation](b, x)),
  pool: (kind, x, window) => b.op(kind === "max" ? "MaxPool" : "AveragePool", [x], windowOf(window)),
  pooled: (x) => b.op("Flatten", [b.op("GlobalAveragePool", [x])]),
});

/** Path of the module that makes a value, such as `layer1.0.bn1` of `layer1.0.bn1/BatchNormalization`. */
const moduleOf = (value: string): string => value.slice(0, Math.max(0, value.lastIndexOf("/")));

/** Attributes of a sliding window. */
function windowOf({ kernel = KERNEL, stride = 1, padding = "same" }: Sliding) {
  const [sides, strides] = [kernel, stride].map(pairOf) as [Pair, Pair];
  const begins = sides.map((side) => (padding === "same" ? Math.floor((side - 1) / 2) : 0));
  const ends = sides.map((side, i) => (padding === "same" ? side - 1 - (begins[i] as number) : 0));
  return { kernel_shape: sides, strides, pads: [...begins, ...ends] };
}

type Pair = [number, number];
const pairOf = (value: number | readonly [number, number]): Pair =>
  typeof value === "number" ? [value, value] : [...value];

/** 32 bits of a name (FNV-1a). */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  return hash;
}

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
