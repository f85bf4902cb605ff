// Oracle: the library's own maps and measures run one by one, and means by hand.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImages } from "../node/images.ts";
import { readMask } from "../node/masks.ts";
import { openModel } from "../node/open-model.ts";
import { measure } from "./measures/index.ts";
import { configurations, possible, type StudyRow, studyImage, summarizeStudy, valuesOf } from "./study.ts";

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
    ]);
    expect(valuesOf(rows, "grad-cam bilinear", "energy")).toEqual([0.2, undefined, 0.4]);
  });
});
