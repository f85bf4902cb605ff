// Every γ with its category, whether to decay it, and what a few images say of it. arXiv:2205.07260.
import { evenly } from "../../images/evenly.ts";
import { type GammaPlan, gammaPlan } from "../../normalization/gammas/gamma-plan.ts";
import type { Maker } from "../artifacts.ts";
import { sampleImages } from "../batches.ts";

/** One batch: of batch normalization, statistics of so many are steady enough. */
const SAMPLE = 8;

export const gammas: Maker<"gammas", "predictions"> = {
  id: "gammas",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<GammaPlan> {
    const { model, signal, onProgress } = context;
    const images = await sampleImages(context, evenly(predictions, SAMPLE));
    return gammaPlan(model, images, {
      onProgress: (done, total) => onProgress?.("gammas", done / total),
      ...(signal && { signal }),
    });
  },
};
