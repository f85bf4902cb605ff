// What measuring trained networks takes: the network opened, and pictures with their classes as methods read them.
// Derived here.
import type { TrainingPictures } from "../datasets/pictures/training-pictures.ts";
import type { Image } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { createVisionModel, type VisionModel } from "../vision-model/vision-model.ts";
import type { TrainingStudy } from "./training-study.ts";

/** A network in memory on the bench; whoever opens it disposes of it. */
export const openTrained = (
  info: DescribedModel,
  { runtime, session }: TrainingStudy<unknown>["bench"],
): VisionModel =>
  createVisionModel(info, {
    runtime,
    home: { location: "network.onnx", weights: {} },
    session,
  });

/** The first so many pictures of a set, or all of them. */
export const firstPictures = (pictures: TrainingPictures, count: number): Promise<Image[]> =>
  Promise.all(Array.from({ length: Math.min(count, pictures.count) }, (_, i) => pictures.read(i)));

/** The same pictures, each drawn or read once: for small sets that several trainings go through. */
export function remembered(pictures: TrainingPictures): TrainingPictures {
  const known = new Map<number, ReturnType<TrainingPictures["read"]>>();
  return {
    ...pictures,
    read(index) {
      const read = known.get(index) ?? pictures.read(index);
      known.set(index, read);
      return read;
    },
  };
}

/** The pictures with their classes, as methods that measure read them. */
export const sourcesOf = (pictures: TrainingPictures) =>
  Array.from({ length: pictures.count }, (_, i) => {
    const label = { classIndex: pictures.classOf(i) };
    const source = `${pictures.name}[${i}]`;
    return { source, label, read: async () => ({ ...(await pictures.read(i)), source, ...label }) };
  });
