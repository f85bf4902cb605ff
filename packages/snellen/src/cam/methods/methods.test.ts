// Every method's raw cells on a tiny CNN and a tiny ViT. Oracle: pytorch-grad-cam's definitions evaluated on PyTorch's own
// gradients (tools/reference/cam_maps.py); float32 in another order of summation, fixtures rounded to six digits: 2e-5.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { openModel } from "../../node/open-model.ts";
import { camMethods } from "./index.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");
type Recorded = { score: number[]; grid: [number, number] } & Record<string, number[]>;
const recorded = JSON.parse(readFileSync(join(FIXTURES, "cam-maps.json"), "utf8"));
const TOLERANCE = 2e-5;

const [, channels, height, width] = recorded.x.dims as [number, number, number, number];
const images = [0, 1].map(
  (i): PreprocessedImage => ({
    source: `x[${i}]`,
    shape: [channels, height, width],
    values: Float32Array.from(
      recorded.x.data.slice(i * channels * height * width, (i + 1) * channels * height * width),
    ),
  }),
);

const mapsOf = async (net: "cnn" | "vit", method: string, upsampling = "bilinear") => {
  await using model = await openModel(join(FIXTURES, `${net}.onnx`));
  return await model.cam(images, { method, upsampling, target: recorded.target });
};

const worst = (ours: ArrayLike<number>, theirs: readonly number[]): number =>
  Math.max(...theirs.map((v, i) => Math.abs(v - (ours[i] ?? Number.NaN))));

describe.each(["cnn", "vit"] as const)("cells of the tiny %s", (net) => {
  const expected = recorded[net] as Recorded;
  const methods = ["grad-cam", "hires-cam", "cam"].filter((id) => id in expected);
  it.each(methods)("%s", async (id) => {
    const maps = await mapsOf(net, id);
    const theirs = expected[id] as number[];
    maps.forEach((map, i) => {
      expect([...map.cells.dims]).toEqual(expected.grid);
      expect(Math.abs(map.score - (expected.score[i] as number))).toBeLessThan(TOLERANCE);
      expect(worst(map.cells.values, theirs.slice(16 * i, 16 * (i + 1)))).toBeLessThan(TOLERANCE);
    });
    expect(Math.max(...theirs.map(Math.abs))).toBeGreaterThan(0.01);
  });
});

describe("conservation", () => {
  it("Extended-CAM's cells miss the score by the head's bias and nothing else, and that is spread", async () => {
    // Euler: pooling and a linear layer are homogeneous, so Σ cells = score − bias; the bias is the same for both images.
    const [first, second] = await mapsOf("cnn", "extended-cam");
    const bias = [first, second].map((map) => map?.remainder ?? 0);
    for (const map of [first, second]) expect(map?.conservationError).toBeLessThan(1e-5);
    expect(bias[0]).toBeCloseTo(bias[1] ?? Number.NaN, 5);
    expect(Math.abs(bias[0] ?? 0)).toBeGreaterThan(1e-3);
  });
  it("Gaussian upsampling keeps the sum of signed cells", async () => {
    for (const map of await mapsOf("vit", "extended-cam", "gaussian"))
      expect(map.mapSum).toBeCloseTo(map.sum, 4);
  });
  it("bilinear upsampling does not", async () => {
    const [map] = await mapsOf("cnn", "extended-cam", "bilinear");
    expect(Math.abs((map?.mapSum ?? 0) / (map?.sum ?? 1))).toBeGreaterThan(4);
  });
});

describe("the registry", () => {
  it("holds unique ids that name their files", () => {
    const ids = camMethods.map((m) => m.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, paper, summary } of camMethods) {
      expect(() => readFileSync(join(import.meta.dirname, `${id}.ts`))).not.toThrow();
      expect(`${paper}${summary}`.length).toBeGreaterThan(30);
    }
  });
  it("refuses CAM where the head is not linear, naming what is in the way", async () => {
    await expect(mapsOf("vit", "cam")).rejects.toMatchObject({
      code: "no-linear-head",
      message: expect.stringContaining("MatMul"),
    });
  });
  it("suggests the nearest method", async () => {
    await expect(mapsOf("cnn", "gradcam")).rejects.toMatchObject({
      code: "unknown-method",
      message: expect.stringContaining('Did you mean "grad-cam"?'),
    });
  });
});
