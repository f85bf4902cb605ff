// Objects in images, as detection data sets annotate them: boxes, and masks whose pixel values tell objects apart.
// Two forms: COCO's own (images, annotations, categories), and a list of images with their boxes and mask.
import type { ImageObject } from "../images/image.ts";
import { isRecord } from "../json.ts";

/** The objects of one image; paths as the document writes them. */
export interface AnnotatedFile {
  readonly file: string;
  readonly objects: readonly ImageObject[];
}

type Json = Readonly<Record<string, unknown>>;

const recordsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Undefined where the document holds no objects. */
export function annotatedObjects(json: Json): AnnotatedFile[] | undefined {
  const found = Array.isArray(json.annotations) ? fromCoco(json) : fromImages(json);
  return found.some(({ objects }) => objects.length > 0) ? found : undefined;
}

/** `images: [{ id, file_name }]`, `annotations: [{ image_id, category_id, bbox }]`, `categories: [{ id, name }]`. */
function fromCoco(json: Json): AnnotatedFile[] {
  const names = new Map(recordsOf(json.categories).map(({ id, name }) => [id, String(name)]));
  const byImage = new Map<unknown, ImageObject[]>();
  for (const { image_id, category_id, bbox } of recordsOf(json.annotations)) {
    const box = boxOf(bbox);
    if (box === undefined) continue;
    const object = { name: names.get(category_id) ?? String(category_id), classIndices: [], box };
    byImage.set(image_id, [...(byImage.get(image_id) ?? []), object]);
  }
  return recordsOf(json.images).flatMap(({ id, file_name }) =>
    typeof file_name === "string" ? [{ file: file_name, objects: byImage.get(id) ?? [] }] : [],
  );
}

/**
 * `images: [{ file, boxes: [{ category, x, y, w, h }], mask, segments: [{ value, category }] }]`, and under
 * `classes_of_category` the model's classes that a category stands for, or ImageNet-1k's under `imagenet_of_category`.
 */
function fromImages(json: Json): AnnotatedFile[] {
  const own = isRecord(json.classes_of_category) ? json.classes_of_category : undefined;
  const imageNet = isRecord(json.imagenet_of_category) ? json.imagenet_of_category : undefined;
  const named = (category: unknown): Pick<ImageObject, "name" | "classIndices" | "isImageNet"> => {
    const indices = (own ?? imageNet)?.[String(category)];
    return {
      name: String(category),
      classIndices: Array.isArray(indices) ? indices.filter(isNumber) : [],
      ...(own === undefined && imageNet !== undefined ? { isImageNet: true } : {}),
    };
  };
  return recordsOf(json.images).flatMap(({ file, boxes, mask, segments }) => {
    if (typeof file !== "string") return [];
    const marked =
      typeof mask === "string"
        ? recordsOf(segments).flatMap(({ value, category }) =>
            isNumber(value) ? [{ ...named(category), maskFile: mask, maskValue: value }] : [],
          )
        : [];
    const masked = new Set(marked.map(({ name }) => name));
    const boxed = recordsOf(boxes).flatMap(({ category, x, y, w, h }) => {
      const box = boxOf([x, y, w, h]);
      return box === undefined || masked.has(String(category)) ? [] : [{ ...named(category), box }];
    });
    return [{ file, objects: [...marked, ...boxed] }];
  });
}

function boxOf(value: unknown): ImageObject["box"] | undefined {
  const isBox = Array.isArray(value) && value.length === 4 && value.every(isNumber);
  return isBox && (value[2] as number) > 0 && (value[3] as number) > 0
    ? (value as unknown as NonNullable<ImageObject["box"]>)
    : undefined;
}
