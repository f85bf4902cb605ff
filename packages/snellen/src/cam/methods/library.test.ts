// Every method's raw cells, gradient maps and smoothing on tiny networks. Oracle: pytorch-grad-cam 1.5.7 running its own code in
// PyTorch (tools/reference/library_cams.py). Float32 in another order of summation and fixtures of seven digits: 1e-4 of a map's
// largest value, and a correlation above 0.99999. Singular vectors have no sign of their own: those compare up to it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { openModel } from "../../node/open-model.ts";
import type { Grid } from "../cam-map.ts";
import type { CamOptions } from "../run-cams.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

interface Numbers {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

interface Row {
  readonly method: string;
  readonly layer: string;
  readonly target: string | null;
  readonly score: readonly number[];
  readonly cells: Numbers;
  readonly eigenSmooth?: boolean;
  /** Ablation on tokens: ours leaves class and register tokens as they are. */
  readonly ablated?: "all tokens" | "tokens of the grid";
}

interface Recorded {
  readonly x: Numbers;
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly maps: readonly Row[];
  readonly fullGrad?: { readonly target: string; readonly map: Numbers };
  readonly guidedBackprop?: { readonly target: string; readonly gradient: Numbers };
  readonly augmented?: { readonly layer: string; readonly target: string; readonly unscaledMap: Numbers };
}

const SIGNLESS = new Set(["eigen-cam", "eigen-grad-cam", "kpca-cam"]);
const TOLERANCE = 1e-4;

const read = (name: string): Recorded =>
  JSON.parse(readFileSync(join(FIXTURES, `cams.${name}.json`), "utf8"));

function imagesOf({ x: { dims, data } }: Recorded): PreprocessedImage[] {
  const [count, channels, height, width] = dims as [number, number, number, number];
  const size = channels * height * width;
  return Array.from({ length: count }, (_, i) => ({
    source: `x[${i}]`,
    shape: [channels, height, width],
    values: Float32Array.from(data.slice(i * size, (i + 1) * size)),
  }));
}

/** The i-th of what a batch holds. */
const part = ({ dims, data }: Numbers, i: number): number[] => {
  const size = data.length / (dims[0] as number);
  return data.slice(i * size, (i + 1) * size);
};

function correlation(a: readonly number[], c: readonly number[]): number {
  const mean = (v: readonly number[]) => v.reduce((s, x) => s + x, 0) / v.length;
  const [ma, mc] = [mean(a), mean(c)];
  const dot = (f: (i: number) => number) => a.reduce((s, _, i) => s + f(i), 0);
  const [sa, sc] = [dot((i) => ((a[i] as number) - ma) ** 2), dot((i) => ((c[i] as number) - mc) ** 2)];
  return dot((i) => ((a[i] as number) - ma) * ((c[i] as number) - mc)) / Math.sqrt(sa * sc);
}

function expectEqual(ours: Grid, theirs: readonly number[], signless = false): void {
  const values = [...ours.values];
  const r = correlation(values, theirs);
  const sign = signless && r < 0 ? -1 : 1;
  expect(sign * r).toBeGreaterThan(0.99999);
  const largest = Math.max(...theirs.map(Math.abs));
  expect(largest).toBeGreaterThan(1e-4);
  const worst = Math.max(...theirs.map((v, i) => Math.abs(v - sign * (values[i] ?? Number.NaN))));
  expect(worst / largest).toBeLessThan(TOLERANCE);
}

const mapsOf = async (recorded: Recorded, file: string, options: CamOptions) => {
  await using model = await openModel(join(FIXTURES, file));
  return await model.cam(imagesOf(recorded), options);
};

describe.each(["cnn", "vit", "deep", "registers", "one-logit", "dense"])("cams.%s.json", (name) => {
  const recorded = read(name);
  const files = Object.entries(recorded.files);
  const rows = recorded.maps.filter(
    ({ target, ablated }) => ablated !== "all tokens" && target?.startsWith("mask:") !== true,
  );
  describe.each(files)("%s", (file, layers) => {
    it.each(
      rows.map(
        (row) =>
          [
            `${row.method} of ${row.target} at ${row.layer}${row.eigenSmooth ? ", smoothed" : ""}`,
            row,
          ] as const,
      ),
    )("%s", async (_, row) => {
      const { method, eigenSmooth, score, cells } = row;
      const target = row.target?.replace("highest:", "") ?? "top1";
      const maps = await mapsOf(recorded, file, { method, layer: layers[row.layer], target, eigenSmooth });
      maps.forEach((map, i) => {
        expect([...map.cells.dims]).toEqual(cells.dims.slice(1));
        if (row.target !== null) expect(map.score).toBeCloseTo(score[i] as number, 4);
        expectEqual(map.cells, part(cells, i), SIGNLESS.has(method) || eigenSmooth === true);
      });
    });

    const { fullGrad, guidedBackprop, augmented } = recorded;
    if (fullGrad !== undefined)
      it("full-grad", async () => {
        const { target, map: theirs } = fullGrad;
        const maps = await mapsOf(recorded, file, { method: "full-grad", target });
        for (const [i, map] of maps.entries()) expectEqual(map.map, part(theirs, i));
      });

    if (guidedBackprop !== undefined)
      it("guided-backprop", async () => {
        const { target, gradient } = guidedBackprop;
        const maps = await mapsOf(recorded, file, { method: "guided-backprop", target });
        const area = (gradient.dims[2] as number) * (gradient.dims[3] as number);
        for (const [i, map] of maps.entries()) {
          const theirs = part(gradient, i);
          const summed = Array.from({ length: area }, (_, p) =>
            [0, 1, 2].reduce((sum, c) => sum + (theirs[c * area + p] as number), 0),
          );
          expectEqual(map.map, summed);
        }
      });

    if (augmented !== undefined)
      it("augmentation smoothing of grad-cam", async () => {
        const { target, layer, unscaledMap } = augmented;
        const options = { method: "grad-cam", target, layer: layers[layer], augSmooth: true };
        const maps = await mapsOf(recorded, file, options);
        for (const [i, map] of maps.entries()) expectEqual(map.map, part(unscaledMap, i));
      });
  });
});
