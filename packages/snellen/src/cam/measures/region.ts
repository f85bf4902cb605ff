// Where the object of a picture lies on the network's input: its box or mask, resized and cropped as the picture is.
import { ImageError } from "@snellen/graph";
import type { ImageLabel } from "../../images/image.ts";
import { type Placement, placement } from "../../images/preprocess.ts";
import type { PreprocessSpec } from "../../images/preprocess-spec.ts";
import type { Region } from "./measure.ts";

export interface RegionSource {
  /** Size of the original picture. */
  readonly width: number;
  readonly height: number;
  /** [x, y, width, height] in pixels of the original picture; not looked at where there is a mask. */
  readonly box?: ImageLabel["box"];
  /** One byte a pixel of the original picture; not 0 = object. */
  readonly mask?: Uint8Array;
}

/** Whether the point (x, y) of the original picture, in pixels from its upper left corner, belongs to the object. */
type IsObject = (x: number, y: number) => boolean;

/**
 * A pixel of the input belongs to the object when its centre, traced back to the picture, does; a box too small for any
 * centre has the pixel that its own centre falls into.
 * @returns undefined without box and mask, and where the object lies outside of what the network sees
 * @throws ImageError `wrong-mask-size`
 */
export function regionOf(spec: PreprocessSpec, source: RegionSource): Region | undefined {
  const isObject = source.mask === undefined ? insideBox(source) : insideMask(source, source.mask);
  if (isObject === undefined) return undefined;
  const [height, width] = spec.size;
  const place = placement(source.width, source.height, spec);
  const mask = new Uint8Array(height * width);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const x = ((column + 0.5 + place.left) * source.width) / place.scaledWidth;
      const y = ((row + 0.5 + place.top) * source.height) / place.scaledHeight;
      mask[row * width + column] = Number(isObject(x, y));
    }
  if (mask.includes(1)) return { mask };
  const centre = centreOf(spec, source, place);
  if (centre === undefined) return undefined;
  mask[centre] = 1;
  return { mask };
}

const insideBox = ({ box }: RegionSource): IsObject | undefined => {
  if (box === undefined) return undefined;
  const [left, top, width, height] = box;
  return (x, y) => x >= left && x < left + width && y >= top && y < top + height;
};

function insideMask({ width, height }: RegionSource, mask: Uint8Array): IsObject {
  if (mask.length !== width * height)
    throw new ImageError(
      "wrong-mask-size",
      `the mask holds ${mask.length} pixels, expected ${width * height} (${width}x${height}).`,
      { hint: "A mask has the size of its picture, one byte a pixel." },
    );
  return (x, y) =>
    x >= 0 && x < width && y >= 0 && y < height && mask[Math.floor(y) * width + Math.floor(x)] !== 0;
}

/** Index of the input's pixel that the box's centre falls into; undefined outside of the input and for masks. */
function centreOf(
  { size: [rows, columns] }: PreprocessSpec,
  { width, height, box, mask }: RegionSource,
  { scaledWidth, scaledHeight, left, top }: Placement,
): number | undefined {
  if (box === undefined || mask !== undefined) return undefined;
  const column = Math.floor(((box[0] + box[2] / 2) * scaledWidth) / width - left);
  const row = Math.floor(((box[1] + box[3] / 2) * scaledHeight) / height - top);
  return column >= 0 && column < columns && row >= 0 && row < rows ? row * columns + column : undefined;
}
