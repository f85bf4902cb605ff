// Tables of fields. Oracles: texts by hand; SciPy's correlations of the same numbers (relation.test.ts); RFC 4180's quoting.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../test-support/command-line.ts";
import { compareModels, fieldsText, type ModelRow } from "./field-table.ts";

const at = await temporaryFolder();
const row = (changes: Partial<ModelRow> = {}): ModelRow => ({
  model: "a.onnx",
  layer: "relu",
  n: 4,
  sigmaX: 2,
  sigmaY: 8,
  r2: 0.5,
  theoretical: [9, null],
  l1: 0.25,
  l1Normalized: -1.5,
  parameters: 10,
  labelled: 4,
  accuracy: null,
  ...changes,
});

describe("erf.csv", () => {
  const cells = async (...rows: ModelRow[]) => {
    await compareModels(rows, at());
    return (await readFile(at("erf.csv"), "utf8")).trimEnd().split("\n").slice(1);
  };

  it("has empty cells for what is not known, and numbers as they are", async () => {
    expect(await cells(row({ l1: null }))).toEqual(["a.onnx,relu,4,2,8,0.5,9,,,-1.5,10,4,"]);
  });

  it.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ["a=1", "a=1"],
  ])("takes no name for a formula: %j", async (layer, cell) => {
    expect(await cells(row({ layer }))).toEqual([`a.onnx,${cell},4,2,8,0.5,9,,0.25,-1.5,10,4,`]);
  });
});

describe("several models", () => {
  const sizes = [3.1, 1.2, 5.5, 4.0, 2.2];
  const rows = [0.61, 0.55, 0.72, 0.58, 0.66].map((accuracy, i) =>
    row({ sigmaX: sizes[i] as number, sigmaY: sizes[i] as number, accuracy }),
  );
  const textOf = async (own: readonly ModelRow[]) => {
    const comparison = await compareModels(own, at());
    const found = own.map((r) => ({ model: r.model, fields: [], row: r, failure: null }));
    return { comparison, text: fieldsText(found, comparison, at()) };
  };

  it("tell how sure a correlation is, in numbers and words", async () => {
    const { comparison, text } = await textOf(rows);
    expect(comparison.correlations[0]).toMatchObject({
      of: "sigma",
      with: "accuracy",
      models: 5,
      p: 0.35,
      interval: [expect.closeTo(-0.67, 2), expect.closeTo(0.98, 2)],
    });
    expect(text).toContain(
      "sigma and accuracy: r = 0.67, rank correlation 0.60 (95 %: -0.67 to 0.98), by chance p = 0.350; 5 models",
    );
    expect(text).toContain("l1Normalized and accuracy: 5 models have both, too few (or too alike)");
  });

  it("say when so few models cannot tell anything from chance", async () => {
    const three = await textOf([1, 0, 2].map((i) => rows[i] as ModelRow));
    expect(three.text).toContain("by chance p = 0.333 (never below 0.33 with 3 models); 3 models");
    expect(three.text).not.toContain("95 %");
    expect((await textOf(rows.slice(0, 2))).text).toContain(
      "sigma and accuracy: 2 models have both, too few",
    );
  });
});
