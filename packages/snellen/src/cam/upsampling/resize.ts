// Upsampling by ONNX Resize, shared by the interpolating kinds.
import type { UpsamplingContext } from "./upsampling.ts";

/** Resizes [N, h, w] to [N, H, W]; pixel centres aligned as in torch.nn.functional.interpolate. */
export function resizeCells({ b, cells, size }: UpsamplingContext, mode: "linear" | "nearest"): string {
  const [h, w] = b.dims(cells).slice(1) as [number, number];
  const scales = b.tensor({
    dataType: "float32",
    dims: [4],
    data: new Uint8Array(new Float32Array([1, 1, size[0] / h, size[1] / w]).buffer),
  });
  const map = b.op("Unsqueeze", [cells, b.ints([1])]);
  const resized = b.op("Resize", [map, "", scales], {
    mode,
    coordinate_transformation_mode: "half_pixel",
    nearest_mode: mode === "nearest" ? "round_prefer_floor" : undefined,
  });
  return b.op("Squeeze", [resized, b.ints([1])]);
}
