// Gradient gains of parts of a network over images: noise gradients in at a part's output, gradients out at its input.
// methods.md §1; the measurement is derived here.
import {
  BATCH,
  createBuilder,
  dimsOf,
  elementCount,
  type Model,
  removeDead,
  type Shapes,
} from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { bootstrapInterval } from "../../cam/measures/statistics.ts";
import type { ImageInput } from "../../images/image.ts";
import { asFloat } from "../../vision-model/as-float.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { GAIN } from "./gain-graph.ts";
import { signs } from "./gradient-noise.ts";

/** A part of the network, in one or several variants that read the same input and write the same output. */
export interface MeasuredPart {
  /** Tells its graph from every other. */
  readonly key: string;
  readonly input: string;
  readonly output: string;
  /** Elements of one image. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** How many variants the graph has. */
  readonly variants: number;
  /** Takes the input and `GAIN.noise`, gives `GAIN.square(v)` of each variant. */
  readonly graph: () => Model;
}

export interface Gain {
  /** E‖∂L/∂x‖² / E‖∂L/∂o‖², mean over images. */
  readonly gain: number;
  /** 95 % bootstrap interval over images; null for a single one. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface MeasurePartsOptions {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the share of parts done. */
  readonly onProgress?: (done: number) => void;
}

/** Inputs of parts held at a time, in float32 numbers. */
const HELD = 64e6;
/** Numbers that one variant computes at a time. */
const AT_ONCE = 4e6;
/** Signs that a gain should rest on; small layers are sent several gradients an image. */
const ENOUGH_SIGNS = 100_000;
const MOST_DRAWS = 16;

/**
 * @param images run through the network up to each part
 * @returns for each part the gains of its variants
 * @throws what running throws
 */
export async function measureParts(
  model: VisionModel,
  parts: readonly MeasuredPart[],
  images: readonly ImageInput[],
  options: MeasurePartsOptions = {},
): Promise<Gain[][]> {
  const found: Gain[][] = [];
  for (const some of inTurns(parts, images.length)) {
    const inputs = await partInputs(model, [...new Set(some.map(({ input }) => input))], images, options);
    for (const part of some) {
      const tensors = inputs.get(part.input) ?? [];
      found.push(
        await partGains(model, part, tensors, { ...options, place: found.length, images: images.length }),
      );
      options.onProgress?.(found.length / parts.length);
    }
  }
  return found;
}

/** Parts in a row whose inputs fit into memory together. */
function inTurns(parts: readonly MeasuredPart[], images: number): MeasuredPart[][] {
  const turns: MeasuredPart[][] = [];
  let held = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    const size = part.inputSize * images;
    if (held + size > HELD) {
      turns.push([]);
      held = 0;
    }
    turns.at(-1)?.push(part);
    held += size;
  }
  return turns;
}

/** Values of the network on the images, float32, in batches. */
async function partInputs(
  model: VisionModel,
  values: readonly string[],
  images: readonly ImageInput[],
  { signal }: MeasurePartsOptions,
): Promise<Map<string, Tensor[]>> {
  const { info } = model;
  const graph = (): Model => {
    const b = createBuilder({ ...info.model, graph: { ...info.model.graph, outputs: [] } }, info.shapes);
    values.forEach((value, i) => {
      b.output(asFloat(b, value), `snellen_part_${i}`);
    });
    return removeDead(b.build());
  };
  const found = new Map<string, Tensor[]>(values.map((value) => [value, []]));
  const size = info.batch.fixed ?? BATCH_SIZE;
  for (let first = 0; first < images.length; first += size) {
    const some = images.slice(first, first + size);
    for (const outputs of await model.run(`part inputs ${values.join()}`, graph, some, undefined, signal))
      values.forEach((value, i) => {
        found.get(value)?.push(outputs[`snellen_part_${i}`] as Tensor);
      });
  }
  return found;
}

const BATCH_SIZE = 4;

async function partGains(
  model: VisionModel,
  part: MeasuredPart,
  inputs: readonly Tensor[],
  context: MeasurePartsOptions & { readonly place: number; readonly images: number },
): Promise<Gain[]> {
  const { info } = model;
  const { seed = 0, signal, place, images } = context;
  const needed = Math.ceil(ENOUGH_SIGNS / (part.outputSize * images));
  const draws = Math.max(1, Math.min(MOST_DRAWS, needed));
  const rows: number[][] = Array.from({ length: part.variants }, () => []);
  await model.use(part.key, part.graph, async (session) => {
    let turn = 0;
    for (const slice of inputs.flatMap((tensor) => slices(tensor, rowsAtOnce(part, info.batch.fixed)))) {
      const sums = rows.map(() => new Float64Array(slice.dims[0] as number));
      for (let draw = 0; draw < draws; draw++) {
        signal?.throwIfAborted();
        const noise = noiseLike(info.shapes, part.output, slice, [seed, place, turn, draw]);
        const outputs = await session.run({ [part.input]: slice, [GAIN.noise]: noise });
        const share = noise.size / (slice.dims[0] as number);
        sums.forEach((sum, c) => {
          const squares = (outputs[GAIN.square(c)] as Tensor).data as Float32Array;
          squares.forEach((square, i) => {
            sum[i] = (sum[i] as number) + square / share / draws;
          });
        });
      }
      sums.forEach((sum, c) => {
        rows[c]?.push(...sum);
      });
      turn++;
    }
  });
  return rows.map((row) => {
    const values = realRows(row, images, info.batch.fixed);
    const gain = values.reduce((sum, v) => sum + v, 0) / values.length;
    const [low, high] = bootstrapInterval(values) ?? [null, null];
    return { gain, low, high };
  });
}

/** Without those of the zeros that fill up the last batch of a model with a fixed one; they stand behind all others. */
export function realRows<T extends readonly number[] | Float32Array>(rows: T, images: number, fixed = 1): T {
  const slots = Math.ceil(images / fixed) * fixed;
  return rows.slice(0, (rows.length / slots) * images) as T;
}

const rowsAtOnce = (part: MeasuredPart, fixed: number | undefined): number =>
  fixed === undefined ? Math.max(1, Math.floor(AT_ONCE / part.outputSize)) : Number.POSITIVE_INFINITY;

/** A tensor in pieces of at most so many rows. */
function slices(tensor: Tensor, rows: number): Tensor[] {
  const [count = 1, ...rest] = tensor.dims;
  if (count <= rows) return [tensor];
  const width = tensor.size / count;
  const data = tensor.data as Float32Array;
  return Array.from({ length: Math.ceil(count / rows) }, (_, i) => {
    const part = data.subarray(i * rows * width, Math.min(count, (i + 1) * rows) * width);
    return new Tensor("float32", part, [part.length / width, ...rest]);
  });
}

/** Noise of the shape that a value has when the part's input is `input`. */
function noiseLike(shapes: Shapes, value: string, input: Tensor, key: readonly number[]): Tensor {
  const probe = shapes.probes[0]?.get(value)?.dims ?? [];
  const dims = (dimsOf(shapes, value) ?? []).map((d, axis) =>
    d === BATCH ? ((probe[axis] as number) / (shapes.batches[0] as number)) * (input.dims[0] as number) : d,
  );
  const count = elementCount(dims);
  return new Tensor("float32", signs(count, ...key), dims);
}
