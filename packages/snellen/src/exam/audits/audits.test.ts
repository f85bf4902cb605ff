// Audits on made-up artifacts. Oracle: the thresholds that docs/exam.md states.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accuracy } from "../computed/accuracy.ts";
import { audits } from "../registry.ts";
import { facts, heatMap, predictions } from "../test-support/artifacts.ts";
import { conservation } from "./conservation.ts";
import { heatMaps } from "./heat-maps.ts";
import { reading } from "./reading.ts";

const read = (count: number, right: number, labelled = true) => {
  const made = predictions(count, right, labelled);
  return reading.audit({
    facts,
    predictions: made,
    accuracy: accuracy.make({ predictions: made }, null as never) as never,
  } as never);
};

describe("the registry", () => {
  it("lists every audit file once, with all that a row needs", () => {
    const files = readdirSync(import.meta.dirname).filter(
      (f) => f.endsWith(".ts") && !f.endsWith(".test.ts"),
    );
    expect(audits.map((a) => `${a.id}.ts`).sort()).toEqual(files.sort());
    for (const audit of audits) {
      expect(audit.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const text of [audit.title, audit.failureTitle, audit.description])
        expect(text.length).toBeGreaterThan(10);
      expect(audit.learnMore).toMatch(/^https:\/\//);
      expect(audit.title).not.toBe(audit.failureTitle);
    }
  });
});

describe("reading", () => {
  it("passes when at least half of the labelled images are read right", () => {
    expect(read(40, 20)).toMatchObject({
      verdict: "good",
      summary: expect.stringContaining("50.0 % of 40 labelled images"),
    });
  });
  it("asks for attention when fewer are", () => {
    expect(read(40, 19).verdict).toBe("attention");
  });
  it("fails near chance, and points to preprocessing and label order", () => {
    const found = read(100, 10);
    expect(found).toMatchObject({ verdict: "problem", remedy: "snellen inspect net.onnx" });
    expect(found.summary).toContain("check preprocessing");
  });
  it("is for reading only without labels", () => {
    expect(read(5, 5, false)).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("accuracy is unknown"),
    });
  });
  it("lists the least confident images first", () => {
    const [table] = read(40, 20).evidence ?? [];
    expect(table?.kind === "table" && table.rows[0]?.[0]).toBe("39.png");
    expect(table?.kind === "table" && table.rows.length).toBe(10);
  });
});

describe("heat maps", () => {
  const judge = (worst: number, warnings: readonly string[] = []) =>
    heatMaps.audit({
      facts,
      heatMaps: { worst: Array.from({ length: worst }, (_, i) => heatMap(i, warnings)), best: [] },
    } as never);
  it("passes when every map has positive evidence, and shows picture and map side by side", () => {
    const found = judge(3);
    expect(found.verdict).toBe("good");
    expect(found.evidence).toHaveLength(3);
    const [first] = found.evidence ?? [];
    expect(first?.kind === "picture" && [first.image.width, first.image.height]).toEqual([8, 2]);
  });
  it("asks for attention when a map warns", () => {
    expect(judge(2, ["the gradient is zero everywhere"])).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("2 of 2 maps are doubtful: the gradient is zero"),
    });
  });
  it("does not apply without a spatial layer, or to tensors", () => {
    expect(judge(0).verdict).toBe("notApplicable");
    const layerless = { ...facts, layer: undefined };
    expect(heatMaps.audit({ facts: layerless, heatMaps: { worst: [], best: [] } } as never).verdict).toBe(
      "notApplicable",
    );
  });
});

describe("conservation", () => {
  const judge = (errors: readonly number[]) =>
    conservation.audit({
      facts,
      conservation: [
        { method: "extended-cam", errors },
        { method: "cam", errors: [9] },
      ],
    } as never);
  it("passes when the median error is at most 5 %", () => {
    expect(judge([0.05, 0.01, 0.9])).toMatchObject({
      verdict: "good",
      summary: expect.stringContaining("median error 5.0 % over 3 images"),
    });
  });
  it("asks for attention beyond that, and says where the rest of the score comes from", () => {
    expect(judge([0.06])).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("not linear in the features"),
    });
  });
  it("shows every method beside it", () => {
    const [bars] = judge([0.5, 0.7]).evidence ?? [];
    expect(bars?.kind === "bars" && bars.bars.map((b) => [b.label, b.value])).toEqual([
      ["extended-cam", 0.6],
      ["cam", 9],
    ]);
  });
  it("does not apply without maps", () => {
    expect(conservation.audit({ facts, conservation: [] } as never).verdict).toBe("notApplicable");
  });
});
