// How pixels become a network's input, as checked data: size, resizing, layout, range, mean and standard deviation.
// Values come from flags, a preset, or a config file beside the model; the model itself fixes size, layout and data type.
import { closest, UsageError } from "@snellen/graph";
import { type PresetName, presetNames, presets } from "./presets.ts";
import { type Interpolation, interpolations } from "./resample.ts";

/** How pixels become a network's input, with nothing left open; made and checked by `createPreprocessSpec`. */
export interface PreprocessSpec {
  /** Height and width of the network's input. */
  readonly size: readonly [height: number, width: number];
  /** `squash`: both sides to the target; `crop`: short side, then centre crop; `pad`: whole picture, bars around it. */
  readonly resize: "squash" | "crop" | "pad";
  /** Short side of the resized picture (with `pad`: of it and its bars) before the centre crop; that of `size` crops nothing. */
  readonly shortSide: number;
  readonly interpolation: Interpolation;
  readonly layout: "NCHW" | "NHWC";
  readonly channels: "RGB" | "BGR" | "gray";
  readonly dtype: "float32" | "uint8" | "float16";
  /** Where pixels 0 and 255 go before mean and standard deviation are applied. */
  readonly range: "0..1" | "0..255" | "-1..1";
  /** In the range's units and in the order of `channels`; one value counts for every channel. */
  readonly mean: readonly number[];
  /** Standard deviation, above 0; likewise. */
  readonly std: readonly number[];
  /** Colour (RGB, 0 to 255) of bars, where the resized picture does not fill the input. */
  readonly padColor: readonly [number, number, number];
}

/** What a caller knows; the rest follows from the preset. */
export type PreprocessOptions = Partial<PreprocessSpec> & {
  readonly size: PreprocessSpec["size"];
  /** Default `imagenet`. */
  readonly preset?: PresetName;
};

const DEFAULT_PRESET: PresetName = "imagenet";
/** Networks for pictures below this side were trained on whole pictures, so presets crop nothing there. */
const SMALLEST_CROPPED_SIDE = 128;
/** A side beyond this is a typing mistake: its input alone would take 12 GiB. */
const LARGEST_SIDE = 32_768;

/** What the fields of a spec that are no numbers may be. */
export const preprocessChoices = {
  resize: ["squash", "crop", "pad"],
  interpolation: interpolations,
  layout: ["NCHW", "NHWC"],
  channels: ["RGB", "BGR", "gray"],
  dtype: ["float32", "uint8", "float16"],
  range: ["0..1", "0..255", "-1..1"],
} as const satisfies { readonly [K in keyof PreprocessSpec]?: readonly PreprocessSpec[K][] };

/** How many channels a network's input has: 1 for `gray`, else 3. */
export const channelCount = (channels: PreprocessSpec["channels"]): number => (channels === "gray" ? 1 : 3);

/** Dimensions of a batch of `count` inputs in the spec's layout. */
export function batchDims(spec: PreprocessSpec, count: number): [number, number, number, number] {
  const [height, width] = spec.size;
  const channels = channelCount(spec.channels);
  return spec.layout === "NCHW" ? [count, channels, height, width] : [count, height, width, channels];
}

/** Mean and standard deviation where the caller gives none: the preset's, unless a range or type makes them meaningless. */
function defaultNormalization(options: PreprocessOptions): Pick<PreprocessSpec, "range" | "mean" | "std"> {
  const raw = { range: "0..255", mean: [0], std: [1] } as const;
  if (options.range !== undefined) return { ...raw, range: options.range };
  if (options.dtype === "uint8" && options.preset === undefined) return raw;
  const { range, mean, std } = presets[options.preset ?? DEFAULT_PRESET].spec;
  if (options.channels !== "gray") return { range, mean, std };
  const average = (values: readonly number[]) => [values.reduce((a, b) => a + b, 0) / values.length];
  return { range, mean: average(mean), std: average(std) };
}

