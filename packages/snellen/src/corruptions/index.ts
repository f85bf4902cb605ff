// Every corruption, in the order of reports. To add one: write its file, then its line here.

import { UsageError } from "@snellen/graph";
import { findById } from "../find-by-id.ts";
import { defocusBlur } from "./blur/defocus-blur.ts";
import { gaussianBlur } from "./blur/gaussian-blur.ts";
import { glassBlur } from "./blur/glass-blur.ts";
import { motionBlur } from "./blur/motion-blur.ts";
import { zoomBlur } from "./blur/zoom-blur.ts";
import { autocontrast } from "./colour/autocontrast.ts";
import { brightnessFactor } from "./colour/brightness-factor.ts";
import { colourScale } from "./colour/colour-scale.ts";
import { contrastEnhancement } from "./colour/contrast-enhancement.ts";
import { equalize } from "./colour/equalize.ts";
import { gamma } from "./colour/gamma.ts";
import { hue } from "./colour/hue.ts";
import { inversion } from "./colour/inversion.ts";
import { posterize } from "./colour/posterize.ts";
import { saturation } from "./colour/saturation.ts";
import { sharpness } from "./colour/sharpness.ts";
import { solarize } from "./colour/solarize.ts";
import { type Corruption, type Family, families } from "./corruption.ts";
import { contrast } from "./digital/contrast.ts";
import { elasticTransform } from "./digital/elastic-transform.ts";
import { jpegCompression } from "./digital/jpeg-compression.ts";
import { pixelate } from "./digital/pixelate.ts";
import { saturate } from "./digital/saturate.ts";
import { occlusion } from "./geometric/occlusion.ts";
import { rotation } from "./geometric/rotation.ts";
import { scaling } from "./geometric/scaling.ts";
import { shear } from "./geometric/shear.ts";
import { translation } from "./geometric/translation.ts";
import { gaussianNoise } from "./noise/gaussian-noise.ts";
import { impulseNoise } from "./noise/impulse-noise.ts";
import { shotNoise } from "./noise/shot-noise.ts";
import { speckleNoise } from "./noise/speckle-noise.ts";
import { brightness } from "./weather/brightness.ts";
import { fog } from "./weather/fog.ts";
import { frost } from "./weather/frost.ts";
import { snow } from "./weather/snow.ts";
import { spatter } from "./weather/spatter.ts";

/** ImageNet-C's nineteen first, in its own order; then ours by family. */
export const corruptions: readonly Corruption[] = [
  gaussianNoise,
  shotNoise,
  impulseNoise,
  defocusBlur,
  glassBlur,
  motionBlur,
  zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elasticTransform,
  pixelate,
  jpegCompression,
  speckleNoise,
  gaussianBlur,
  spatter,
  saturate,
  contrastEnhancement,
  colourScale,
  brightnessFactor,
  gamma,
  saturation,
  hue,
  inversion,
  sharpness,
  posterize,
  solarize,
  autocontrast,
  equalize,
  rotation,
  translation,
  scaling,
  shear,
  occlusion,
];

/** Names for several corruptions at once. */
export const corruptionSets: readonly {
  readonly id: string;
  readonly summary: string;
  readonly members: readonly Corruption[];
}[] = [
  set("all", "the nineteen of ImageNet-C", ({ imagenetC }) => imagenetC !== undefined),
  set("common", "the fifteen of ImageNet-C that mCE is over", ({ imagenetC }) => imagenetC === "common"),
  set("validation", "ImageNet-C's other four", ({ imagenetC }) => imagenetC === "validation"),
  ...families.map((family: Family) => set(family, `the ${family} family`, (c) => c.family === family)),
  set("every", "everything there is", () => true),
];

function set(id: string, summary: string, isMember: (corruption: Corruption) => boolean) {
  return { id, summary, members: corruptions.filter(isMember) };
}

/**
 * The corruption of an id, such as `gaussian_noise`.
 * @throws UsageError `unknown-corruption` with the nearest known id
 */
export const corruption = (id: string): Corruption =>
  findById(corruptions, id, { code: "unknown-corruption", what: "corruption", flag: "--corruptions" });

/**
 * Corruptions by their ids and by names of sets, each once, in the registry's order.
 * @throws UsageError `unknown-corruption` with the nearest known name
 */
export function selectCorruptions(names: readonly string[]): readonly Corruption[] {
  const choices = [...corruptionSets, ...corruptions.map((c) => ({ id: c.id, members: [c] }))];
  const chosen = new Set(
    names.flatMap((name) => {
      const id = name.trim().toLowerCase().replaceAll("-", "_").replace("color", "colour");
      return findById(choices, id, {
        code: "unknown-corruption",
        what: "corruption or set",
        flag: "--corruptions",
      }).members;
    }),
  );
  if (chosen.size > 0) return corruptions.filter((c) => chosen.has(c));
  throw new UsageError("no-corruption", "names no corruption.", {
    where: "--corruptions",
    hint: "Write --corruptions common.",
  });
}
