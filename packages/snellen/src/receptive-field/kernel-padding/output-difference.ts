// How far two networks' outputs are apart on the same inputs; what a repair that must not change the function is held to.
import { type DataType, isFloating, type Model, UsageError, type ValueInfo } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { randomStream } from "../../random.ts";
import { feedsOf } from "../../vision-model/image-input.ts";

/** Outputs of one run, by name. */
export type Outputs = Readonly<Record<string, Tensor>>;

export interface OutputDifference {
  /**
   * Largest difference of any number of an output, divided by the largest number of that output in all runs. Infinity where no
   * number can say it, NaN where there was nothing to compare: `reason` then tells why.
   */
  readonly relative: number;
  /** The output where that is. */
  readonly output: string;
  /** What happened to that output, in words that follow its name; undefined where `relative` says it all. */
  readonly reason?: string;
  /** Outputs that hold no finite number before or after, which nothing can be said of. */
  readonly uncompared: readonly string[];
}

/** Why a difference is no finite number. */
const REASONS = {
  count: "holds another number of values than before",
  infinite: "is NaN or infinite in one place before or after, and not both times alike",
  zero: "is zero everywhere before, and not after",
  nothing: "holds no finite number",
} as const;

/**
 * Compares all floating-point outputs of the same runs of two networks; where there are none, the integer ones.
 * @returns the worst output that could be compared; `relative` is NaN where none could
 */
export function outputDifference(before: readonly Outputs[], after: readonly Outputs[]): OutputDifference {
  const names = Object.keys(before[0] ?? {});
  const floating = names.filter((name) => isFloating(before[0]?.[name]?.type as DataType));
  const all = (floating.length > 0 ? floating : names).map((output) => ({
    output,
    ...differenceOf(
      before.map((run) => numbersOf(run[output])),
      after.map((run) => numbersOf(run[output])),
    ),
  }));
  const compared = all.filter(({ relative }) => !Number.isNaN(relative));
  const uncompared = all.filter((found) => !compared.includes(found)).map(({ output }) => output);
  const [first = { output: uncompared[0] ?? "", ...failed("nothing") }, ...others] = compared;
  return {
    ...others.reduce((worst, next) => (next.relative > worst.relative ? next : worst), first),
    uncompared,
  };
}

const failed = (why: keyof typeof REASONS): Pick<OutputDifference, "relative" | "reason"> => ({
  relative: why === "nothing" ? Number.NaN : Number.POSITIVE_INFINITY,
  reason: REASONS[why],
});

function differenceOf(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): Pick<OutputDifference, "relative" | "reason"> {
  if (before.some((values, run) => values.length !== after[run]?.length)) return failed("count");
  let [difference, scale, finite] = [0, 0, 0];
  for (const [run, values] of before.entries()) {
    for (const [i, value] of values.entries()) {
      const other = after[run]?.[i] as number;
      if (Number.isFinite(value)) {
        finite++;
        scale = Math.max(scale, Math.abs(value));
      }
      if (Object.is(value, other) || value === other) continue;
      const distance = Math.abs(value - other);
      if (!Number.isFinite(distance)) return failed("infinite");
      difference = Math.max(difference, distance);
    }
  }
  if (finite === 0) return failed("nothing");
  if (difference > 0 && scale === 0) return failed("zero");
  return { relative: difference === 0 ? 0 : difference / scale };
}

const numbersOf = (tensor: Tensor | undefined): number[] =>
  Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>, Number);

/** Side of an image input that is open and that nobody gave. */
const DEFAULT_SIDE = 224;

/**
 * Seeded noise for every input of a model: reals from -1 to 1, bytes from 0 to 255, other integers 0 and 1. An open first axis
 * is 1.
 * @param dims sizes of open axes, by symbol or as `input.axis`; axes of pictures (rank 4) are 224 without one
 * @throws UsageError `dynamic-axes`, `no-noise` for inputs that are no numbers
 */
export function noiseFeeds(
  model: Model,
  dims: Readonly<Record<string, number>>,
  seed: number,
): Record<string, Tensor> {
  return Object.fromEntries(
    feedsOf(model).map((info, i) => [info.name, noiseOf(info, noiseDims(info, dims), seed, i)]),
  );
}

function noiseDims(info: ValueInfo, dims: Readonly<Record<string, number>>): number[] {
  return (info.dims ?? []).map((dim, axis) => {
    const given = dims[`${info.name}.${axis}`] ?? (typeof dim === "string" ? dims[dim] : undefined);
    if (given !== undefined) return given;
    if (typeof dim === "number" && dim > 0) return dim;
    if (axis === 0) return 1;
    if (info.dims?.length === 4) return DEFAULT_SIDE;
    throw new UsageError("dynamic-axes", `axis ${axis} has no fixed size.`, {
      where: `input "${info.name}"`,
      hint: `Give it one: --dim ${dim ?? `${info.name}.${axis}`}=<size>.`,
    });
  });
}

type Draw = (stream: ReturnType<typeof randomStream>) => number;

const real: Draw = (stream) => stream.uniform(-1, 1);
const bit: Draw = (stream) => stream.integer(0, 1);

/** How the numbers of each element type are drawn and stored. */
const NOISE: {
  readonly [type in DataType]?: (count: number, next: (draw: Draw) => number) => Tensor["data"];
} = {
  float32: (n, next) => Float32Array.from({ length: n }, () => next(real)),
  float64: (n, next) => Float64Array.from({ length: n }, () => next(real)),
  uint8: (n, next) => Uint8Array.from({ length: n }, () => next((stream) => stream.integer(0, 255))),
  int8: (n, next) => Int8Array.from({ length: n }, () => next((stream) => stream.integer(-128, 127))),
  int32: (n, next) => Int32Array.from({ length: n }, () => next(bit)),
  int64: (n, next) => BigInt64Array.from({ length: n }, () => BigInt(next(bit))),
  bool: (n, next) => Uint8Array.from({ length: n }, () => next(bit)),
};

function noiseOf(info: ValueInfo, dims: readonly number[], seed: number, index: number): Tensor {
  const make = info.dataType === undefined ? undefined : NOISE[info.dataType];
  if (make === undefined) {
    throw new UsageError("no-noise", `takes ${info.dataType ?? "no tensor"}, which noise cannot fill.`, {
      where: `input "${info.name}"`,
      hint: "Give pictures with --images.",
    });
  }
  const stream = randomStream(seed, index);
  const count = dims.reduce((n, d) => n * d, 1);
  return new Tensor(info.dataType as "float32", make(count, (draw) => draw(stream)) as Float32Array, dims);
}
