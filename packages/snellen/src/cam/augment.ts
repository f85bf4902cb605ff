// Augmentation smoothing: the mean of the maps of six versions of an image, mirrored or not, at 0.9, 1 and 1.1 times its values.
// As in pytorch-grad-cam (`aug_smooth`); maps are averaged unscaled here.
import type { PreprocessedImage } from "../images/image.ts";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import { withValues } from "../images/preprocessed.ts";
import { type CamMap, conservation, type Grid } from "./cam-map.ts";

export interface Augmentation {
  readonly mirrored: boolean;
  readonly factor: number;
}

export const augmentations: readonly Augmentation[] = [1, 0.9, 1.1].flatMap((factor) => [
  { mirrored: false, factor },
  { mirrored: true, factor },
]);

/** The image's tensor, mirrored left to right and multiplied. */
export function augmented(
  spec: PreprocessSpec,
  image: PreprocessedImage,
  { mirrored, factor }: Augmentation,
): PreprocessedImage {
  const width = image.shape[2];
  const values = image.values.map((_, i) => {
    const column = i % width;
    const from = mirrored ? i - column + (width - 1 - column) : i;
    return factor * (image.values[from] as number);
  });
  return withValues(spec, image, values);
}

/** The grid mirrored left to right. */
export function mirroredGrid({ values, dims }: Grid): Grid {
  const width = dims[1];
  return {
    dims,
    values: values.map((_, i) => values[i - (i % width) + (width - 1 - (i % width))] as number),
  };
}

/** The mean of maps of one image; numbers and warnings are the first's, sums those of the mean. */
export function meanOfMaps(maps: readonly CamMap[]): CamMap {
  const first = maps[0] as CamMap;
  const meanOf = (grids: readonly Grid[]): Grid => ({
    dims: (grids[0] as Grid).dims,
    values: (grids[0] as Grid).values.map(
      (_, i) => grids.reduce((sum, grid) => sum + (grid.values[i] as number), 0) / grids.length,
    ),
  });
  const cells = meanOf(maps.map((m) => m.cells));
  const map = meanOf(maps.map((m) => m.map));
  const remainder = maps.reduce((sum, m) => sum + m.remainder, 0) / maps.length;
  return { ...first, cells, map, ...conservation(cells, map, first.score, remainder) };
}
