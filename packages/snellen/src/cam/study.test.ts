// Oracle: the library's own maps and measures run one by one, and means by hand.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImages } from "../node/images.ts";
import { readMask } from "../node/masks.ts";
import { openModel } from "../node/open-model.ts";
import { createNodeRuntime } from "../node/runtime.ts";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { createVisionModel } from "../vision-model/vision-model.ts";
import { measure } from "./measures/index.ts";
import { configurations, possible, type StudyRow, studyImage, summarizeStudy, valuesOf } from "./study.ts";
import { tensorImage } from "./targets/test-support/finite-cells.ts";

const MODELS = join(import.meta.dirname, "../../../../models");

describe("configurations", () => {
  it("are methods by upsamplings; maps by the pixel have none", () => {
    expect(
      configurations(["grad-cam", "guided-backprop"], ["bilinear", "gaussian"]).map(({ name }) => name),
    ).toEqual(["grad-cam bilinear", "grad-cam gaussian", "guided-backprop"]);
  });
  it("leave out what the network does not allow, with the reason", async () => {
    await using model = await openModel(join(MODELS, "optotypes-vit.onnx"));
    const { allowed, refused } = possible(model, configurations(["cam", "grad-cam"], ["bilinear"]));
    expect(allowed.map(({ method }) => method)).toEqual(["grad-cam"]);
    expect(refused).toMatchObject([
      { name: "cam bilinear", reason: expect.stringContaining("stands between") },
    ]);
  });
});

describe("studyImage", () => {
  const wanted = configurations(["grad-cam", "extended-cam"], ["gaussian", "bilinear"]);
  const measures = ["energy", "pointing-game", "average-drop"].map(measure);

  it("scores each configuration as it would be scored alone, for the object's class", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const { entries } = await openImages([join(MODELS, "optotypes")], {
      labels: model.info.labels.names,
      limit: 2,
    });
    for (const { read, label } of entries) {
      const image = await read();
      const rows = await studyImage(model, image, { configurations: wanted, measures, readMask });
      expect(rows.map((row) => row.configuration)).toEqual(wanted.map(({ name }) => name));
      for (const [i, row] of rows.entries()) {
        const one = { configurations: [wanted[i] as (typeof wanted)[number]], measures, readMask };
        const [alone] = await studyImage(model, image, one);
        expect(row.classIndex).toBe(label.classIndex);
        expect(row.area).toBeGreaterThan(0.02);
        for (const { id } of measures) expect(row.values[id]).toBeCloseTo(alone?.values[id] as number, 5);
      }
      const exact = rows.find((row) => row.configuration === "extended-cam gaussian");
      expect(exact?.mapConservationError).toBeLessThan(1e-5);
    }
  });

  it("makes maps of altered images in the sessions of the groups, not in one a configuration", async () => {
    const runtime = createNodeRuntime();
    const made: number[] = [];
    const text = `g (float[N,3,8,8] x, float[6,3,3,3] w, float[216,5] v) => (float[N,5] y)
      { c = Conv (x, w) f = Relu (c) q = Flatten (f) y = MatMul (q, v) }`;
    await using model = createVisionModel(describeModel(textModel(text)), {
      runtime: {
        ...runtime,
        createSession: (serialized, options) => {
          made.push(serialized.bytes.length);
          return runtime.createSession(serialized, options);
        },
      },
      home: { location: "model.onnx", weights: {} },
      session: { threads: 1 },
    });
    const methods = ["grad-cam", "layer-cam", "hires-cam", "score-cam", "eigen-cam", "guided-backprop"];
    const all = configurations(methods, ["bilinear", "gaussian"]);
    const again = [measure("coherency")];
    const images = [1, 2].map((seed) => tensorImage(model, seed));
    const rows = [];
    for (const image of images)
      rows.push(...(await studyImage(model, image, { configurations: all, measures: again })));
    // of each image: the scores, two groups and the pixels' one, and Score-CAM's two, before and again
    expect(made.length).toBeLessThanOrEqual(2 * 2 * 6);
    for (const [i, row] of rows.entries()) {
      const one = { configurations: [all[i % all.length] as (typeof all)[number]], measures: again };
      const [alone] = await studyImage(model, images[Math.floor(i / all.length)] as never, one);
      expect(row.configuration).toBe(alone?.configuration);
      expect(row.values.coherency).toBeCloseTo(alone?.values.coherency as number, 4);
    }
  });

  it("explains another class where asked, and then knows no object of it", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const { entries } = await openImages([join(MODELS, "optotypes")], {
      labels: model.info.labels.names,
      limit: 1,
    });
    const other = ((entries[0]?.label.classIndex ?? 0) + 1) % 10;
    const image = await (entries[0] as (typeof entries)[number]).read();
    const [row] = await studyImage(model, image, {
      configurations: wanted,
      measures,
      readMask,
      target: other,
    });
    expect(row).toMatchObject({
      classIndex: other,
      area: null,
      values: { energy: null, "pointing-game": null },
    });
  });
});

describe("summarizeStudy", () => {
  it("averages what has a value, and the conservation errors", () => {
    const [configuration] = configurations(["grad-cam"], ["bilinear"]);
    const row = (image: string, energy: number | null, error: number): StudyRow => ({
      image,
      configuration: "grad-cam bilinear",
      classIndex: 0,
      score: 1,
      area: 0.1,
      conservationError: error,
      mapConservationError: null,
      isEmpty: energy === null,
      values: { energy },
    });
    const rows = [row("a", 0.2, 1), row("b", null, 2), row("c", 0.4, 3)];
    const [found] = summarizeStudy(
      rows,
      [configuration as NonNullable<typeof configuration>],
      [{ id: "energy" }],
    );
    expect(found?.scores.map(({ measure: id, mean, count }) => [id, mean, count])).toEqual([
      ["energy", expect.closeTo(0.3, 12), 2],
      ["conservation-error", 2, 3],
      ["map-conservation-error", undefined, 0],
      ["empty-maps", expect.closeTo(1 / 3, 12), 3],
    ]);
    expect(valuesOf(rows, "grad-cam bilinear", "energy")).toEqual([0.2, undefined, 0.4]);
  });
});
