// Measures through a network. Oracle: a network that is a sigmoid of a weighted sum, so that every probability is known.
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { measure, measures } from "./index.ts";
import type { Measure } from "./measure.ts";
import { scoreMaps } from "./score-maps.ts";

const WEIGHTS = [3, 2, -1, 0.5];
const open = (type = "float", cast = "x = Identity (image)") =>
  openTextModel(
    `agraph (${type}[N,1,2,2] image) => (float[N,2] logits)
     <float[4,2] w = {${WEIGHTS.flatMap((v) => [v, 0]).join(", ")}}>
     { ${cast}  flat = Flatten (x)  logits = MatMul (flat, w) }`,
  );

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const probability = (values: ArrayLike<number>) =>
  sigmoid(WEIGHTS.reduce((sum, w, i) => sum + w * (values[i] as number), 0));

const grid = (...values: number[]) => ({ values: Float32Array.from(values), dims: [2, 2] as const });
const imageOf = (...values: number[]): PreprocessedImage => ({
  source: "x",
  shape: [1, 2, 2],
  values: Float32Array.from(values),
});
const image = imageOf(1, 0.5, 2, -1);
const pick = (...ids: string[]): Measure[] => ids.map(measure);

/** The model, writing down the inputs of every call of `predict`. */
function watched(model: VisionModel) {
  const calls: number[][][] = [];
  const predict: VisionModel["predict"] = (images, options) => {
    calls.push(images.map((input) => [...(input as PreprocessedImage).values]));
    return model.predict(images, options);
  };
  return { calls, model: { ...model, predict } };
}

