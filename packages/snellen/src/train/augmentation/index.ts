// The registry of augmentations, and the text that asks for several. To add one: write its file, then its line here.
import { findById } from "../../find-by-id.ts";
import type { Augment, AugmentationKind } from "./augmentation.ts";
import { channelShuffle } from "./channel-shuffle.ts";
import { crop } from "./crop.ts";
import { cutout } from "./cutout.ts";
import { flip } from "./flip.ts";
import { invert } from "./invert.ts";
import { randAugment } from "./rand-augment.ts";
import { randomErasing } from "./random-erasing.ts";

/** All augmentations that `parseAugmentation` knows. */
export const augmentationKinds: readonly AugmentationKind[] = [
  crop,
  flip,
  randAugment,
  cutout,
  randomErasing,
  invert,
  channelShuffle,
];

/** Augmentations one after another. */
export interface Augmentation {
  /** What `parseAugmentation` makes the same of; `none` where pictures stay as they are. */
  readonly text: string;
  readonly apply: Augment;
}

export const noAugmentation: Augmentation = { text: "none", apply: (pixels) => pixels };

/**
 * Reads augmentations between commas, as `crop=4,flip,rand-augment=2:9`; they are applied in this order. `none` or nothing: none.
 * @param side the shorter one of the pictures, where it is known: what would leave nothing of them is refused
 * @throws UsageError `unknown-augmentation` with the nearest known id, `bad-augmentation` for values that do not fit
 */
export function parseAugmentation(text: string, side?: number): Augmentation {
  const parts = text.split(",").map((part) => part.trim().toLowerCase());
  const asked = parts.filter((part) => part !== "" && part !== noAugmentation.text);
  if (asked.length === 0) return noAugmentation;
  const steps = asked.map((part) => {
    const [id = "", ...rest] = part.split("=");
    const kind = findById(augmentationKinds, id, {
      code: "unknown-augmentation",
      what: "augmentation",
      flag: "--augment",
    });
    return kind.bind(rest.length === 0 ? [] : rest.join("=").split(":"), side);
  });
  return {
    text: asked.join(","),
    apply: (pixels, random) => steps.reduce((seen, step) => step(seen, random), pixels),
  };
}
