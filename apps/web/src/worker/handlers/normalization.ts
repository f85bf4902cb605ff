// What is advised for normalizations: their numbers of groups, and which scales to regularize.
import {
  adviseGroups,
  type GammaPlan,
  type GroupAdvice,
  gammaPlan,
  pytorchGroups,
  pytorchPlan,
} from "snellen/web";
import type { Handler, StepProgress } from "../handler.ts";
import { measuredOn, somePictures } from "../pictures.ts";

/** As the command line does it, unless told otherwise. */
const IMAGES = 8;

export interface GroupsFound {
  readonly advice: GroupAdvice;
  readonly snippet: string;
}

export const groups: Handler<{ readonly convertBatchNorm: boolean }, GroupsFound, StepProgress> = async (
  { convertBatchNorm },
  context,
) => {
  const { opened, signal, progress } = context;
  const { vision, bytes } = opened.model();
  const advice = await adviseGroups(vision, await measuredOn(context, IMAGES), {
    convertBatchNorm,
    signal,
    onProgress: (step, done) => progress({ step, done }),
  });
  return { advice, snippet: pytorchGroups(advice.layers, bytes.name) };
};

export interface GammasFound {
  readonly plan: GammaPlan;
  /** Images that the evidence is from; 0 where rules stand alone. */
  readonly images: number;
  readonly snippet: string | null;
}

export const gammas: Handler<Record<string, never>, GammasFound, StepProgress> = async (_, context) => {
  const { opened, signal, progress } = context;
  const { vision, bytes } = opened.model();
  const images = await somePictures(context, IMAGES);
  const plan = await gammaPlan(vision, images, {
    signal,
    onProgress: (done, total) => progress({ step: "doubling each γ", done: done / total }),
  });
  return {
    plan,
    images: images.length,
    snippet: plan.gammas.length === 0 ? null : pytorchPlan(plan.gammas, bytes.name),
  };
};
