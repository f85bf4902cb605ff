// R for the dead pixel test: all of it, and a corner under a loupe.
import { createCanvas, paste } from "../../images/canvas.ts";
import { captioned } from "../../images/captioned.ts";
import type { Picture } from "../../images/overlay.ts";
import type { FieldMap } from "./field-map.ts";
import { colored, cornerOf, drawFrame, enlargement, shares } from "./field-picture.ts";

const GAP = 12;

/** R beside its upper left corner, enlarged, with colours of its own so that a checkerboard shows however weak the corner is. */
export function loupePicture({ values, dims }: FieldMap, caption: readonly string[] = []): Picture {
  const whole = colored(shares(values), dims, enlargement(dims));
  const corner = cornerOf({ values, dims });
  const [side] = corner.dims;
  const near = colored(shares(corner.values), corner.dims, enlargement(corner.dims));
  const canvas = createCanvas(whole.width + GAP + near.width, Math.max(whole.height, near.height));
  const factor = enlargement(dims);
  drawFrame(whole, { rows: [0, side - 1], columns: [0, side - 1] }, dims, factor);
  paste(canvas, whole, 0, 0);
  paste(canvas, near, whole.width + GAP, 0);
  return captioned(canvas, [
    ...caption,
    `right: the upper left ${side} x ${side} pixels, in colours of their own`,
  ]);
}
