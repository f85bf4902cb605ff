// Maps averaged over versions of each image (`augment.ts`), all of which explain what the image itself showed.
import type { ImageInput } from "../images/image.ts";
import { preprocessedOf } from "../images/preprocessed.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import { augmentations, augmented, meanOfMaps, mirroredGrid } from "./augment.ts";
import type { CamMap } from "./cam-map.ts";
import { type Plan, type RunOptions, runPlan } from "./run-plan.ts";
import type { TargetValues } from "./targets/target.ts";

/**
 * Averages the maps of the images as they are, the first augmentation, with those of their other versions. Mirrored ones are left
 * out for targets that are about a place.
 * @param fed for each image the targets' values
 * @param own the maps of the images as they are
 */
export async function smoothed(
  model: VisionModel,
  images: readonly ImageInput[],
  plan: Plan,
  fed: readonly (readonly TargetValues[])[],
  options: RunOptions,
  own: readonly (readonly CamMap[])[],
): Promise<CamMap[][]> {
  const { spec } = model.info.preprocessing;
  const tensors = images.map((image) => preprocessedOf(spec, image));
  const settled = settledOn(plan, fed, own);
  const found = own.map((maps) => maps.map((map) => [map]));
  for (const augmentation of augmentations.slice(1)) {
    const { mirrored } = augmentation;
    const kept = [...plan.targets.keys()].filter((t) => !(mirrored && plan.targets[t]?.kind.hasPlace));
    if (kept.length === 0) continue;
    const altered = tensors.map((tensor) => augmented(spec, tensor, augmentation));
    const part = {
      plan: { ...plan, targets: kept.map((t) => plan.targets[t] as Plan["targets"][number]) },
      fed: settled.map((ofImage) => kept.map((t) => ofImage[t] as TargetValues)),
    };
    const versions = await runPlan(model, altered, part.plan, part.fed, options);
    versions.forEach((maps, i) => {
      maps.forEach((map, m) => {
        const t = kept[m % kept.length] as number;
        const at = Math.floor(m / kept.length) * plan.targets.length + t;
        found[i]?.[at]?.push(mirrored ? turnedBack(map) : map);
      });
    });
  }
  return found.map((maps) => maps.map(meanOfMaps));
}

/** The targets' values with ranks and sides replaced by what had them on each image itself. */
const settledOn = (
  { targets }: Plan,
  fed: readonly (readonly TargetValues[])[],
  own: readonly (readonly CamMap[])[],
): TargetValues[][] =>
  fed.map((ofImage, i) =>
    ofImage.map((values, t) => {
      const seen = own[i]?.[t];
      return (seen && targets[t]?.kind.settle?.(values, seen)) ?? values;
    }),
  );

const turnedBack = (map: CamMap): CamMap => ({
  ...map,
  map: mirroredGrid(map.map),
  cells: mirroredGrid(map.cells),
});
