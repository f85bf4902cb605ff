// RandAugment: so many operations, drawn anew for each picture, all of one strength (Cubuk et al., arXiv:1909.13719).
// Magnitudes 0 to 30 as in torchvision, whose ranges the operations have.
import { type Sign, signs } from "../../corruptions/parts/affine.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { operations } from "./rand-augment-operations.ts";
import { numberValue, requireAtMost } from "./values.ts";

const USAGE = "rand-augment[=<operations>[:<magnitude>]]";
export const MOST_MAGNITUDE = 30;
const UNSIGNED: Sign = 1;

export const randAugment: AugmentationKind = {
  id: "rand-augment",
  summary: "applies so many drawn operations (2) of magnitude 0 to 30 (9): colours, slants, turns, moves",
  usage: USAGE,
  bind(values) {
    requireAtMost(values, 2, USAGE);
    const count = numberValue(values[0], USAGE, { from: 1, to: 16, whole: true }, 2);
    const magnitude = numberValue(values[1], USAGE, { from: 0, to: MOST_MAGNITUDE }, 9);
    const strength = magnitude / MOST_MAGNITUDE;
    return (pixels, random) => {
      let { data } = pixels;
      for (let step = 0; step < count; step++) {
        const { apply, isSigned } = random.pick(operations);
        data = apply({ ...pixels, data }, strength, isSigned ? random.pick(signs) : UNSIGNED);
      }
      return { ...pixels, data };
    };
  },
};
