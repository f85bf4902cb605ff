// On a small network. Oracles: pictures corrupted and predicted one by one; a mean by hand.
import { describe, expect, it } from "vitest";
import { corrupt } from "../../corruptions/corrupt.ts";
import { createCorruptor } from "../../corruptions/corruptor.ts";
import { corruption } from "../../corruptions/index.ts";
import type { ImageInput } from "../../images/image.ts";
import { fitImage } from "../../images/preprocess.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { Robustness } from "../artifacts.ts";
import { FAST_CORRUPTIONS, FAST_SEVERITIES } from "../robustness/fast-subset.ts";
import { CNN, contextOf, imageSet, labelled, picture, predictions } from "../test-support/altered.ts";
import { robustness } from "./robustness.ts";

describe("robustness", () => {
  it("is the error under each condition, and what it is above that of the clean pictures", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const images = await labelled(model, 12, 3);
    const set = imageSet(images);
    const found = (await robustness.make(
      { predictions: predictions(set) },
      contextOf(model, set),
    )) as Robustness;
    const { spec } = model.info.preprocessing;
    const errors: number[] = [];
    for (const id of FAST_CORRUPTIONS)
      for (const severity of FAST_SEVERITIES) {
        const altered = images.map((own) =>
          corrupt(fitImage(own, spec), corruption(id), { severity, seed: 0 }),
        );
        const wrong = (await model.predict(altered)).filter(
          ({ classIndex }, i) => classIndex !== images[i]?.classIndex,
        ).length;
        const own = found.figures.conditions.find((c) => c.corruption === id && c.severity === severity);
        expect(own?.error).toMatchObject({ value: wrong / 12, n: 12 });
        errors.push(wrong / 12);
      }
    // or the test could not tell
    expect(new Set(errors).size).toBeGreaterThan(2);
    expect(found.figures.summary.cleanError.value).toBe(0.25);
    const mean = errors.reduce((a, b) => a + b) / errors.length;
    expect(found.loss).toMatchObject({ of: "accuracy", n: 12 });
    expect(found.loss.value).toBeCloseTo(mean - 0.25, 9);
    expect(found.losses.map(({ corruption }) => corruption)).toEqual(FAST_CORRUPTIONS);
    expect(found.losses[1]?.value).toBeCloseTo(((errors[2] ?? 0) + (errors[3] ?? 0)) / 2 - 0.25, 9);
  });

  it("is the change of predictions without labels, and corrupts where the context says", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const set = imageSet([picture(1), picture(2)]);
    const orders: string[] = [];
    const plain = createCorruptor();
    const corruptor: typeof plain = {
      ...plain,
      corrupt: (images, order) => {
        orders.push(`${order.corruption}/${order.severity}`);
        return plain.corrupt(images, order);
      },
    };
    const steps: number[] = [];
    const context = contextOf(model, set, { corruptor, onProgress: (_, done) => steps.push(done) });
    const found = await robustness.make({ predictions: predictions(set) }, context);
    expect(found).toMatchObject({ loss: { of: "agreement", n: 2 } });
    expect(orders).toHaveLength(10);
    expect(steps.at(-1)).toBe(1);
  });

  it("is on at most a hundred images, spread over all", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const [first] = await labelled(model, 1);
    const set = imageSet(
      Array.from({ length: 130 }, (_, i) => ({ ...(first as typeof first & object), source: `${i}` })),
    );
    const none = { ...createCorruptor(), corrupt: async (images: never) => images };
    const context = contextOf(model, set, { corruptor: none as never, batch: 50 });
    const found = (await robustness.make({ predictions: predictions(set) }, context)) as Robustness;
    expect([set.reads(), found.loss.n, found.loss.value]).toEqual([100, 100, 0]);
  });

  it("has no answer for small inputs, for tensors, and without images", async () => {
    const small = CNN.replace("32,32", "16,31");
    await using tiny = openTextModel(small);
    await using model = openTextModel(CNN);
    const reasonOf = async (context: ReturnType<typeof contextOf>) =>
      ((await robustness.make({ predictions: [] }, context)) as { reason?: string }).reason;
    expect(await reasonOf(contextOf(tiny, imageSet([picture(1)])))).toBe(
      "The input of 16x31 pixels is smaller than corruptions take, 32x32.",
    );
    const tensor: ImageInput = {
      source: "a.npy[0]",
      shape: [3, 32, 32],
      values: new Float32Array(3 * 32 * 32),
    };
    const skipped: string[] = [];
    const onSkip = ({ source }: { source: string }) => skipped.push(source);
    expect(await reasonOf(contextOf(model, imageSet([tensor]), { onSkip }))).toBe(
      "The images are preprocessed tensors; corruptions alter pictures.",
    );
    // a tensor is no unreadable image
    expect(skipped).toEqual([]);
    expect(await reasonOf(contextOf(model, imageSet([])))).toBe("No image could be read.");
  });
});
