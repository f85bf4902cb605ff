import { expect, it } from "vitest";
import { corrupt } from "../corruptions/corrupt.ts";
import { corruption } from "../corruptions/index.ts";
import type { Image } from "../images/image.ts";
import { createCorruptionPool } from "./corruption-pool.ts";

const images = Array.from(
  { length: 5 },
  (_, k): Image => ({
    width: 40,
    height: 33,
    data: Uint8Array.from({ length: 40 * 33 * 3 }, (_, i) => (i * (k + 7)) % 251),
    source: `picture ${k}`,
    classIndex: k,
  }),
);

it("gives what one thread gives, in order, on any number of threads", async () => {
  const order = { corruption: "gaussian_noise", severity: 3, seed: 4 } as const;
  const expected = images.map((image) => corrupt(image, corruption(order.corruption), order));
  for (const threads of [1, 3]) {
    await using pool = createCorruptionPool({ threads });
    const made = await Promise.all(images.map((image) => pool.corrupt([image], order)));
    expect(made.flat()).toEqual(expected);
  }
});

it("throws what the corruption throws, by its class and code", async () => {
  await using pool = createCorruptionPool({ threads: 1 });
  const tiny = { width: 2, height: 2, data: new Uint8Array(12), source: "tiny.png" };
  await expect(
    pool.corrupt([tiny], { corruption: "gaussian_noise", severity: 1, seed: 0 }),
  ).rejects.toMatchObject({
    name: "ImageError",
    code: "image-too-small",
    message: expect.stringMatching(/^tiny\.png: .* Give larger pictures/),
  });
  await expect(
    pool.corrupt(images, { corruption: "gausian_noise", severity: 1, seed: 0 }),
  ).rejects.toMatchObject({ name: "UsageError", code: "unknown-corruption", hint: expect.any(String) });
});
