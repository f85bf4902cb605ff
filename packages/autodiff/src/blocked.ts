// Forms of small operations on maps [N, C, H, W] that ONNX Runtime keeps in its blocked layout (NCHWc), in which its convolutions
// run: a broadcast or a plain reduction between them costs two changes of layout. Derived here; times in the functions.
import { BATCH, type GraphBuilder, makeTensor } from "@snellen/graph";

/** Single-precision maps with a known number of channels and known size: what the blocked layout knows. */
export function isMap(b: GraphBuilder, value: string): boolean {
  const dims = b.dims(value);
  return dims.length === 4 && !dims.slice(1).includes(BATCH) && b.dataType(value) === "float32";
}

/** Each map times a factor, as a depthwise 1×1 convolution. */
export function scaleMaps(b: GraphBuilder, value: string, factor: number): string {
  if (factor === 1) return value;
  const channels = b.dims(value)[1] as number;
  const weights = b.op("Expand", [b.scalar(factor, value), b.ints([channels, 1, 1, 1])]);
  return b.op("Conv", [value, weights], { group: channels });
}

/** [N, C, h, w] → [N, C, h·kh, w·kw], each pixel repeated; also for other numbers of axes. */
export function repeatPixels(b: GraphBuilder, value: string, kernel: readonly number[]): string {
  const scales = b.tensor(makeTensor("float32", [kernel.length + 2], [1, 1, ...kernel]), "scales");
  return b.op("Resize", [value, "", scales], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
}

/** [N, C, H, W] → [N, C, 1, 1], the sum of each map. */
export function sumMaps(b: GraphBuilder, value: string): string {
  const [, , height, width] = b.dims(value) as [number, number, number, number];
  return scaleMaps(b, b.op("GlobalAveragePool", [value]), height * width);
}