describe("scoreMaps", () => {
  it("scores altered inputs with the explained class's probability", async () => {
    await using model = open();
    const maps = [0, 1].map((classIndex) => ({ map: grid(2, 1, 0, -1), classIndex }));
    const [first, second] = await scoreMaps({
      model,
      image,
      maps,
      measures: pick(
        "average-drop",
        "increase-in-confidence",
        "drop-in-deletion",
        "deletion-auc",
        "complexity",
      ),
    });
    const before = probability([1, 0.5, 2, -1]);
    const shown = probability([1, 0.25, 0, 0]);
    const left = probability([0, 0.25, 2, -1]);
    const curve = [
      before,
      ...[
        [0, 0.5, 2, -1],
        [0, 0, 2, -1],
        [0, 0, 0, -1],
        [0, 0, 0, 0],
      ].map(probability),
    ];
    const area = curve.reduce((s, v) => s + v, 0) / 4 - ((curve[0] as number) + (curve[4] as number)) / 8;
    const values = first?.values ?? {};
    expect(values["average-drop"]).toBeCloseTo(Math.max(0, before - shown) / before, 6);
    expect(values["increase-in-confidence"]).toBe(Number(shown > before));
    expect(values["drop-in-deletion"]).toBeCloseTo((before - left) / before, 6);
    expect(values["deletion-auc"]).toBeCloseTo(area, 6);
    expect(values.complexity).toBeCloseTo(0.375, 12);
    expect(first?.reasons).toEqual({});
    // The other class has what is left to one.
    expect(second?.values["deletion-auc"]).toBeCloseTo(1 - area, 6);
    expect(second?.values["average-drop"]).toBeCloseTo(Math.max(0, shown - before) / (1 - before), 6);
  });

  it("runs inputs that several measures want once, in batches across maps", async () => {
    await using model = open();
    const { calls, model: seen } = watched(model);
    const maps = [grid(1, 2, 3, 4), grid(4, 3, 2, 1), grid(0, 0, -1, 0)].map((map) => ({
      map,
      classIndex: 0,
    }));
    const ids = ["average-drop", "increase-in-confidence", "road-most", "road-combined", "deletion-auc"];
    const scored = await scoreMaps({ model: seen, image, maps, measures: pick(...ids), batchSize: 5 });
    // The image; then of two maps 1 kept, 4 + 4 ROAD and 4 deletion steps: 26 inputs.
    expect(calls.map((c) => c.length)).toEqual([1, 5, 5, 5, 5, 5, 1]);
    expect(scored[0]?.probabilities.deletion).toHaveLength(4);
    expect(scored[2]?.values).toEqual(Object.fromEntries(ids.map((id) => [id, undefined])));
    expect(scored[2]?.reasons["road-most"]).toBe("the map holds nothing positive");
  });

  it("gives the same numbers for every batch size, and other noise for another seed", async () => {
    await using model = open();
    const maps = [{ map: grid(1, 2, 3, 4), classIndex: 0 }];
    const run = (batchSize: number, seed: number) =>
      scoreMaps({ model, image, maps, measures: pick("road-combined", "insertion-auc"), batchSize, seed });
    const [once] = await run(16, 1);
    expect((await run(3, 1))[0]).toEqual(once);
    expect((await run(16, 2))[0]?.values["road-combined"]).not.toBe(once?.values["road-combined"]);
  });

  it("asks for no scores where none are needed, and says what is missing", async () => {
    await using model = open();
    const { calls, model: seen } = watched(model);
    const maps = [{ map: grid(1, 2, 3, 4), classIndex: 0 }];
    const [scored] = await scoreMaps({
      model: seen,
      image,
      maps,
      measures: pick("complexity", "energy", "arcc"),
    });
    expect(calls).toEqual([]);
    expect(scored?.values).toEqual({ complexity: 0.625, energy: undefined, arcc: undefined });
    expect(Object.keys(scored?.reasons ?? {})).toEqual(["energy", "arcc"]);
  });

  it("makes the map of the masked image again, once a map", async () => {
    await using model = open();
    const asked: number[][] = [];
    const mapsAgain = async (altered: readonly (PreprocessedImage | undefined)[]) =>
      altered.map((again, index) => {
        if (again === undefined) return undefined;
        asked.push([index, ...again.values]);
        return grid(4, 3, 2, 1);
      });
    const region = { mask: Uint8Array.of(1, 0, 0, 0) };
    const maps = [grid(-1, -1, -1, -1), grid(1, 2, 3, 4)].map((map) => ({ map, classIndex: 0 }));
    const [empty, scored] = await scoreMaps({ model, image, maps, measures, mapsAgain, region });
    expect(empty?.values.coherency).toBeUndefined();
    expect(asked).toEqual([[1, 0.25, 0.25, 1.5, -1]]);
    expect(scored?.values.coherency).toBeCloseTo(0, 6);
    expect(scored?.values.energy).toBeCloseTo(0.1, 6);
    expect(scored?.reasons).toEqual({});
  });

  it("hands whole bytes to a network that takes them", async () => {
    await using model = open("uint8", "x = Cast <to = 1> (image)");
    const { calls, model: seen } = watched(model);
    const maps = [{ map: grid(3, 2, 1, 0), classIndex: 1 }];
    await scoreMaps({ model: seen, image: imageOf(0, 255, 100, 7), maps, measures: pick("average-drop") });
    // 127.5 + (x − 127.5) · (1, 2/3, 1/3, 0)
    expect(calls[1]).toEqual([[0, 213, 118, 128]]);
  });

  it("refuses cells in place of a map", async () => {
    await using model = open();
    const cells = { values: Float32Array.of(1), dims: [1, 1] as const };
    const scoring = scoreMaps({ model, image, maps: [{ map: cells, classIndex: 0 }], measures });
    await expect(scoring).rejects.toMatchObject({ code: "wrong-map-size" });
  });

  it("stops when told to", async () => {
    await using model = open();
    const maps = [{ map: grid(1, 2, 3, 4), classIndex: 0 }];
    const scoring = scoreMaps({ model, image, maps, measures, signal: AbortSignal.abort() });
    await expect(scoring).rejects.toThrow("abort");
  });
});
