// Oracle: records written here by the format's definition: class bytes, then planes of red, green and blue.
import { describe, expect, it } from "vitest";
import { cifar10 } from "../cifar10.ts";
import { cifar100 } from "../cifar100.ts";
import { openRecipe } from "../pictures/open-recipe.ts";

/** A record whose red, green and blue are plane + a number that tells pixels apart. */
const record = (classes: readonly number[], first: number): number[] => [
  ...classes,
  ...Array.from({ length: 3 * 1024 }, (_, i) => (first + 50 * Math.floor(i / 1024) + ((i % 1024) % 7)) % 256),
];
const read = (...records: readonly number[][]) => ({ bytes: Uint8Array.from(records.flat()), file: "x.bin" });
const text = (content: string) => ({ bytes: Uint8Array.from(Buffer.from(content)), file: "names.txt" });

describe("cifar10", () => {
  it("reads planes as pixels, from all batches in their order", async () => {
    const parts = [read(record([3], 0), record([9], 10)), read(record([0], 20))];
    const pictures = openRecipe(cifar10.recipe([undefined, ...parts], "train"));
    expect(pictures).toMatchObject({ count: 3, shape: { height: 32, width: 32, channels: 3 } });
    expect([0, 1, 2].map((i) => pictures.labels[pictures.classOf(i)])).toEqual(["cat", "truck", "airplane"]);
    const { data } = await pictures.read(2);
    expect(data.length).toBe(3072);
    expect([...data.subarray(0, 6)]).toEqual([20, 70, 120, 21, 71, 121]);
    expect([...data.subarray(3069)]).toEqual([20, 70, 120].map((v) => v + (1023 % 7)));
    expect((await pictures.read(1)).data[0]).toBe(10);
    expect(pictures.labels[3]).toBe("cat");
  });

  it("takes names from the file beside the batches", () => {
    const recipe = cifar10.recipe([text("a\nb\n\n"), read(record([1], 0))], "test");
    expect(recipe.labels).toEqual(["a", "b"]);
    expect(() => cifar10.recipe([text("a\nb\n"), read(record([2], 0))], "test")).toThrow(
      expect.objectContaining({ code: "bad-data-file", what: "holds class 2; cifar10 has 2 classes." }),
    );
  });

  it("asks for the batches of its split", () => {
    const names = (split: "train" | "test") => cifar10.files(split).flatMap((file) => file.names);
    expect(names("test")).toEqual(["batches.meta.txt", "test_batch.bin"]);
    expect(names("train").slice(1)).toEqual([1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`));
  });

  it("refuses files of other lengths, before and after they are read", () => {
    const file = cifar10.files("test")[1]!;
    expect(file.lengthOf(new Uint8Array(0), 3 * 3073, "x")).toBe(3 * 3073);
    for (const size of [0, 1, 3072, 3074, 3073 * 2 - 1])
      expect(() => file.lengthOf(new Uint8Array(0), size, "x")).toThrow(
        expect.objectContaining({ code: "bad-data-file" }),
      );
    expect(() => file.lengthOf(new Uint8Array(0), 3073 * 1e6, "x")).toThrow("more than 2 GiB");
    expect(() => cifar10.recipe([undefined, read([1, 2, 3])], "test")).toThrow(
      "no whole number of 3073-byte",
    );
  });
});

describe("cifar100", () => {
  it("goes by the fine class, the second byte", async () => {
    const names = text(Array.from({ length: 100 }, (_, i) => `thing ${i}`).join("\n"));
    const pictures = openRecipe(cifar100.recipe([names, read(record([19, 99], 7))], "test"));
    expect(pictures.labels[pictures.classOf(0)]).toBe("thing 99");
    expect([...(await pictures.read(0)).data.subarray(0, 3)]).toEqual([7, 57, 107]);
  });
});
