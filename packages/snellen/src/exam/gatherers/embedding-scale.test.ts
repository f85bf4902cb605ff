// On small networks. Oracles: the measurement asked for directly; E without a bias, whose patches follow the colours.
import { describe, expect, it } from "vitest";
import { measureEmbeddingScale } from "../../patch-embedding/embedding-scale.ts";
import type { EmbeddingScale } from "../../patch-embedding/embedding-scale-result.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { CNN, contextOf, imageSet, labelled, predictions, VIT } from "../test-support/altered.ts";
import { embeddingScale } from "./embedding-scale.ts";

describe("embeddingScale", () => {
  it("is that of the images with their labels", async () => {
    await using model = openTextModel(VIT, { resize: "squash" });
    const images = await labelled(model, 10, 2);
    const set = imageSet(images);
    const found = (await embeddingScale.make(
      { predictions: predictions(set) },
      contextOf(model, set),
    )) as EmbeddingScale;
    const direct = (await measureEmbeddingScale(model, set.entries)) as EmbeddingScale;
    expect(found.rows).toEqual(direct.rows);
    expect([found.n, found.labelled, found.rows[0]?.accuracy.value]).toEqual([10, 10, 0.8]);
  });

  it("takes classes from the list of images", async () => {
    await using model = openTextModel(VIT, { resize: "squash" });
    const images = await labelled(model, 4);
    const entries = images.map(({ classIndex, ...plain }) => ({
      source: plain.source,
      label: { classIndex },
      read: async () => plain,
    }));
    const set = { name: "all", entries };
    const found = await embeddingScale.make({ predictions: predictions(set) }, contextOf(model, set));
    expect(found).toMatchObject({ labelled: 4 });
  });

  it("has no answer for other networks, in the finder's own words, nor for positions that are all zero", async () => {
    await using cnn = openTextModel(CNN, { resize: "squash" });
    const set = imageSet(await labelled(cnn, 2));
    const made = (model: typeof cnn) =>
      embeddingScale.make({ predictions: predictions(set) }, contextOf(model, set));
    expect(await made(cnn)).toEqual({
      reason: expect.stringMatching(
        /^There is no positional embedding to weigh: no convolution whose stride/,
      ),
    });
    await using zero = openTextModel(
      VIT.replace("z = Add (t, pos)", "none = Sub (pos, pos) z = Add (t, none)"),
      { resize: "squash" },
    );
    expect(await made(zero)).toEqual({ reason: expect.stringContaining("zero at every patch") });
    expect(await embeddingScale.make({ predictions: [] }, contextOf(cnn, imageSet([])))).toEqual({
      reason: "No image could be read.",
    });
  });
});
