// Gradient gains of the layers whose groups can be chosen, measured on a few images, and the isometry profile.
// arXiv:2302.03193.
import { evenly } from "../../images/evenly.ts";
import {
  adviseGroups,
  type GroupAdvice,
  groupedBlocks,
  unfused,
} from "../../normalization/groups/advise-groups.ts";
import type { Maker, NoAnswer } from "../artifacts.ts";
import { sampleImages } from "../batches.ts";
import { unlessNoGradient } from "../no-gradient.ts";

/** A gain is known to a few percent on so many: its spread over images is small, and each brings thousands of signs. */
const SAMPLE = 8;

export const groups: Maker<"groups", "predictions"> = {
  id: "groups",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<GroupAdvice | NoAnswer> {
    const { model, signal, onProgress } = context;
    if (groupedBlocks(unfused(model).info).length === 0)
      return { reason: "No normalization of this model works on groups of channels." };
    if (predictions.length === 0) return { reason: "No image could be read." };
    const images = await sampleImages(context, evenly(predictions, SAMPLE));
    const during = { signal, onProgress: (step: string, done: number) => onProgress?.(step, done) };
    return unlessNoGradient("Gains", () => adviseGroups(model, { kind: "images", images }, during));
  },
};
