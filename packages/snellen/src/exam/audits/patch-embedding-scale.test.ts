// Oracle: verdicts made by hand.
import { describe, expect, it } from "vitest";
import { embeddingScale, estimate, grip } from "../test-support/robustness.ts";
import { patchEmbeddingScale } from "./patch-embedding-scale.ts";

const judge = (...given: Parameters<typeof embeddingScale>) =>
  patchEmbeddingScale.audit({ embeddingScale: embeddingScale(...given) } as never);

describe("patch-embedding-scale", () => {
  it("passes when the positional embedding keeps its grip", () => {
    expect(judge([grip()])).toEqual({
      verdict: "good",
      summary: "Under growing contrast, all is well. (60 images, 60 with labels.)",
      evidence: expect.anything(),
      figures: [
        { id: "growth-contrast-enhancement", value: 1.02, better: "lower", unit: "times" },
        { id: "cosine-contrast-enhancement", value: 0.98, better: "higher", unit: "" },
      ].map((figure) => expect.objectContaining(figure)),
    });
  });

  it("asks for attention when it loses it, by the family that does, and names the cure", () => {
    const text = "Under growing colour scale, it loses its grip.";
    const lost = grip({
      family: "colour_scale",
      verdict: "loses-its-grip",
      growth: estimate(2, 0.1),
      text,
    });
    expect(judge([grip(), lost])).toMatchObject({
      verdict: "attention",
      summary: `${text} (60 images, 60 with labels.)`,
      remedy: "snellen fix prelayernorm <model> --images <folder> -o fixed.onnx",
    });
  });

  it("informs, without a cure, where the balance depends on the scale but harms nothing", () => {
    const found = judge([grip({ verdict: "scale-dependent" })]);
    expect([found.verdict, found.remedy]).toEqual(["informative", undefined]);
  });

  it("draws ratio and cosine by factor, a line a family, and lists accuracy, or agreement without labels", () => {
    const both = [grip(), grip({ family: "colour_scale" })];
    const [ratio, cosine, table] = judge(both).evidence as never as [
      { series: { name: string; points: [number, number][] }[] },
      { series: { points: [number, number][] }[] },
      { rows: unknown[][] },
    ];
    expect(ratio.series.map(({ name }) => name)).toEqual(["contrast", "colour scale"]);
    expect(ratio.series[1]?.points).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
    ]);
    expect(cosine.series[0]?.points.map(([, y]) => y)).toEqual([1, 0.5, 0.25]);
    expect(table.rows).toHaveLength(6);
    expect(table.rows[0]).toEqual(["contrast", 1, 2, 1, 0.2, "90.0 [80.0, 100.0], n 60"]);
    const unlabelled = judge([grip()], 0).evidence?.[2] as never as typeof table;
    expect(unlabelled.rows[0]?.at(-1)).toBe("95.0 [85.0, 105.0], n 60");
  });

  it("does not apply to networks without a positional embedding", () => {
    const found = patchEmbeddingScale.audit({ embeddingScale: { reason: "None." } } as never);
    expect(found).toEqual({ verdict: "notApplicable", summary: "None." });
  });
});
