// Oracle: made-up accuracies on both sides of each threshold.
import { describe, expect, it } from "vitest";
import { accuracy, facts, prediction } from "../test-support/artifacts.ts";
import { reading } from "./reading.ts";

const judge = (changes: object) =>
  reading.audit({ facts, predictions: [prediction(0)], accuracy: accuracy(0.9), ...changes } as never);

describe("reading", () => {
  it("passes when at least half of the labelled images are read right", () => {
    for (const top1 of [0.5, 1])
      expect(judge({ accuracy: accuracy(top1) })).toMatchObject({ verdict: "good" });
    expect(judge({}).summary).toBe(
      "90.0 % of 100 labelled images are read right (95 % interval 80.0 % to 100.0 %), 100.0 % within five. Preprocessing: RGB 8x8 (flags).",
    );
  });

  it("asks for attention when fewer are", () => {
    expect(judge({ accuracy: accuracy(0.49) })).toMatchObject({ verdict: "attention" });
  });

  it("fails when accuracy is near chance, and tells where to look", () => {
    const chance = accuracy(0.1, { interval: [0.05, 0.2] });
    expect(judge({ accuracy: chance })).toMatchObject({
      verdict: "problem",
      summary: expect.stringContaining("near chance: check preprocessing and the order of the labels"),
      remedy: "snellen inspect <model>",
    });
    expect(judge({ accuracy: accuracy(0.1, { interval: [0.05, 0.31] }) })).toMatchObject({
      verdict: "attention",
    });
    expect(judge({ accuracy: chance, facts: { ...facts, classes: 2 } })).toMatchObject({
      verdict: "attention",
    });
  });

  it("informs when there are no labels", () => {
    const unlabelled = prediction(0, { label: undefined });
    expect(judge({ accuracy: undefined, predictions: [unlabelled] })).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("1 image was read, accuracy is unknown"),
      evidence: [{ rows: [["image-0.png", null, null, "class 1", 0.9]] }],
    });
  });

  it("says of a segmentation model or a detector what its scores are taken for", () => {
    const dense = "A class counts by its highest score.";
    for (const found of [accuracy(0.9), undefined])
      expect(judge({ facts: { ...facts, dense }, accuracy: found }).summary).toMatch(/\. A class counts by/);
  });

  it("lists images by what the true class got, which stands beside what the predicted one got", () => {
    const right = prediction(0, {
      confidence: 0.4,
      top: [{ classIndex: 1, name: "class 1", probability: 0.4 }],
    });
    const wrong = prediction(1, { label: 3, confidence: 0.2 });
    expect(judge({ predictions: [right, wrong] }).evidence).toMatchObject([
      {
        rows: [
          ["image-1.png", "class 3", 0.2, "class 1", 0.9],
          ["image-0.png", "class 1", 0.4, "class 1", 0.4],
        ],
      },
    ]);
  });

  it("gives its accuracy as a figure, with each image's outcome", () => {
    const right = prediction(0);
    const wrong = prediction(2, { label: 3 });
    const unlabelled = prediction(3, { label: undefined });
    const { figures } = judge({ predictions: [right, wrong, unlabelled, prediction(4)] });
    // image 1 was not read
    expect(figures).toEqual([
      {
        id: "accuracy",
        name: "accuracy on the labelled images",
        value: 90,
        interval: [80, 100],
        unit: "%",
        better: "higher",
        outcomes: "1-0-1",
      },
    ]);
  });

  it("lists the ten images with the least confidence", () => {
    const predictions = Array.from({ length: 12 }, (_, i) => prediction(i, { confidence: 1 - i / 12 }));
    const [table] = judge({ predictions }).evidence ?? [];
    const rows = (table as { rows: string[][] }).rows;
    expect(rows).toHaveLength(10);
    expect([rows[0]?.[0], rows[9]?.[0]]).toEqual(["image-11.png", "image-2.png"]);
  });
});
