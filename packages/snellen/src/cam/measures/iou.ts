// Intersection over union of the object and the part of the map above a threshold: the best threshold's, and at fixed ones.
// Thresholds are shares of the maximum, as in Zhou et al., "Learning Deep Features…" (CAM), CVPR 2016; the best
// one as in Choe et al., "Evaluating Weakly Supervised Object Localization Methods Right", CVPR 2020, arXiv:2001.07437.
import type { Measure, Region } from "./measure.ts";

const objectSize = ({ mask }: Region): number => mask.reduce((sum, v) => sum + v, 0);

/** Of the pixels whose share of the maximum is at least `threshold`. */
function iouAt(mask: Float32Array, region: Region, threshold: number): number {
  let [both, marked] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] as number) < threshold) continue;
    marked += 1;
    both += region.mask[i] as number;
  }
  return both / (marked + objectSize(region) - both);
}

/** The highest over all thresholds above 0: every distinct value of the map is tried. */
function bestIou(mask: Float32Array, order: Uint32Array, region: Region): number {
  const object = objectSize(region);
  let [both, best] = [0, 0];
  for (let k = 0; k < order.length; k++) {
    const i = order[k] as number;
    if (mask[i] === 0) break;
    both += region.mask[i] as number;
    const isLastOfItsValue = mask[order[k + 1] as number] !== mask[i];
    if (isLastOfItsValue) best = Math.max(best, both / (k + 1 + object - both));
  }
  return best;
}

const measureOf = (
  id: string,
  title: string,
  what: string,
  iouOf: (mask: Float32Array, region: Region, order: () => Uint32Array) => number,
): Measure => ({
  id,
  title,
  summary: `Intersection over union of the object and ${what}; 0 to 1.`,
  paper: "Choe et al., CVPR 2020, arXiv:2001.07437; thresholds as Zhou et al., CVPR 2016",
  better: "higher",
  needs: ["region"],
  perturbations: [],
  measure: ({ subject: { mask, order }, region }) =>
    region === undefined ? undefined : iouOf(mask, region, order),
});

export const iou = measureOf(
  "iou",
  "IoU, best threshold",
  "the map above the threshold that suits it best",
  (mask, region, order) => bestIou(mask, order(), region),
);

/** `iou-25`, `iou-50`, `iou-75`. */
export const iouAtThresholds: readonly Measure[] = [25, 50, 75].map((percent) =>
  measureOf(
    `iou-${percent}`,
    `IoU at ${percent} %`,
    `the map above ${percent} % of its maximum`,
    (mask, region) => iouAt(mask, region, percent / 100),
  ),
);
