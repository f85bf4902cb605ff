// Oracle: regions by hand on pictures of the network's own size, where a pixel of the picture is one of the input.
import { describe, expect, it } from "vitest";
import type { Image } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { findObject } from "./objects.ts";

const info = {
  logits: { classes: 4 },
  labels: { names: ["cat", "dog", "tree", "car"], origin: "given" },
  preprocessing: { spec: { size: [4, 6], resize: "squash", shortSide: 4, channels: "RGB" } },
} as unknown as DescribedModel;

const picture = (more: Partial<Image>): Image => ({
  width: 6,
  height: 4,
  data: new Uint8Array(72),
  source: "a.png",
  ...more,
});

const noMask = () => Promise.reject(new Error("no mask was asked for"));
const logits = Float32Array.of(1, 3, 2, 0);
const marked = (mask: Uint8Array | undefined) => [...(mask ?? [])].flatMap((v, i) => (v === 1 ? [i] : []));

describe("findObject", () => {
  it("takes the labelled object's box", async () => {
    const image = picture({ classIndex: 3, box: [1, 1, 2, 1] });
    const found = await findObject(info, image, logits, noMask);
    expect(found?.classIndex).toBe(3);
    expect(marked(found?.region.mask)).toEqual([7, 8]);
  });

  it("takes all objects of the name whose class scores highest, by index or by name", async () => {
    const image = picture({
      objects: [
        { name: "tree", classIndices: [], box: [0, 0, 1, 1] },
        { name: "animal", classIndices: [0, 1], box: [2, 0, 1, 1] },
        { name: "animal", classIndices: [0, 1], box: [5, 3, 1, 1] },
        { name: "unknown", classIndices: [], box: [0, 0, 6, 4] },
        { name: "beyond", classIndices: [99], box: [0, 0, 6, 4] },
      ],
    });
    const found = await findObject(info, image, logits, noMask);
    expect([found?.classIndex, marked(found?.region.mask)]).toEqual([1, [2, 23]]);
  });

  it.each([
    [1000, 2],
    [1001, 3],
    [10, undefined],
  ])("takes ImageNet's indices for what they are in a network of %i classes", async (classes, expected) => {
    const network = { ...info, logits: { classes }, labels: { origin: "none" } } as unknown as DescribedModel;
    const objects = [{ name: "cat", classIndices: [2], isImageNet: true, box: [0, 0, 2, 2] as const }];
    const found = await findObject(network, picture({ objects }), new Float32Array(classes), noMask);
    expect(found?.classIndex).toBe(expected);
  });

  it("tells objects in a mask apart by their value", async () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => (i < 2 ? 1 : i < 5 ? 2 : 0));
    const read = async () => ({ width: 6, height: 4, data });
    const object = { name: "dog", classIndices: [1], maskFile: "m.png" };
    const one = await findObject(info, picture({ objects: [{ ...object, maskValue: 2 }] }), logits, read);
    const all = await findObject(info, picture({ objects: [object] }), logits, read);
    expect([marked(one?.region.mask), marked(all?.region.mask)]).toEqual([
      [2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  it("refuses a mask of another size, naming it", async () => {
    const read = async () => ({ width: 6, height: 3, data: new Uint8Array(18) });
    const image = picture({ classIndex: 1, maskFile: "m.png" });
    await expect(findObject(info, image, logits, read)).rejects.toMatchObject({
      code: "wrong-mask-size",
      message: expect.stringContaining("m.png: the mask is 6x3, its picture 6x4."),
    });
  });

  it("refuses to tell objects apart by the colours of a palette, but takes all that are not black", async () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => (i < 2 ? 128 : 0));
    const read = async () => ({ width: 6, height: 4, data, isPalette: true });
    const object = { name: "dog", classIndices: [1], maskFile: "m.png" };
    const valued = picture({ objects: [{ ...object, maskValue: 2 }] });
    await expect(findObject(info, valued, logits, read)).rejects.toMatchObject({
      code: "palette-mask",
      message: expect.stringContaining("m.png: the mask is an image with a palette"),
    });
    const found = await findObject(info, picture({ objects: [object] }), logits, read);
    expect(marked(found?.region.mask)).toEqual([0, 1]);
  });

  it("finds nothing where nothing is annotated, known or seen", async () => {
    const unknown = picture({ objects: [{ name: "zebra", classIndices: [], box: [0, 0, 1, 1] }] });
    for (const image of [picture({}), picture({ classIndex: 1 }), unknown])
      expect(await findObject(info, image, logits, noMask)).toBeUndefined();
  });
});
