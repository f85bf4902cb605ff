// Oracle: properties of the experiment (halves, ranks, pairs), and the page's words against its numbers.
import { join } from "node:path";
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { measure } from "../../cam/measures/index.ts";
import { type ImageEntry as Entry, openImages } from "../../node/images.ts";
import { readMask } from "../../node/masks.ts";
import { openModel } from "../../node/open-model.ts";
import { documentMarkdown } from "../../report/document.ts";
import { reproduceExtendedCam } from "./experiment.ts";
import { extendedCamDocument } from "./report.ts";

const MODELS = join(import.meta.dirname, "../../../../../models");

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

  it("skips what cannot be used, says so in result and page, and goes on", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const { entries } = await openImages([join(MODELS, "optotypes")], {
      labels: model.info.labels.names,
      limit: 4,
    });
    const [first, , third, last] = entries as [Entry, Entry, Entry, Entry];
    const unread = () =>
      Promise.reject(new ImageError("unreadable-image", "is broken.", { where: last.source }));
    const maskless = async () => ({ ...(await first.read()), maskFile: "gone.png" });
    const given = [{ ...first, read: maskless }, entries[1] as Entry, third, { ...last, read: unread }];
    const options = { readMask, seed: 0, measures: [measure("energy")] };
    const result = await reproduceExtendedCam([{ name: "letters", model, entries: given }], options);
    expect(result.trials[0]?.images).toEqual({ development: 1, test: 1 });
    expect(result.trials[0]?.skipped).toEqual([
      { source: first.source, reason: `${first.source}: gone.png: there is no such file.` },
      { source: last.source, reason: `${last.source}: is broken.` },
    ]);
    expect(documentMarkdown(extendedCamDocument(result))).toContain("is broken.");
    const none = [{ name: "letters", model, entries: given.slice(0, 1).concat(third) }];
    await expect(reproduceExtendedCam(none, options)).rejects.toMatchObject({ code: "no-readable-image" });
  });

  it("refuses a network with less than two images before anything is run", async () => {
    const trial = { name: "letters", model: {} as never, entries: [] };
    await expect(reproduceExtendedCam([trial], { seed: 0, measures: [] })).rejects.toMatchObject({
      code: "too-few-images",
      message: expect.stringContaining("0 images of letters"),
    });
  });
});
