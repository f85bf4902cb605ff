// Oracle: pictures of the `imagecorruptions` package, and the sums of its kernels.
import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { defocusBlur } from "./defocus-blur.ts";

equalsReference(defocusBlur);
takesPicturesOfAnySize(defocusBlur);

// 8 and 10 fill the grid that the reference draws them on, so that its kernels add to 1.013 and 1.011
it.each([
  [0, 1],
  [1, 1],
  [2, 1],
  [3, 1.01298],
  [4, 1.01079],
])("brightens one colour at level %i by the factor %f", (index, factor) => {
  const level = defocusBlur.levels[index]!;
  const colour = [120, 200, 30];
  const made = defocusBlur.apply(plainPicture(50, 40, colour), level, undefined);
  for (const [c, value] of colour.entries())
    expect(new Set(made.filter((_, i) => i % 3 === c))).toEqual(new Set([Math.trunc(value * factor + 1e-6)]));
});
