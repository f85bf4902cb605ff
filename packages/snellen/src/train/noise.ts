// Dropout (Srivastava et al. 2014) in front of the layer that scores, and stochastic depth (Huang et al. 2016): residual branches that are
// left out for some pictures. What is left out comes in as numbers of the step, so that an interrupted training draws the same.
import {
  createEmitter,
  dimsOf,
  type Emitter,
  InternalError,
  type Model,
  type Node,
  UsageError,
  withEmitted,
  withGraph,
} from "@snellen/graph";
import { findNormalizations } from "../normalization/find-normalizations.ts";
import { createFlow } from "../normalization/flow.ts";
import { findResidualAdds } from "../normalization/residual-adds.ts";
import { randomStream } from "../random.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { findTrainable } from "./parameters.ts";

/** Streams of other uses begin with other numbers. */
const STREAM = 8;

/** One place where values are left out. */
export interface NoisePlace {
  /** The node whose input is altered. */
  readonly node: Node;
  readonly value: string;
  /** Numbers a picture, and how they lie beside the value: [N, 1, …] for a whole branch, or one a channel. */
  readonly columns: number;
  readonly shape: readonly number[];
  /** Share that is left out. */
  readonly rate: number;
}

export interface NoiseWishes {
  /** Share of the features in front of the scoring layer that are left out. */
  readonly dropout?: number;
  /** Share of pictures for which the last residual branch is left out; of those before it in proportion to their place. */
  readonly dropPath?: number;
}

/**
 * @throws UsageError `no-residual-blocks`, `no-scoring-layer`
 */
export function noisePlaces(info: DescribedModel, { dropout = 0, dropPath = 0 }: NoiseWishes): NoisePlace[] {
  return [
    ...(dropPath === 0 ? [] : branchPlaces(info, dropPath)),
    ...(dropout === 0 ? [] : [featurePlace(info, dropout)]),
  ];
}

function branchPlaces({ model, shapes, input }: DescribedModel, most: number): NoisePlace[] {
  const flow = createFlow(model, shapes, input.name, findNormalizations(model, shapes));
  const adds = findResidualAdds(flow);
  if (adds.length === 0)
    throw new UsageError(
      "no-residual-blocks",
      "it has no residual blocks whose branches could be left out.",
      {
        where: "--drop-path",
        hint: "Leave it out, or take --dropout.",
      },
    );
  return adds.flatMap(({ nodes, branches }, i) =>
    branches.flatMap((value): NoisePlace[] => {
      const node = nodes.find(({ inputs }) => inputs.includes(value));
      const rank = dimsOf(shapes, value)?.length;
      if (node === undefined || rank === undefined) return [];
      const shape = [-1, ...new Array<number>(rank - 1).fill(1)];
      return [{ node, value, columns: 1, shape, rate: (most * (i + 1)) / adds.length }];
    }),
  );
}

function featurePlace({ model, shapes, logits }: DescribedModel, rate: number): NoisePlace {
  const { parameters } = findTrainable(model, shapes, logits.value);
  const head = parameters.filter(({ role }) => role === "weight").at(-1);
  const value = head?.layer.inputs.find((name) => name !== head.name);
  const dims = value === undefined ? undefined : dimsOf(shapes, value);
  if (head === undefined || value === undefined || dims === undefined)
    throw new UsageError("no-scoring-layer", "the layer that scores was not found.", {
      where: "--dropout",
      hint: "Leave it out.",
    });
  // maps [N, C, h, w] lose whole channels, tokens [N, T, C] the same features at every place
  const axis = dims.length === 4 ? 1 : dims.length - 1;
  const shape = dims.map((size, i) => (i === 0 ? -1 : i === axis ? size : 1));
  return { node: head.layer, value, columns: dims[axis] as number, shape, rate };
}

/** What a step is fed for it. */
export interface NoiseInput {
  /** float32 [N, columns]: 0 where something is left out, what makes up for it elsewhere. */
  readonly name: string;
  /** Share that is left out, by column. */
  readonly rates: readonly number[];
}

/** Puts a factor into each place. */
export function withNoise(
  model: Model,
  places: readonly NoisePlace[],
): { readonly model: Model; readonly noise: NoiseInput | undefined } {
  if (places.length === 0) return { model, noise: undefined };
  const emitter = createEmitter(model);
  const name = emitter.freshName("noise");
  const rates: number[] = [];
  const starts = places.map(({ columns, rate }) => {
    const start = rates.length;
    rates.push(...new Array<number>(columns).fill(rate));
    return start;
  });
  const nodes = model.graph.nodes.flatMap((node) => {
    const own = places.flatMap((place, i) =>
      place.node === node ? [{ place, start: starts[i] as number }] : [],
    );
    return own.length === 0 ? [node] : altered(emitter, node, own, name);
  });
  const input = { name, dataType: "float32" as const, dims: ["batch", rates.length] };
  const inputs = [...model.graph.inputs, input];
  return {
    model: withGraph(model, { nodes, inputs, initializers: withEmitted(model, emitter) }),
    noise: { name, rates },
  };
}

function altered(
  e: Emitter,
  node: Node,
  places: readonly { readonly place: NoisePlace; readonly start: number }[],
  noise: string,
): Node[] {
  e.at(node.name || (node.outputs[0] as string));
  const made = new Map(
    places.map(({ place: { value, columns, shape }, start }) => {
      const part = e.op("Slice", [noise, e.ints([start]), e.ints([start + columns]), e.ints([1])]);
      return [value, e.op("Mul", [value, e.op("Reshape", [part, e.ints(shape)])])] as const;
    }),
  );
  if (made.size !== places.length) throw new InternalError("one value is left out twice");
  return [...e.drain(), { ...node, inputs: node.inputs.map((name) => made.get(name) ?? name) }];
}

/** The numbers of a step, [n, columns]; equal seeds and steps, equal numbers. */
export function noiseOf({ rates }: NoiseInput, n: number, seed: number, step: number): Float32Array {
  const drawn = randomStream(STREAM, seed, step).uniforms(n * rates.length);
  drawn.forEach((u, i) => {
    const rate = rates[i % rates.length] as number;
    drawn[i] = u < rate ? 0 : 1 / (1 - rate);
  });
  return drawn;
}
