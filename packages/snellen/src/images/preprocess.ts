// From pixels to one slot of a network's input batch, and back to the picture that the network saw.
// Resizing is Pillow's and geometry torchvision's, so accuracies match the ones that authors report.
import { floatToHalf, halfToFloat, ImageError } from "@snellen/graph";
import { type Image, type ImageInput, isPreprocessed, type PreprocessedImage } from "./image.ts";
import { luma } from "./luma.ts";
import { batchDims, channelCount, type PreprocessSpec } from "./preprocess-spec.ts";
import { resample } from "./resample.ts";

/** Values of an input batch; `float16` as bits. */
export type BatchValues = Float32Array | Uint8Array | Uint16Array;

/**
 * Where the network's input lies on the picture: the picture is scaled to `scaledWidth` × `scaledHeight`, and the input's
 * upper left pixel is the scaled picture's (`left`, `top`), which is negative where bars pad it.
 */
export interface Placement {
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  readonly left: number;
  readonly top: number;
}

/** Rounds halves to even, as Python does, on which torchvision's centre crop rests. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Size of the scaled picture. `crop` is torchvision's `Resize(shortSide)`, except that a picture too narrow for the input
 * is scaled until it covers it, where torchvision would draw bars.
 */
function scaledSize(width: number, height: number, spec: PreprocessSpec): [width: number, height: number] {
  const [targetHeight, targetWidth] = spec.size;
  const margin = spec.shortSide / Math.min(targetHeight, targetWidth);
  if (spec.resize === "squash") {
    return [Math.round(targetWidth * margin), Math.round(targetHeight * margin)];
  }
  if (spec.resize === "pad") {
    const scale = Math.min(targetWidth / width, targetHeight / height) * margin;
    return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  }
  const { shortSide } = spec;
  const scaled: [number, number] =
    width <= height
      ? [shortSide, Math.trunc((shortSide * height) / width)]
      : [Math.trunc((shortSide * width) / height), shortSide];
  if (scaled[0] >= targetWidth && scaled[1] >= targetHeight) return scaled;
  const cover = Math.max(targetWidth / width, targetHeight / height);
  return [
    Math.max(targetWidth, Math.round(width * cover)),
    Math.max(targetHeight, Math.round(height * cover)),
  ];
}

/** Where the input of `spec` lies on a picture of `width` × `height` pixels. */
export function placement(width: number, height: number, spec: PreprocessSpec): Placement {
  const [targetHeight, targetWidth] = spec.size;
  const [scaledWidth, scaledHeight] = scaledSize(width, height, spec);
  const offset = (scaled: number, target: number) =>
    scaled >= target ? roundHalfEven((scaled - target) / 2) : -Math.floor((target - scaled) / 2);
  return {
    scaledWidth,
    scaledHeight,
    left: offset(scaledWidth, targetWidth),
    top: offset(scaledHeight, targetHeight),
  };
}

/** The picture as the network sees it before normalization: RGB, `spec.size`, bars in `padColor`. */
export function fitImage(image: Image, spec: PreprocessSpec): Image {
  const [height, width] = spec.size;
  const { scaledWidth, scaledHeight, left, top } = placement(image.width, image.height, spec);
  const firstColumn = Math.max(0, left);
  const firstRow = Math.max(0, top);
  const columns = Math.min(scaledWidth, left + width) - firstColumn;
  const rows = Math.min(scaledHeight, top + height) - firstRow;
  const window = {
    scaledWidth,
    scaledHeight,
    left: firstColumn,
    top: firstRow,
    width: columns,
    height: rows,
  };
  const source = spec.channels === "gray" ? toGray(image.data) : image.data;
  const fitted = resample(source, image.width, image.height, window, spec.interpolation);
  const data = columns === width && rows === height ? fitted : padded(fitted, columns, rows, left, top, spec);
  return { ...image, width, height, data };
}

function padded(
  pixels: Uint8Array,
  columns: number,
  rows: number,
  left: number,
  top: number,
  spec: PreprocessSpec,
): Uint8Array {
  const [height, width] = spec.size;
  const out = new Uint8Array(height * width * 3);
  for (let i = 0; i < out.length; i++) out[i] = spec.padColor[i % 3]!;
  for (let y = 0; y < rows; y++) {
    const row = pixels.subarray(y * columns * 3, (y + 1) * columns * 3);
    out.set(row, ((Math.max(0, -top) + y) * width + Math.max(0, -left)) * 3);
  }
  return out;
}

/** Luma, written to all three channels. */
function toGray(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    out[i] = out[i + 1] = out[i + 2] = luma(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!);
  }
  return out;
}

const RANGES = {
  "0..1": { scale: 1 / 255, shift: 0 },
  "0..255": { scale: 1, shift: 0 },
  "-1..1": { scale: 2 / 255, shift: -1 },
} as const;

/** Position in RGB of each channel that the network takes. */
const ORDERS = { RGB: [0, 1, 2], BGR: [2, 1, 0], gray: [0] } as const;

const pick = (values: readonly number[], channel: number): number => values[channel] ?? values[0]!;

/** The 256 values that a channel's pixels can take, in the batch's type. */
function lookUpTable(spec: PreprocessSpec, channel: number): BatchValues {
  const { scale, shift } = RANGES[spec.range];
  const mean = pick(spec.mean, channel);
  const std = pick(spec.std, channel);
  const values = Float64Array.from({ length: 256 }, (_, pixel) => (pixel * scale + shift - mean) / std);
  if (spec.dtype === "float32") return Float32Array.from(values);
  return spec.dtype === "uint8" ? Uint8Array.from(values) : Uint16Array.from(values, floatToHalf);
}

