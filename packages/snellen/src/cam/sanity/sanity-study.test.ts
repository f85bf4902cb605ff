// Oracle: the same study of the same images under names of their own.
import { expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { tensorImage } from "../targets/test-support/finite-cells.ts";
import { studySanity } from "./sanity-study.ts";

it("compares each image's own class, also of several from one source", async () => {
  await using model = openTextModel(`g (float[N,3,8,8] x, float[6,3,3,3] w, float[216,5] v) => (float[N,5] y)
    { c = Conv (x, w) f = Relu (c) q = Flatten (f) y = MatMul (q, v) }`);
  const images = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => tensorImage(model, seed));
  const classes = (await model.predict(images)).map(({ classIndex }) => classIndex);
  expect(new Set(classes).size).toBeGreaterThan(1);
  const apart = await studySanity(model, images, ["grad-cam"]);
  const together = await studySanity(
    model,
    images.map((image) => ({ ...image, source: "one.png" })),
    ["grad-cam"],
  );
  expect(together).toEqual(apart);
  const [{ similarity, interval } = { similarity: [], interval: null }] = apart?.rows ?? [];
  const [low, high] = interval ?? [1, 0];
  expect(low).toBeLessThan(similarity.at(-1) as number);
  expect(high).toBeGreaterThan(similarity.at(-1) as number);
});
