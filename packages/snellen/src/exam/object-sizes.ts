// How large annotated objects are on the network's input: their boxes, resized and cropped as the picture is.
import { type ImageInput, isPreprocessed } from "../images/image.ts";
import { placement } from "../images/preprocess.ts";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";

/**
 * √(width · height), in pixels of the input, of what the network sees of each box: the picture's own, else its objects'. Boxes that
 * it does not see are left out, and so are objects with a mask only.
 */
export function objectSizes(spec: PreprocessSpec, image: ImageInput): number[] {
  if (isPreprocessed(image)) return [];
  const { width, height, box, objects = [] } = image;
  const boxes = box === undefined ? objects.map((object) => object.box) : [box];
  const [rows, columns] = spec.size;
  const { scaledWidth, scaledHeight, left, top } = placement(width, height, spec);
  const seen = (from: number, length: number, scale: number, offset: number, size: number): number =>
    Math.min((from + length) * scale - offset, size) - Math.max(from * scale - offset, 0);
  return boxes.flatMap((own) => {
    if (own === undefined) return [];
    const across = seen(own[0], own[2], scaledWidth / width, left, columns);
    const down = seen(own[1], own[3], scaledHeight / height, top, rows);
    return across > 0 && down > 0 ? [Math.sqrt(across * down)] : [];
  });
}
