// The normalizations as their papers define them, element by element: what a found one must compute.
import type { Normalization } from "../normalization.ts";

export interface Definition
  extends Pick<
    Normalization,
    "kind" | "channelAxis" | "channels" | "groups" | "acrossPositions" | "epsilon"
  > {
  /** γ and β: one number a channel, a group, or an element of an image; absent without one. */
  readonly scale?: readonly number[] | undefined;
  readonly bias?: readonly number[] | undefined;
  /** Divided by (deviation of n − 1) + ε, as some write it, in place of √(variance + ε). */
  readonly outside?: boolean | undefined;
}

/**
 * @param x values in row-major order, batch first
 * @returns values of the same shape
 */
export function byDefinition(x: readonly number[], dims: readonly number[], given: Definition): number[] {
  const places = x.map((_, i) => placeOf(i, dims));
  const share = places.map((place) => statisticsKey(place, given));
  const members = new Map<string, number[]>();
  x.forEach((value, i) => {
    const key = share[i] as string;
    const list = members.get(key);
    if (list === undefined) members.set(key, [value]);
    else list.push(value);
  });
  const statistics = new Map([...members].map(([key, values]) => [key, statisticsOf(values, given)]));
  const perImage = x.length / (dims[0] as number);
  return x.map((value, i) => {
    const { mean, deviation } = statistics.get(share[i] as string) as { mean: number; deviation: number };
    const channel = (places[i] as readonly number[])[given.channelAxis] as number;
    const pick = (numbers: readonly number[] | undefined, neutral: number): number => {
      if (numbers === undefined) return neutral;
      if (numbers.length === perImage && numbers.length !== given.channels)
        return numbers[i % perImage] as number;
      return numbers[Math.floor((channel * numbers.length) / given.channels)] as number;
    };
    return ((value - mean) / deviation) * pick(given.scale, 1) + pick(given.bias, 0);
  });
}

function placeOf(index: number, dims: readonly number[]): number[] {
  let rest = index;
  return dims
    .toReversed()
    .map((d) => {
      const at = rest % d;
      rest = (rest - at) / d;
      return at;
    })
    .reverse();
}

/** Elements with the same key share mean and deviation. */
function statisticsKey(place: readonly number[], given: Definition): string {
  const channel = place[given.channelAxis] as number;
  const group =
    given.kind === "batch" ? channel : Math.floor((channel * (given.groups ?? 1)) / given.channels);
  const positions = place.filter((_, axis) => axis > 0 && axis !== given.channelAxis);
  return [
    given.kind === "batch" ? "all" : place[0],
    group,
    ...(given.acrossPositions ? [] : positions),
  ].join();
}

function statisticsOf(values: readonly number[], { kind, epsilon, outside }: Definition) {
  const n = values.length;
  const mean = kind === "rms" ? 0 : values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  const deviation = outside ? Math.sqrt(squares / (n - 1)) + epsilon : Math.sqrt(squares / n + epsilon);
  return { mean, deviation };
}
