// What a network definition is: an id, options with defaults, and how the untrained network is written from them and a seed.
// Facts that a network needs when it is used (classes, preprocessing) are written into its file.
import type { Model } from "@snellen/graph";
import { channelCount, createPreprocessSpec } from "../images/preprocess-spec.ts";
import { withStatedFacts } from "../vision-model/stated-facts.ts";
import type { InitialWeights } from "./initial-weights.ts";
import {
  choice,
  completeOptions,
  type NetworkOption,
  type NetworkOptionTable,
  numberOf,
  numbers,
  type OptionsOf,
} from "./network-options.ts";
import { createNetworkWriter, type NetworkWriter } from "./network-writer.ts";

const LARGEST_COUNT = 1_000_000;

/** A number of classes, or their names. */
const classes: NetworkOption<number | readonly string[]> = {
  summary: "number of classes, or their names",
  takes: "a number of classes, or two names or more between commas",
  initial: 10,
  read: (text) => (/^\d+$/.test(text) ? Number(text) : text.split(",").map((name) => name.trim())),
  accepts: (value) =>
    typeof value === "number"
      ? Number.isInteger(value) && value >= 2 && value <= LARGEST_COUNT
      : Array.isArray(value) &&
        value.length >= 2 &&
        value.every((name) => typeof name === "string" && name !== ""),
};

/** Height and width. */
const size: NetworkOption<readonly [height: number, width: number]> = {
  summary: "height and width of pictures",
  takes: "a side or HEIGHTxWIDTH in pixels",
  initial: [32, 32],
  read: (text) => {
    const sides = text.split(/[x×]/).map(numberOf);
    return sides.length === 1 ? [...sides, ...sides] : sides;
  },
  accepts: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((side) => Number.isInteger(side) && side >= 1),
};

/** Options that every network has. */
export const commonOptions = {
  classes,
  size,
  channels: choice([1, 3], 3, "channels of pictures: 3 for colour, 1 for grey"),
  range: choice(["0..1", "0..255", "-1..1"], "0..1", "where pixels go before mean and std are applied"),
  mean: numbers([0.5], "mean in units of range, one for all channels or one each"),
  std: numbers([0.5], "standard deviation, likewise"),
  resize: choice(["squash", "crop", "pad"], "squash", "how a picture of another shape is brought to size"),
} as const;

export type CommonNetworkOptions = OptionsOf<typeof commonOptions>;

/** A network that can be trained from scratch. @typeParam O its own options */
export interface Network<O = Readonly<Record<string, unknown>>> {
  readonly id: string;
  /** For tables. */
  readonly title: string;
  /** Its own and the common ones. */
  readonly options: NetworkOptionTable;
  /**
   * The untrained network: input `image` float32 [batch, C, H, W], output `logits` [batch, classes].
   * @param seed a 32-bit integer; same seed, same weights
   * @throws UsageError `unknown-network-option`, `bad-network-option`, `unused-network-option`, those of `createPreprocessSpec`, and
   * where numbers of groups, heads or patches do not divide what they must
   */
  build(options?: Partial<CommonNetworkOptions & O>, seed?: number): Model;
}

export interface NetworkDefinition<T extends NetworkOptionTable> {
  readonly id: string;
  readonly title: string;
  readonly options: T;
  readonly write: (options: CommonNetworkOptions & OptionsOf<T>, seed: number) => Model;
}

/** Metadata key under which a file says which network it is. */
const NETWORK_KEY = "snellen.network";

export function defineNetwork<T extends NetworkOptionTable>({
  id,
  title,
  options: own,
  write,
}: NetworkDefinition<T>): Network<OptionsOf<T>> {
  const options = { ...commonOptions, ...own };
  return {
    id,
    title,
    options,
    build(given = {}, seed = 0) {
      const all = completeOptions(options, given) as CommonNetworkOptions & OptionsOf<T>;
      const stated = Object.fromEntries(Object.keys(own).map((name) => [name, all[name as keyof T]]));
      const network = [NETWORK_KEY, JSON.stringify({ id, seed, options: stated })] as const;
      const model = withFacts(write(all, seed), all);
      return { ...model, metadata: new Map([...model.metadata, network]) };
    },
  };
}

/** The file, saying what its pictures and classes are. */
function withFacts(model: Model, options: CommonNetworkOptions): Model {
  const { classes: named, size, range, mean, std, resize } = options;
  const channels = options.channels === 1 ? "gray" : "RGB";
  const each = (values: readonly number[]) =>
    values.length === 1 ? new Array<number>(channelCount(channels)).fill(values[0] as number) : values;
  const stated = { size, range, mean: each(mean), std: each(std), layout: "NCHW", channels, resize } as const;
  createPreprocessSpec(stated);
  return withStatedFacts(model, stated, typeof named === "number" ? undefined : named);
}

export const classCount = ({ classes: named }: Pick<CommonNetworkOptions, "classes">): number =>
  typeof named === "number" ? named : named.length;

/** A writer of a network with these options. */
export const startNetwork = (
  { size: sides, channels }: CommonNetworkOptions,
  seed: number,
  weights: { readonly initial: InitialWeights; readonly gammaOf?: (name: string) => number },
): NetworkWriter => createNetworkWriter({ size: sides, channels, seed, ...weights });
