// What a heat map of an image should find: the class to explain, and where its object lies on the network's input.
import { ImageError } from "@snellen/graph";
import { findClasses } from "../datasets/labels.ts";
import { type ImageInput, type ImageObject, isPreprocessed } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Region } from "./measures/measure.ts";
import { regionOf } from "./measures/region.ts";
import { labelIndexOf } from "./targets/class-reference.ts";

/** One byte a pixel. */
export interface MaskImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** The file holds numbers of colours, `data` the colours: what is not 0 is known, the numbers are not. */
  readonly isPalette?: boolean;
}

/** A decoded mask file as a mask: a grey's own value, of colours the first part that is not 0. @param data RGB, three bytes a pixel */
export const maskOfPixels = (
  { width, height, data }: Omit<MaskImage, "isPalette">,
  isPalette: boolean,
): MaskImage => ({
  width,
  height,
  isPalette,
  data: Uint8Array.from(
    { length: width * height },
    (_, i) => data[3 * i] || data[3 * i + 1] || (data[3 * i + 2] as number),
  ),
});

/** Reads a mask file; the door's business. */
export type ReadMask = (path: string) => Promise<MaskImage>;

/** An annotated object of an image: its class among the model's, and where it lies on the network's input. */
export interface FoundObject {
  readonly classIndex: number;
  readonly region: Region;
}

/**
 * Of an image with one labelled object, that; of one with many, all objects of the name whose class scores highest.
 * @param logits scores of the image
 * @param readMask without it, masks are not looked at
 * @returns undefined where no object of a class that the model knows is annotated, or all lie outside of what it sees
 * @throws ImageError of a mask that cannot be read, is of another size than its picture, or has colours where values are asked for
 */
export async function findObject(
  info: DescribedModel,
  image: ImageInput,
  logits: Float32Array,
  readMask?: ReadMask,
): Promise<FoundObject | undefined> {
  if (isPreprocessed(image)) return undefined;
  const best = candidates(info, image)
    .flatMap(({ objects, classes }) =>
      classes.map((classIndex) => ({ objects, classIndex, score: logits[classIndex] as number })),
    )
    .sort((a, b) => b.score - a.score)[0];
  if (best === undefined) return undefined;
  const { width, height } = image;
  const regions: Region[] = [];
  for (const object of best.objects) {
    const mask = await maskOf(object, image, readMask);
    const region = regionOf(info.preprocessing.spec, { width, height, box: object.box, mask });
    if (region !== undefined) regions.push(region);
  }
  const [first, ...others] = regions;
  if (first === undefined) return undefined;
  for (const { mask } of others)
    for (const [i, v] of mask.entries()) first.mask[i] = Math.max(first.mask[i] as number, v);
  return { classIndex: best.classIndex, region: first };
}

interface Candidate {
  readonly objects: readonly ImageObject[];
  readonly classes: readonly number[];
}

function candidates(info: DescribedModel, image: ImageInput): Candidate[] {
  const { box, maskFile } = image;
  const own = labelIndexOf(info, image);
  if (own !== undefined && (box ?? maskFile) !== undefined)
    return [{ objects: [{ name: "", classIndices: [own], box, maskFile }], classes: [own] }];
  const byName = new Map<string, ImageObject[]>();
  for (const object of image.objects ?? [])
    byName.set(object.name, [...(byName.get(object.name) ?? []), object]);
  return [...byName].map(([name, objects]) => ({ objects, classes: classesOf(info, name, objects) }));
}

/** Where ImageNet-1k's first class stands, by the number of classes: TensorFlow's networks have a background class first. */
const IMAGENET_SHIFT: ReadonlyMap<number, number> = new Map([
  [1000, 0],
  [1001, 1],
]);

/** Indices that the annotation names, else the model's classes of that name. */
function classesOf(
  { logits, labels }: DescribedModel,
  name: string,
  objects: readonly ImageObject[],
): number[] {
  const { classIndices, isImageNet = false } = objects[0] as ImageObject;
  const shift = isImageNet ? IMAGENET_SHIFT.get(logits.classes) : 0;
  // a network of other classes has no use for ImageNet's indices
  const given = shift === undefined ? [] : classIndices.map((index) => index + shift);
  const found = given.length > 0 ? given : findClasses(labels.names ?? [], name);
  return found.filter((index) => index < logits.classes);
}

async function maskOf(
  { maskFile, maskValue }: ImageObject,
  image: { readonly width: number; readonly height: number; readonly source: string },
  readMask: ReadMask | undefined,
): Promise<Uint8Array | undefined> {
  if (maskFile === undefined || readMask === undefined) return undefined;
  const { width, height, data, isPalette } = await readMask(maskFile);
  if (width !== image.width || height !== image.height)
    throw new ImageError(
      "wrong-mask-size",
      `the mask is ${width}x${height}, its picture ${image.width}x${image.height}.`,
      { where: maskFile, hint: "A mask has the size of its picture, one byte a pixel." },
    );
  if (maskValue !== undefined && isPalette === true)
    throw new ImageError(
      "palette-mask",
      `the mask is an image with a palette, where pixels of value ${maskValue} are asked for.`,
      { where: maskFile, hint: "Save the mask as grey values, one byte a pixel." },
    );
  return maskValue === undefined ? data : data.map((v) => (v === maskValue ? 1 : 0));
}
