// Oracle: made-up layers behind fields of one and of two sides of an image of 24 x 32 pixels.
import { describe, expect, it } from "vitest";
import type { UnproductiveLayer } from "../../receptive-field/theoretical/unproductive.ts";
import { geometry } from "../test-support/artifacts.ts";
import { unproductiveLayers } from "./unproductive-layers.ts";

const layer = (
  inputField: UnproductiveLayer["inputField"],
  changes: Partial<UnproductiveLayer> = {},
): UnproductiveLayer => ({
  node: "conv9",
  opType: "Conv",
  value: "c9",
  kernel: [3, 3],
  inputField,
  along: ["rows", "columns"],
  isUnproductive: true,
  ...changes,
});

const behind = { smallest: [8, 8], multipleOf: [8, 8], productive: [63, 63], unbounded: [] } as const;

const judge = (changes: Parameters<typeof geometry>[0] = {}) =>
  unproductiveLayers.audit({ geometry: geometry(changes) } as never);

describe("unproductive-layers", () => {
  it("passes when no input sees more than the image", () => {
    expect(judge()).toEqual({
      verdict: "good",
      summary:
        "No convolution's input sees more than the image of 24x32 pixels; the largest field there is 15x15.",
    });
  });

  it("informs when cells at the border still gain, and tells the size from which all do", () => {
    const unproductive = [layer([33, 33]), layer([63, 63])];
    expect(judge({ unproductive, resolutions: behind })).toEqual({
      verdict: "informative",
      summary:
        "2 convolutions can add no context at 24x32 pixels. Cells at the border still gain. From 63x63 pixels on, all would add some; the file fixes the size, so it has to be exported anew.",
      evidence: [expect.objectContaining({ kind: "table" })],
    });
  });

  it("asks for attention when no cell gains: from two sides on along every axis that the kernel has", () => {
    const judged = (own: UnproductiveLayer) => judge({ unproductive: [own], resolutions: behind });
    expect(judged(layer([48, 63])).verdict).toBe("informative");
    expect(judged(layer([47, 64])).verdict).toBe("informative");
    expect(judged(layer([48, 64]))).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("For 1 of them that is so even at the image's corners."),
    });
    expect(judged(layer([48, 2], { kernel: [3, 1], along: ["rows"] })).verdict).toBe("attention");
  });

  it("tells a command where the size is open: the next multiple of the coarsest stride", () => {
    const unproductive = [layer([33, 33])];
    expect(judge({ unproductive, resolutions: behind, isSizeOpen: true }).remedy).toBe(
      "snellen exam <model> --images <folder> --size 64x64",
    );
    const oneAxis = { ...behind, productive: [null, 63] } as const;
    expect(judge({ unproductive, resolutions: oneAxis, isSizeOpen: true }).remedy).toMatch(/ 24x64$/);
  });

  it("counts layers that still look along one axis apart, and lists the first twelve", () => {
    const along = layer([33, 20], { along: ["rows"], isUnproductive: false });
    const unproductive = [along, ...Array.from({ length: 13 }, () => layer([50, 70]))];
    const found = judge({ unproductive, resolutions: behind });
    expect(found.summary).toMatch(/^13 convolutions \(and 1 along one of two axes\)/);
    const [{ caption, rows }] = found.evidence as unknown as [{ caption: string; rows: string[][] }];
    expect(caption).toMatch(/^The first 12 of 14 convolutions/);
    expect(rows).toHaveLength(12);
    expect(rows.slice(0, 2)).toEqual([
      ["conv9", "Conv", "3x3", "33x20", "along rows"],
      ["conv9", "Conv", "3x3", "50x70", "to any cell"],
    ]);
  });

  it("does not apply where only the image is looked around in, or all have the whole image before them", () => {
    const none = { ...behind, productive: [1, 1] } as const;
    expect(judge({ resolutions: none })).toMatchObject({ verdict: "notApplicable" });
    const all = { ...behind, productive: [null, null], unbounded: ["mix"] } as const;
    expect(judge({ resolutions: all })).toMatchObject({
      verdict: "notApplicable",
      summary: expect.stringContaining("All 1 convolution that looks around has the whole image before them"),
    });
    expect(judge({ resolutions: { ...behind, unbounded: ["mix"] } }).summary).toContain(
      "1 other has the whole image before (attention, global pooling, gates): not judged.",
    );
  });
});
