// Gradient gains of the layers whose groups can be chosen, measured on a few images, and the isometry profile.
// arXiv:2302.03193.
import { UnsupportedError } from "@snellen/graph";
import { evenly } from "../../images/evenly.ts";
import type { GroupAdvice } from "../../normalization/groups/advise-groups.ts";
import { adviseGroups, groupedBlocks, unfused } from "../../normalization/groups/advise-groups.ts";
import type { Maker, NoAnswer } from "../artifacts.ts";
import { sampleImages } from "../batches.ts";

/** A gain is known to a few percent on so many: its spread over images is small, and each brings thousands of signs. */
const SAMPLE = 8;

/** What the network, not the program, is at fault for. */
const NO_GRADIENT: ReadonlySet<string> = new Set(["no-gradient-rule", "no-gradient-path"]);

export const groups: Maker<"groups", "predictions"> = {
  id: "groups",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<GroupAdvice | NoAnswer> {
    const { model, signal, onProgress } = context;
    if (groupedBlocks(unfused(model).info).length === 0)
      return { reason: "No normalization of this model works on groups of channels." };
    if (predictions.length === 0) return { reason: "No image could be read." };
    const images = await sampleImages(context, evenly(predictions, SAMPLE));
    try {
      return await adviseGroups(
        model,
        { kind: "images", images },
        {
          signal,
          onProgress: (step, done) => onProgress?.(step, done),
        },
      );
    } catch (error) {
      if (error instanceof UnsupportedError && NO_GRADIENT.has(error.code))
        return { reason: `Gains need gradients: ${error.message}` };
      throw error;
    }
  },
};
