// Oracle: properties of the experiment (halves, ranks, pairs), and the page's words against its numbers.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measure } from "../cam/measures/index.ts";
import { openImages } from "../node/images.ts";
import { readMask } from "../node/masks.ts";
import { openModel } from "../node/open-model.ts";
import { documentMarkdown } from "../report/document.ts";
import { reproduceExtendedCam } from "./extended-cam.ts";
import { extendedCamDocument } from "./extended-cam-report.ts";

const MODELS = join(import.meta.dirname, "../../../../models");

describe("reproduceExtendedCam", () => {
  it("chooses on one half, reports on the other, keeps what was made, and says what holds", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const { entries } = await openImages([join(MODELS, "optotypes")], {
      labels: model.info.labels.names,
      limit: 5,
    });
    const kept = new Map<string, number>();
    const run = () =>
      reproduceExtendedCam([{ name: "letters", model, entries }], {
        readMask,
        seed: 0,
        measures: [measure("energy"), measure("iou")],
        keep: async (key, rows) => void kept.set(key, rows.length),
      });
    const result = await run();
    const [trial] = result.trials;
    expect(trial?.images).toEqual({ development: 3, test: 2 });
    expect(kept.size).toBe(5);
    const ranks = trial?.ranks.map(({ rank }) => rank) ?? [];
    expect(ranks.reduce((a, b) => a + b, 0) / ranks.length).toBeCloseTo((ranks.length + 1) / 2, 10);
    expect(trial?.ranks.find(({ name }) => name === result.chosen.name)?.rank).toBe(Math.min(...ranks));
    // Extended-CAM against itself with bilinear upsampling is one of the pairs; all share the two test images
    expect(trial?.against.some(({ second }) => second === "extended-cam bilinear")).toBe(true);
    expect(trial?.against.every(({ difference }) => difference.count <= 2)).toBe(true);
    const { sections } = extendedCamDocument(result);
    expect(sections[0]?.text[1]).toMatch(
      /^letters: that the map is conservative holds: mean error [\d.e-]+ after/,
    );
    const page = documentMarkdown(extendedCamDocument(result));
    expect(page).toContain(`Chosen options: ${result.chosen.name}.`);
    expect(page).toContain("## letters: scores on the test half");
  });

  it("refuses a network with less than two images before anything is run", async () => {
    const trial = { name: "letters", model: {} as never, entries: [] };
    await expect(reproduceExtendedCam([trial], { seed: 0, measures: [] })).rejects.toMatchObject({
      code: "too-few-images",
      message: expect.stringContaining("0 images of letters"),
    });
  });
});