/** Distances between neighbouring pixels and neighbouring channels in a slot of the batch. */
function strides(spec: PreprocessSpec): { pixel: number; channel: number } {
  const [height, width] = spec.size;
  return spec.layout === "NCHW"
    ? { pixel: 1, channel: height * width }
    : { pixel: channelCount(spec.channels), channel: 1 };
}

const BATCH_ARRAYS = { float32: Float32Array, uint8: Uint8Array, float16: Uint16Array } as const;

/** An empty batch of `count` inputs and its dimensions, ready for `preprocess`. */
export function createBatch(spec: PreprocessSpec, count: number): { values: BatchValues; dims: number[] } {
  const dims = batchDims(spec, count);
  return { values: new BATCH_ARRAYS[spec.dtype](dims.reduce((a, b) => a * b)), dims };
}

/**
 * Writes a picture into slot `index` of a batch that `createBatch` made for the same spec.
 *
 * A preprocessed tensor is copied (and transposed for NHWC) as it is.
 * @throws ImageError `wrong-tensor-shape` for a preprocessed tensor that does not fit the input, `nan-tensor` for one with NaN
 *   or infinite numbers, which a network may hide (the larger of 0 and NaN is 0).
 */
export function preprocess(input: ImageInput, spec: PreprocessSpec, batch: BatchValues, index: number): void {
  const [height, width] = spec.size;
  const area = height * width;
  const slot = batch.subarray(index * area * channelCount(spec.channels));
  if (isPreprocessed(input)) {
    copyTensor(input, spec, slot);
    return;
  }
  pixelWriter(spec)(fitImage(input, spec).data, 0, slot, 0);
}

/**
 * Writes the fitted picture whose bytes begin at `from` into the slot that begins at `to`; allocates nothing.
 * @param pixels as many bytes a pixel as the writer was made for
 */
export type PixelWriter = (pixels: Uint8Array, from: number, batch: BatchValues, to: number) => void;

/**
 * What writes fitted pictures (see `fitImage`) into batches of a spec; make one for many pictures.
 * @param pixelBytes 3 for RGB, 1 for the grey of a spec whose channels are `gray`
 */
export function pixelWriter(spec: PreprocessSpec, pixelBytes: 1 | 3 = 3): PixelWriter {
  const [height, width] = spec.size;
  const { pixel, channel } = strides(spec);
  const span = height * width * pixelBytes;
  const channels = ORDERS[spec.channels].map((rgb, c) => ({ rgb, table: lookUpTable(spec, c) }));
  return (pixels, from, batch, to) => {
    for (let c = 0; c < channels.length; c++) {
      const { rgb, table } = channels[c]!;
      const end = from + span;
      for (let i = from + rgb, o = to + c * channel; i < end; i += pixelBytes, o += pixel)
        batch[o] = table[pixels[i]!]!;
    }
  };
}

function copyTensor(input: PreprocessedImage, spec: PreprocessSpec, slot: BatchValues): void {
  const [height, width] = spec.size;
  const channels = channelCount(spec.channels);
  const expected = [channels, height, width];
  if (expected.some((size, axis) => size !== input.shape[axis])) {
    throw new ImageError(
      "wrong-tensor-shape",
      `a preprocessed tensor of [${input.shape.join(", ")}] does not fit the model's input [${expected.join(", ")}].`,
      {
        where: input.source,
        hint: "Save the batch as [N, channels, height, width] of the model's own size.",
      },
    );
  }
  const bad = input.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new ImageError("nan-tensor", `holds ${input.values[bad]} at position ${bad}.`, {
      where: input.source,
      hint: "Check how the tensor was preprocessed (a division by a standard deviation of 0, say).",
    });
  }
  const convert = spec.dtype === "float16" ? floatToHalf : (value: number) => value;
  const { pixel, channel } = strides(spec);
  const area = height * width;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) slot[c * channel + i * pixel] = convert(input.values[c * area + i]!);
  }
}

/**
 * The picture that slot `index` of a batch shows: normalization undone, rounded to bytes, RGB.
 *
 * It is the background of overlays, and for preprocessed tensors the only picture there is; values outside of 0 to 255
 * are clipped.
 */
export function imageOfBatch(batch: BatchValues, spec: PreprocessSpec, index: number, source: string): Image {
  const [height, width] = spec.size;
  const area = height * width;
  const slot = batch.subarray(index * area * channelCount(spec.channels));
  const { scale, shift } = RANGES[spec.range];
  const { pixel, channel } = strides(spec);
  const order: readonly number[] = ORDERS[spec.channels];
  const data = new Uint8ClampedArray(area * 3);
  for (let rgb = 0; rgb < 3; rgb++) {
    const c = Math.max(0, order.indexOf(rgb));
    const mean = pick(spec.mean, c) - shift;
    const std = pick(spec.std, c);
    for (let i = 0; i < area; i++) {
      const value = slot[c * channel + i * pixel]!;
      const number = spec.dtype === "float16" ? halfToFloat(value) : value;
      data[3 * i + rgb] = (number * std + mean) / scale;
    }
  }
  return { width, height, data: new Uint8Array(data.buffer), source };
}
