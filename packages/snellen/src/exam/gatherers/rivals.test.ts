// Two small networks on the same pictures. Oracles: each one's own losses; the other's report, which must say the opposite; how often
// images are read.
import { describe, expect, it } from "vitest";
import type { ImageInput } from "../../images/image.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { PairedLosses, Rivalry, Rivals, Robustness } from "../artifacts.ts";
import { createExamGroup } from "../robustness/exam-group.ts";
import { FAST_CORRUPTIONS } from "../robustness/fast-subset.ts";
import { CNN, contextOf, imageSet, labelled, predictions, VIT } from "../test-support/altered.ts";
import { contrastCurve } from "./contrast-curve.ts";
import { rivals } from "./rivals.ts";
import { robustness } from "./robustness.ts";

const asLosses = (rivalry: Rivalry | undefined, of: "corruptions" | "contrast") =>
  rivalry?.[of] as PairedLosses;

describe("rivals", () => {
  it("are compared image by image, both ways, without running anything twice", async () => {
    await using cnn = openTextModel(CNN, { resize: "squash" });
    await using vit = openTextModel(VIT, { resize: "squash" });
    const sets = [imageSet(await labelled(cnn, 12, 2)), imageSet(await labelled(vit, 12, 1))] as const;
    const group = createExamGroup([
      { name: "cnn", model: cnn, images: sets[0] },
      { name: "vit", model: vit, images: sets[1] },
    ]);
    const contexts = [contextOf(cnn, sets[0], { group }), contextOf(vit, sets[1], { group })] as const;
    const artifacts = { predictions: predictions(sets[0]) };
    const none = { embeddingScale: { reason: "None." } };
    const own = (await robustness.make(artifacts, contexts[0])) as Robustness;
    await contrastCurve.make(none, contexts[0]);
    const first = (await rivals.make(artifacts, contexts[0])) as Rivals;
    const reads = sets.map((set) => set.reads());
    // once for corruptions, once for contrast
    expect(reads).toEqual([24, 24]);
    const second = (await rivals.make(artifacts, contexts[1])) as Rivals;
    const other = (await robustness.make(artifacts, contexts[1])) as Robustness;
    await contrastCurve.make(none, contexts[1]);
    expect(sets.map((set) => set.reads())).toEqual(reads);

    expect(first.own).toEqual({ name: "cnn", kind: "convolutional" });
    expect(first.rivalries.map(({ rival }) => rival)).toEqual([{ name: "vit", kind: "vision-transformer" }]);
    const [mine, theirs] = [first, second].map(({ rivalries }) => asLosses(rivalries[0], "corruptions"));
    expect(mine?.of).toBe("accuracy");
    expect(mine?.each.map(({ name }) => name)).toEqual(FAST_CORRUPTIONS);
    expect(mine?.mean.own.value).toBeCloseTo(own.loss.value as number, 9);
    expect(mine?.mean.rival.value).toBeCloseTo(other.loss.value as number, 9);
    for (const [i, { difference, own, rival }] of (mine?.each ?? []).entries()) {
      expect(difference.value).toBeCloseTo((own.value as number) - (rival.value as number), 9);
      expect(theirs?.each[i]?.difference.value).toBeCloseTo(-(difference.value as number), 9);
    }
    expect(mine?.mean.difference.low).toBeCloseTo(-(theirs?.mean.difference.high as number), 9);
    expect(asLosses(first.rivalries[0], "contrast").each.map(({ name }) => name)).toEqual([
      "1.2",
      "1.5",
      "2",
      "2.5",
      "3",
      "4",
      "5",
    ]);
  });

  it("count the images alone that both have, and by agreement where one has no labels", async () => {
    await using first = openTextModel(CNN, { resize: "squash" });
    await using second = openTextModel(CNN, { resize: "squash" });
    const images = await labelled(first, 5);
    const plain = images.map(({ classIndex: _, ...image }): ImageInput => image);
    const tensor: ImageInput = { source: "t", shape: [3, 32, 32], values: new Float32Array(3072) };
    const sets = [imageSet(images), imageSet([...plain.slice(0, 4), tensor])] as const;
    const group = createExamGroup([
      { name: "a", model: first, images: sets[0] },
      { name: "b", model: second, images: sets[1] },
    ]);
    const found = (await rivals.make(
      { predictions: predictions(sets[0]) },
      contextOf(first, sets[0], { group }),
    )) as Rivals;
    // one and the same network
    expect(found.rivalries[0]?.corruptions).toMatchObject({
      of: "agreement",
      mean: { own: { n: 4 }, rival: { n: 4 }, difference: { value: 0, n: 4 } },
    });
  });

  it("say what cannot be compared, and whose fault it is", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    await using small = openTextModel(CNN.replace("32,32", "16,16"), { resize: "squash" });
    const set = imageSet(await labelled(model, 3));
    const group = createExamGroup([
      { name: "large", model, images: set },
      { name: "small", model: small, images: set },
    ]);
    const [context, artifacts] = [contextOf(model, set, { group }), { predictions: predictions(set) }];
    const found = (await rivals.make(artifacts, context)) as Rivals;
    expect(found.rivalries[0]?.corruptions).toEqual({
      reason: "small: The input of 16x16 pixels is smaller than corruptions take, 32x32.",
    });
    expect(found.rivalries[0]?.contrast).toHaveProperty("mean");
    const alone = { reason: "No other model was examined with this one." };
    expect(await rivals.make(artifacts, contextOf(model, set))).toEqual(alone);
    const single = createExamGroup([{ name: "m", model, images: set }]);
    expect(await rivals.make(artifacts, contextOf(model, set, { group: single }))).toEqual(alone);
  });
});