/**
 * Completes and checks a preprocessing.
 *
 * Fields that `options` leaves out come from its preset; without `shortSide`, the preset's margin is cropped away
 * (none below 128 pixels). A `range` without mean or std means 0 and 1; a uint8 input takes raw pixels unless a preset is
 * named; a grey input takes the preset's averages.
 * @throws UsageError naming the flag: unknown preset or choice, wrong count of mean or std, a size that is no size.
 */
export function createPreprocessSpec(options: PreprocessOptions): PreprocessSpec {
  const { preset = DEFAULT_PRESET, ...given } = options;
  if (!Object.hasOwn(presets, preset)) throw badChoice("preset", preset, presetNames);
  const { spec: base, cropRatio } = presets[preset];
  const size = checkedSize(given.size);
  const side = Math.min(...size);
  const margin = side < SMALLEST_CROPPED_SIDE ? 1 : cropRatio;
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const spec: PreprocessSpec = {
    layout: "NCHW",
    channels: "RGB",
    dtype: "float32",
    padColor: [0, 0, 0],
    ...base,
    ...defaultNormalization(options),
    shortSide: (given.resize ?? base.resize) === "crop" ? Math.round(side / margin) : side,
    ...set,
    size,
  };
  checkSpec(spec);
  return spec;
}

function checkSpec(spec: PreprocessSpec): void {
  for (const [flag, choices] of Object.entries(preprocessChoices)) {
    const value = spec[flag as keyof typeof preprocessChoices];
    if (!(choices as readonly string[]).includes(value)) throw badChoice(flag, value, choices);
  }
  checkChannelValues("mean", spec.mean, spec.channels);
  checkChannelValues("std", spec.std, spec.channels);
  if (spec.std.some((value) => value <= 0)) {
    throw badValue("std", `a standard deviation must be above 0, got ${spec.std.join(",")}.`);
  }
  if (!isSide(spec.shortSide)) {
    throw badValue("short-side", `expected a whole number of pixels, got ${spec.shortSide}.`);
  }
  if (spec.padColor.length !== 3 || !spec.padColor.every((value) => value >= 0 && value <= 255)) {
    throw badValue("pad-color", `expected three values from 0 to 255, got ${spec.padColor.join(",")}.`);
  }
  const isPlain = spec.mean.every((value) => value === 0) && spec.std.every((value) => value === 1);
  if (spec.dtype === "uint8" && !(isPlain && spec.range === "0..255")) {
    throw badValue("range", "a uint8 input takes pixels 0..255 without mean and std.", "Use --preset none.");
  }
}

function checkChannelValues(
  flag: "mean" | "std",
  values: readonly number[],
  channels: PreprocessSpec["channels"],
): void {
  const count = channelCount(channels);
  if (values.length !== 1 && values.length !== count) {
    const wanted = count === 1 ? "1 value" : `${count} values (one per channel, ${channels}) or 1`;
    throw badValue(flag, `expected ${wanted}, got ${values.length}: ${values.join(",")}.`);
  }
  if (!values.every(Number.isFinite)) throw badValue(flag, `expected numbers, got ${values.join(",")}.`);
}

function checkedSize(size: PreprocessSpec["size"]): PreprocessSpec["size"] {
  if (size.length === 2 && size.every(isSide)) return size;
  throw badValue(
    "size",
    `expected height and width from 1 to ${LARGEST_SIDE}, got ${size.join("x")}.`,
    "Write --size 224 or --size 240x320.",
  );
}

const isSide = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= LARGEST_SIDE;

const badValue = (flag: string, what: string, hint?: string): UsageError =>
  new UsageError(`bad-${flag}`, what, { where: `--${flag}`, hint });

const badChoice = (flag: string, value: unknown, choices: readonly string[]): UsageError => {
  const near = closest(String(value), choices);
  return badValue(flag, `unknown value "${value}".`, `Did you mean "${near}"? Known: ${choices.join(", ")}.`);
};
