// Decides how pixels become the network's input: flags first, then what the model's metadata, a config file beside it or the
// graph's own first nodes say, then ImageNet's usual values, said to be assumed.
import { constantOf, type Model, type Shapes } from "@snellen/graph";
import {
  createPreprocessSpec,
  type PreprocessOptions,
  type PreprocessSpec,
} from "../images/preprocess-spec.ts";
import type { ConfiguredPreprocessing } from "../images/preprocessor-config.ts";
import type { PresetName } from "../images/presets.ts";
import type { ImageInputInfo } from "./image-input.ts";

/** What the user may state; the model fixes size, layout and element type. */
export type PreprocessingFlags = Partial<
  Pick<PreprocessSpec, "mean" | "std" | "range" | "channels" | "resize" | "shortSide" | "interpolation">
> & { readonly preset?: PresetName };

/** What lies beside the model file, read and parsed by a door. */
export interface Sidecars {
  readonly preprocessing?: { readonly config: ConfiguredPreprocessing; readonly file: string };
  readonly labels?: { readonly names: readonly string[]; readonly file: string };
}

/** Our own metadata key: the same fields as the flags, as JSON. */
export const PREPROCESSING_KEY = "snellen.preprocessing";

type Found = { readonly options: Omit<PreprocessOptions, "size">; readonly origin: string };
/** The image input with its size settled. */
export type SizedInput = ImageInputInfo & { readonly size: readonly [height: number, width: number] };

export interface ResolvedPreprocessing {
  readonly spec: PreprocessSpec;
  /** Where it was found, in words. */
  readonly origin: string;
  /** Whether nothing but the usual values is behind mean and standard deviation. */
  readonly isAssumed: boolean;
}

export function resolvePreprocessing(
  model: Model,
  shapes: Shapes,
  input: SizedInput,
  flags: PreprocessingFlags,
  sidecars: Sidecars,
): ResolvedPreprocessing {
  const given = Object.fromEntries(FLAGS.flatMap((f) => (flags[f] === undefined ? [] : [[f, flags[f]]])));
  const found =
    flags.preset === undefined
      ? foundBeside(model, shapes, input, sidecars)
      : { options: {}, origin: "flags" };
  const spec = createPreprocessSpec({
    ...(input.channels === 1 ? { channels: "gray" as const } : {}),
    ...found.options,
    ...given,
    size: input.size,
    layout: input.layout,
    dtype: input.dataType === "float64" ? "float32" : input.dataType,
  });
  const named = Object.keys(given);
  const isAssumed =
    found.origin === ASSUMED && !["mean", "std", "range"].some((flag) => named.includes(flag));
  if (named.length === 0 || found.origin === "flags") return { spec, origin: found.origin, isAssumed };
  return { spec, origin: `flags (${named.join(", ")}), else ${found.origin}`, isAssumed };
}

const FLAGS = ["preset", "mean", "std", "range", "channels", "resize", "shortSide", "interpolation"] as const;

function foundBeside(model: Model, shapes: Shapes, input: SizedInput, sidecars: Sidecars): Found {
  const stored = model.metadata.get(PREPROCESSING_KEY);
  if (stored !== undefined) return { options: parseStored(stored), origin: "model metadata" };
  if (sidecars.preprocessing !== undefined) {
    return { options: sidecars.preprocessing.config, origin: sidecars.preprocessing.file };
  }
  if (input.dataType === "uint8") return { options: { preset: "none" }, origin: "uint8 input: raw pixels" };
  return normalizesItself(model, shapes, input.name) ?? { options: { preset: "imagenet" }, origin: ASSUMED };
}

function parseStored(text: string): Found["options"] {
  const { size: _size, layout: _layout, ...options } = JSON.parse(text) as PreprocessOptions;
  return options;
}

const ASSUMED = "assumed (ImageNet's); set --preset or --mean and --std if it is wrong";

/** Arithmetic of a value with a constant. */
interface Step {
  readonly op: string;
  readonly values: readonly number[];
}

const ARITHMETIC = new Set(["Sub", "Mul", "Div", "Add"]);
/** Operators that may stand between the input and its normalization. */
const ROUTES = new Set(["Cast", "Transpose", "Identity", "Reshape"]);
/** Constants of this size only make sense for pixels 0..255: a mean or divisor of tens, or a factor of 1/255. */
const isPixelScale = ({ op, values }: Step): boolean =>
  op === "Mul" ? values.every((v) => Math.abs(v) <= 1 / 32) : values.every((v) => Math.abs(v) >= 16);

/** A mean and a deviation of pixels 0..1, or 2x − 1. Either step alone could be anything. */
function isUnitScale(first: Step, second: Step): boolean {
  const within = ({ values }: Step, low: number, high: number) => values.every((v) => v > low && v < high);
  if (first.op === "Sub" && within(first, 0, 1))
    return (second.op === "Div" && within(second, 0, 1)) || (second.op === "Mul" && within(second, 1, 20));
  const isOne = second.values.every((v) => v === (second.op === "Sub" ? 1 : -1));
  return first.op === "Mul" && first.values.every((v) => v === 2) && /^(Sub|Add)$/.test(second.op) && isOne;
}

/** A graph that begins by scaling pixels (x/255, x − 123, …) wants them raw; one that begins as usual for 0..1, in 0..1. */
function normalizesItself(model: Model, shapes: Shapes, input: string): Found | undefined {
  const [first, second] = firstSteps(model, shapes, input);
  if (first === undefined) return undefined;
  if (isPixelScale(first))
    return { options: { preset: "none" }, origin: `${inWords(first)} in the graph: raw pixels` };
  if (second === undefined || !isUnitScale(first, second)) return undefined;
  return {
    options: { preset: "unit" },
    origin: `${inWords(first)} and ${inWords(second)} in the graph: pixels from 0 to 1`,
  };
}

const inWords = ({ op, values }: Step): string =>
  `${op} by ${values.map((v) => Number(v.toPrecision(4))).join(", ")}`;

/** What is done to the input with constants before anything else. */
function firstSteps(model: Model, shapes: Shapes, input: string): Step[] {
  const steps: Step[] = [];
  for (let value = input; ; ) {
    const [node, ...others] = model.graph.nodes.filter((n) => n.inputs.includes(value));
    if (node === undefined || others.length > 0) return steps;
    if (ARITHMETIC.has(node.opType)) {
      const values = constantOf(shapes, node.inputs.find((name) => name !== value) ?? "");
      if (values === undefined || values.length > 4) return steps;
      steps.push({ op: node.opType, values });
    } else if (!ROUTES.has(node.opType)) return steps;
    value = node.outputs[0] as string;
  }
}
