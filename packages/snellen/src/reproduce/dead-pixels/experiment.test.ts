// Oracle: the library's own single steps on the same images, weights counted by hand, and the page's words against its numbers.
import { join } from "node:path";
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { type ImageEntry, openImages } from "../../node/images.ts";
import { openModel } from "../../node/open-model.ts";
import { summarizeDeadPixels } from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import { accumulation } from "../../receptive-field/effective/accumulation.ts";
import { fieldMapOf } from "../../receptive-field/effective/field-sum.ts";
import { labelledOrPredicted, runFields } from "../../receptive-field/effective/run-fields.ts";
import { fitGaussian } from "../../receptive-field/size/gaussian-fit.ts";
import { documentMarkdown } from "../../report/document.ts";
import { type DeadPixelOptions, type Kept, reproduceDeadPixels } from "./experiment.ts";
import { deadPixelsDocument } from "./report.ts";

const MODELS = join(import.meta.dirname, "../../../../../models");
const OPTIONS = { seed: 0, pixels: 12, perturbedImages: 2 };

const lettersOf = async (labels: readonly string[] | undefined, limit: number) =>
  (await openImages([join(MODELS, "optotypes")], { labels, limit })).entries;

function journal() {
  const kept = new Map<string, unknown>();
  const options: Pick<DeadPixelOptions, "recall" | "keep"> = {
    recall: <K extends keyof Kept>(kind: K, key: string) => kept.get(`${kind} ${key}`) as Kept[K] | undefined,
    keep: async (kind, key, value) => void kept.set(`${kind} ${key}`, value),
  };
  return { kept, options };
}

describe("reproduceDeadPixels", () => {
  it("measures fields in parts as in one go, and pads without changing anything", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const entries = await lettersOf(model.info.labels.names, 12);
    const { kept, options } = journal();
    const run = () =>
      reproduceDeadPixels([{ name: "cnn", dataset: "letters", model, entries }], { ...OPTIONS, ...options });
    const result = await run();
    const [found] = result.networks;
    expect(found).toMatchObject({ images: 12, labelled: 12, refused: [], skipped: [] });

    const plan = {
      layers: [model.layer()],
      target: labelledOrPredicted(model.info),
      accumulation: accumulation("dead-pixels"),
    };
    const whole = await runFields(model, plan, entries);
    const [layer, score] = whole.sums.map((sum) => fieldMapOf(sum));
    const fit = fitGaussian(layer!);
    expect(found?.accuracy).toBe(whole.correct / whole.labelled);
    // parts are kept in single precision
    expect(found?.size?.sigmaX).toBeCloseTo(fit.sigmaX ?? 0, 4);
    expect(found?.size?.r2?.value).toBeCloseTo(fit.r2 ?? 0, 5);
    const summary = summarizeDeadPixels(model.info, score!, []);
    expect(found?.checkerboard?.L1Normalized?.value).toBeCloseTo(summary.L1Normalized ?? 0, 5);
    expect(found?.checkerboard?.peak?.frequency).toBe(0.5);

    const { padding } = found ?? {};
    // 3×3 to 4×4: 7 zeros a filter and channel; 1×1 to 2×2: 3 (models/README.md has the widths)
    const zeros = 7 * (16 * 3 + 32 * 16 + 64 * 32) + 3 * (32 * 16 + 64 * 32);
    expect(padding?.weightsAdded).toBe(zeros);
    expect(padding?.changes).toHaveLength(5);
    expect(padding?.outputDifference).toBeLessThan(1e-5);
    expect(padding?.fieldDifference).toBeLessThan(1e-5);
    expect(padding?.images).toBe(2);

    expect([...kept.keys()].filter((key) => key.startsWith("part"))).toHaveLength(10);
    let isMadeAnew = false;
    const again = await reproduceDeadPixels([{ name: "cnn", dataset: "letters", model, entries }], {
      ...OPTIONS,
      ...options,
      keep: async () => {
        isMadeAnew = true;
      },
    });
    expect(isMadeAnew).toBe(false);
    expect(again).toEqual(result);

    const document = deadPixelsDocument(result);
    const page = documentMarkdown(document);
    expect(document.sections[0]?.text).toContain(
      "That padding kernels leaves the function, and before training L1, as they are: holds.",
    );
    expect(page).toContain("| micro-object | trainings | not measured yet: needs training |");
    expect(page).toContain("| cnn | conv1/Conv | odd-kernel | 3 × 3 | 2 × 2 | padding |");
  });

  it("has nothing to pad in a transformer, and says of images without labels whose class R is of", async () => {
    await using model = await openModel(join(MODELS, "optotypes-vit.onnx"));
    const entries = (await lettersOf(model.info.labels.names, 3)).map(({ source, read }) => ({
      source,
      read: async () => {
        const { classIndex, className, ...image } = await read();
        return image;
      },
    }));
    const result = await reproduceDeadPixels([{ name: "vit", dataset: "letters", model, entries }], OPTIONS);
    const [found] = result.networks;
    expect(found).toMatchObject({ images: 3, labelled: 0, accuracy: null });
    expect(found?.padding).toMatchObject({ changes: [], outputDifference: null });
    expect(found?.checkerboard?.offenders).toEqual([]);
    expect(documentMarkdown(deadPixelsDocument(result))).toContain(
      "vit: 3 of 3 images have no label that it knows; R is of their predicted class.",
    );
  });

  it("skips what cannot be read and says so; refuses where nothing can be", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const entries = await lettersOf(model.info.labels.names, 3);
    const broken = (entry: ImageEntry): ImageEntry => ({
      ...entry,
      read: () => Promise.reject(new ImageError("unreadable-image", "is broken.", { where: entry.source })),
    });
    const trial = (given: readonly ImageEntry[]) => [{ name: "cnn", dataset: "l", model, entries: given }];
    const some = [broken(entries[0]!), entries[1]!, entries[2]!];
    const result = await reproduceDeadPixels(trial(some), { ...OPTIONS, perturbedImages: 3 });
    const [found] = result.networks;
    expect(found?.images).toBe(2);
    expect(found?.skipped).toEqual([
      { source: entries[0]?.source, reason: `${entries[0]?.source}: is broken.` },
    ]);
    expect(found?.perturbation?.images).toBe(2);
    // the part that padding is looked at on had the broken image only
    expect(found?.padding).toMatchObject({ images: 0, outputDifference: null });
    await expect(reproduceDeadPixels(trial(entries.map(broken)), OPTIONS)).rejects.toMatchObject({
      code: "no-readable-image",
    });
    await expect(reproduceDeadPixels(trial(entries.slice(0, 1)), OPTIONS)).rejects.toMatchObject({
      code: "too-few-images",
    });
  });
});
