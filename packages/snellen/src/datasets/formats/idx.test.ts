// Oracle: files written here by the format's definition, byte by byte.
import { describe, expect, it } from "vitest";
import { fashionMnist } from "../fashion-mnist.ts";
import { openRecipe } from "../pictures/open-recipe.ts";
import { parseIdx, parseIdxHeader } from "./idx.ts";

/** An IDX file of unsigned bytes. */
function idx(dims: readonly number[], values: readonly number[], type = 8): Uint8Array {
  const head = dims.flatMap((dim) => [dim >>> 24, (dim >>> 16) & 255, (dim >>> 8) & 255, dim & 255]);
  return Uint8Array.from([0, 0, type, dims.length, ...head, ...values]);
}
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("parseIdx", () => {
  it("reads sizes and values", () => {
    const { dims, values } = parseIdx(idx([2, 3, 2], count(12)), 3, "x");
    expect([dims, [...values]]).toEqual([[2, 3, 2], count(12)]);
    expect(parseIdxHeader(idx([258, 65_537], []), 2, "x").dims).toEqual([258, 65_537]);
  });

  it.each<[string, Uint8Array, number, string]>([
    ["text", Uint8Array.from(Buffer.from("hello, hello, hello!")), 3, "is no IDX file"],
    ["nothing", new Uint8Array(0), 1, "is no IDX file"],
    ["a header that is cut off", idx([2, 3, 2], []).subarray(0, 10), 3, "is no IDX file"],
    ["floats", idx([2], [0, 0], 0x0d), 1, "type 0xd"],
    ["another rank", idx([2, 3], count(6)), 3, "rank 2, not 3"],
    ["missing values", idx([2, 3], count(5)), 2, "is cut off: it has 17 of 18 bytes"],
    ["values too many", idx([2, 3], count(7)), 2, "is too long"],
    ["no pictures", idx([0, 28, 28], []), 3, "empty"],
    ["pictures without pixels", idx([3, 0, 28], []), 3, "empty"],
    ["2 GiB", idx([60_000, 60_000, 28], []), 3, "more than 2 GiB"],
    ["more than a number can hold", idx([0xffffffff, 0xffffffff, 0xffffffff], []), 3, "more than 2 GiB"],
  ])("refuses %s", (_, bytes, rank, message) => {
    const parse = () => parseIdx(bytes, rank, "train.idx");
    expect(parse).toThrow(expect.objectContaining({ name: "UsageError", code: "bad-data-file" }));
    expect(parse).toThrow(`train.idx: `);
    expect(parse).toThrow(message);
  });
});

describe("fashion-mnist", () => {
  const read = (bytes: Uint8Array, file: string) => ({ bytes, file });
  const recipe = (images: Uint8Array, classes: Uint8Array) =>
    fashionMnist.recipe([read(images, "images"), read(classes, "labels")], "train");

  it("is grey pictures and their classes, by index", async () => {
    const pictures = openRecipe(recipe(idx([3, 2, 2], count(12)), idx([3], [9, 0, 4])));
    expect(pictures).toMatchObject({ count: 3, shape: { height: 2, width: 2, channels: 1 } });
    expect([0, 1, 2].map((i) => pictures.labels[pictures.classOf(i)])).toEqual([
      "Ankle boot",
      "T-shirt/top",
      "Coat",
    ]);
    expect(await pictures.read(1)).toEqual({
      width: 2,
      height: 2,
      data: Uint8Array.of(4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7),
      source: "fashion-mnist[1]",
    });
    await expect(pictures.read(3)).rejects.toThrow(RangeError);
  });

  it("has another version for other pictures or classes", () => {
    const version = (images: number[], classes: number[]) =>
      recipe(idx([2, 1, 1], images), idx([2], classes)).version;
    const versions = [version([1, 2], [0, 1]), version([1, 3], [0, 1]), version([1, 2], [1, 0])];
    expect(new Set(versions).size).toBe(3);
    expect(version([1, 2], [0, 1])).toBe(versions[0]);
  });

  it("refuses files that do not fit one another", () => {
    const images = idx([2, 1, 1], [1, 2]);
    expect(() => recipe(images, idx([3], [0, 0, 0]))).toThrow("labels: holds 3 classes for 2 pictures.");
    expect(() => recipe(images, idx([2], [0, 10]))).toThrow("labels: holds class 10;");
  });
});
