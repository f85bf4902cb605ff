// R of layers and scores of a tiny ResNet, ViT and ConvNeXt. Oracle: the published algorithms in PyTorch, float64, an image at a
// time (tools/reference/erf_maps.py). Points where ReLUs flip were avoided there: float32 alone moves R by less than 1e-6 of its
// largest value, and another order of summation by as much again; 1e-5 leaves room for other machines.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classTarget } from "../../cam/targets/class.ts";
import type { BoundTarget } from "../../cam/targets/target.ts";
import type { PreprocessedImage } from "../../images/image.ts";
import { type OpenedModel, openModel } from "../../node/open-model.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { accumulation } from "./accumulation.ts";
import { addImages, emptySums } from "./effective.ts";
import { centreCell } from "./field-graph.ts";
import { fieldMapOf } from "./field-sum.ts";
import { labelledOrPredicted } from "./run-fields.ts";

const FIXTURES = join(import.meta.dirname, "fixtures/erf");
const TOLERANCE = 1e-5;

interface Field {
  /** Base64 of float32, computed in float64. */
  readonly float64: string;
}

interface LayerRow {
  readonly value: string;
  /** Tokens in front of the grid's. */
  readonly prefix: number;
  readonly cell: readonly number[];
  readonly deadPixels: Field;
  readonly replknet: Field;
}

interface Recorded {
  readonly dims: readonly [number, number, number, number];
  readonly levels: string;
  readonly labels: readonly number[];
  readonly predicted: readonly number[];
  readonly layers: Readonly<Record<string, LayerRow>>;
  readonly scores: Readonly<Record<"label" | "predicted", Field>>;
}

const read = (name: string): Recorded => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), "utf8"));

const open = (name: string): Promise<OpenedModel> => openModel(join(FIXTURES, `${name}.onnx`));

function valuesOf({ float64 }: Field): number[] {
  const bytes = Buffer.from(float64, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

function imagesOf({ dims: [count, ...shape], levels, labels }: Recorded): PreprocessedImage[] {
  const bytes = Buffer.from(levels, "base64");
  const size = bytes.length / count;
  return Array.from({ length: count }, (_, i) => ({
    source: `image ${i}`,
    shape,
    values: Float32Array.from(bytes.subarray(i * size, (i + 1) * size), (level) => level / 128 - 1),
    classIndex: labels[i],
  }));
}

/** Tokens that the scores do not read whole are no layer by name; they are laid out as those before the last attention. */
function layerOf(model: OpenedModel, { value, prefix }: LayerRow): FeatureLayer {
  const { layers } = model.info.layers;
  const found = layers.find((layer) => layer.value === value);
  const alike = layers.find(({ layout }) => layout.kind === "tokens" && layout.prefix === prefix);
  return found ?? { ...(alike as FeatureLayer), value };
}

function expectField(found: Float64Array, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected);
  expect(largest).toBeGreaterThan(1e-4);
  const worst = Math.max(...expected.map((v, i) => Math.abs(v - (found[i] as number))));
  expect(worst / largest).toBeLessThan(TOLERANCE);
}

describe.each(["residual", "tokens", "channels-last"])("R of %s", (name) => {
  const recorded = read(name);

  it.each(Object.keys(recorded.layers))("is PyTorch's at %s", async (key) => {
    await using model = await open(name);
    const row = recorded.layers[key] as LayerRow;
    const layer = layerOf(model, row);
    expect(centreCell(layer)).toEqual(row.cell);
    const images = imagesOf(recorded);
    // recorded as the paper's sum over images; the published script, and we, take the mean
    const mean = (v: number) => v / images.length;
    for (const [id, expected] of [
      ["dead-pixels", valuesOf(row.deadPixels)],
      ["replknet", valuesOf(row.replknet).map(mean)],
    ] as const) {
      const plan = { layers: [layer], accumulation: accumulation(id) };
      const sums = emptySums(model, plan);
      await addImages(model, plan, sums, images);
      expectField(fieldMapOf(sums[0]!).values, expected);
    }
  });

  it("is PyTorch's of the scores, labelled and predicted", async () => {
    await using model = await open(name);
    const targets: readonly (readonly [BoundTarget, Field])[] = [
      [labelledOrPredicted(model.info), recorded.scores.label],
      [classTarget(model.info, "top1"), recorded.scores.predicted],
    ];
    for (const [target, field] of targets) {
      const plan = { layers: [], target, accumulation: accumulation("dead-pixels") };
      const sums = emptySums(model, plan);
      const { predicted } = await addImages(model, plan, sums, imagesOf(recorded));
      expect(predicted).toEqual(recorded.predicted);
      expectField(fieldMapOf(sums[0]!).values, valuesOf(field));
    }
    expect(recorded.labels).not.toEqual(recorded.predicted);
  });
});
