// What experiments on made networks share: how a network is opened, and results that an interrupted run goes on from.
import type { Model } from "@snellen/graph";
import type { VisionModel } from "../vision-model/vision-model.ts";

/** How much is spent on the experiment. */
export interface Effort {
  /** Networks of each kind, whose weights are drawn anew; 2 to 10 for intervals. */
  readonly networks: number;
  /** Share of the draws of simulations. */
  readonly draws: number;
  /** Share of the layers of deep networks. */
  readonly depth: number;
  /** Activations that are tried, of those that the experiment knows. */
  readonly activations: number;
}

/** The whole experiment, and a first look at it. */
export const EFFORTS = {
  full: { networks: 10, draws: 1, depth: 1, activations: 3 },
  quick: { networks: 3, draws: 0.5, depth: 1, activations: 1 },
} as const satisfies Readonly<Record<string, Effort>>;

/** What an experiment on made networks is given: how much to spend, how to open a network, and what an interrupted run made. */
export interface Study {
  /** Of weights, pictures, gradients sent back and resampling. */
  readonly seed: number;
  readonly effort: Effort;
  /** Joins a network in memory with a runtime; whoever opens it disposes of it. Its pictures are in the network's own units. */
  readonly open: (network: Model) => VisionModel;
  readonly signal?: AbortSignal;
  /** What was made before, by key; undefined when it must be made. */
  readonly recall?: (key: string) => unknown;
  /** @param value plain data: it comes back as JSON gives it */
  readonly keep?: (key: string, value: unknown) => Promise<void>;
  /** Called with a step of the experiment and the share of it that is done. */
  readonly onProgress?: (step: string, done: number) => void;
}

/** Layers of a deep network, at least two. */
export const layersOf = (layers: number, { effort }: Pick<Study, "effort">): number =>
  Math.max(2, Math.round(layers * effort.depth));

/** A piece of the experiment, made once: `key` must tell it from every other. */
export async function piece<T>(
  study: Pick<Study, "signal" | "recall" | "keep">,
  key: string,
  make: () => T | Promise<T>,
): Promise<T> {
  study.signal?.throwIfAborted();
  const known = study.recall?.(key);
  if (known !== undefined) return known as T;
  // so that a signal is heard between pieces that never wait
  await new Promise((resolve) => setTimeout(resolve, 0));
  const made = await make();
  await study.keep?.(key, made);
  return made;
}

/** Pieces that differ in their seed alone. */
export interface Repeated {
  /** As `onProgress` gets it. */
  readonly step: string;
  /** Each has its number behind it. */
  readonly key: string;
}

/** A piece for each network of the effort, one after another, made from a seed of its own. */
export async function eachSeed<T>(
  study: Study,
  { step, key }: Repeated,
  make: (seed: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const { networks } = study.effort;
  for (let k = 0; k < networks; k++) {
    results.push(await piece(study, `${key} ${k}`, () => make(study.seed * 1000 + k)));
    study.onProgress?.(step, (k + 1) / networks);
  }
  return results;
}

/** The same of networks that only need to be built: `work` gets each of them opened, with its seed. */
export const eachNetwork = <T>(
  study: Study,
  { build, ...repeated }: Repeated & { readonly build: (seed: number) => Model },
  work: (model: VisionModel, seed: number) => Promise<T>,
): Promise<T[]> =>
  eachSeed(study, repeated, async (seed) => {
    await using model = study.open(build(seed));
    return await work(model, seed);
  });
