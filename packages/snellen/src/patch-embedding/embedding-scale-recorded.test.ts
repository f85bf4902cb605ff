// Oracle: ONNX Runtime, NumPy and Pillow's ImageEnhance on the embedded ViT and twelve of the embedded pictures
// (tools/reference/embedding_scale.py; onnxruntime 1.32.0, Pillow 13.0.0).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openImages } from "../node/images.ts";
import { openModel } from "../node/open-model.ts";
import { measureEmbeddingScale } from "./embedding-scale.ts";

interface Recorded {
  readonly images: readonly string[];
  readonly rows: readonly {
    readonly family: string;
    readonly factor: number;
    readonly ratio: number;
    readonly cosine: number;
    readonly positionalShare: number;
    readonly agreement: number;
  }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL("fixtures/optotypes-scale.json", import.meta.url), "utf8"),
);
const models = new URL("../../../../models/", import.meta.url);
const pathOf = (name: string) => fileURLToPath(new URL(name, models));

/** Single precision on both sides, sums in another order. */
const DIGITS = 4;

it("has NumPy's figures on the embedded ViT", async () => {
  await using model = await openModel(pathOf("optotypes-vit.onnx"), { threads: 1 });
  const { entries } = await openImages(recorded.images.map((name) => pathOf(`optotypes/images/${name}`)));
  const factors = [...new Set(recorded.rows.map(({ factor }) => factor))];
  const result = await measureEmbeddingScale(model, entries, { factors });
  if (!("rows" in result)) throw new Error(result.text);
  expect(result.rows).toHaveLength(recorded.rows.length);
  for (const [i, row] of recorded.rows.entries()) {
    const found = result.rows[i];
    expect(found).toMatchObject({ family: row.family, factor: row.factor, n: recorded.images.length });
    for (const key of ["ratio", "cosine", "positionalShare", "agreement"] as const)
      expect(found?.[key].value).toBeCloseTo(row[key], DIGITS);
  }
});
