// What a model makes of pictures as contrast enhancement grows, by the factors that the analysis of patch embeddings uses too.
// That vision transformers degrade most under it: arXiv:2111.08413.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import { evenly } from "../../images/evenly.ts";
import type { Image } from "../../images/image.ts";
import { SCALE_FACTORS } from "../../patch-embedding/scale-families.ts";
import { CLEAN } from "../../robustness/condition.ts";
import { createObservations } from "../../robustness/observations.ts";
import { createObserver, type ShownImage } from "../../robustness/subject.ts";
import { fitted } from "../../vision-model/fitted.ts";
import { pictureOf } from "../../vision-model/picture.ts";
import type { GatherContext, NoAnswer } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";
import { type Examinee, type Outcomes, subjectOf } from "./exam-group.ts";
import { CONTRAST_IMAGES } from "./fast-subset.ts";

/** Stable text of a factor; 1 is the clean picture. */
export const factorKey = (factor: number): string => (factor === 1 ? CLEAN : `contrast x${factor}`);

/** Pictures are altered as the network gets them; of preprocessed tensors, as they look. */
export async function contrastOutcomes(
  examinee: Examinee,
  context: GatherContext,
): Promise<Outcomes | NoAnswer> {
  const { entries } = examinee.images;
  const subject = subjectOf(examinee);
  const observations = createObservations([subject], SCALE_FACTORS.map(factorKey), entries.length);
  const observe = createObserver({ ...subject, model: fitted(subject.model) });
  const sample = evenly([...entries.keys()], CONTRAST_IMAGES);
  let done = 0;
  for await (const part of imageBatches({ ...context, images: examinee.images }, sample)) {
    const pictures = part.map(({ index, image }) => ({
      image: index,
      picture: pictureOf(subject.model.info, image),
    }));
    for (const factor of SCALE_FACTORS) {
      context.signal?.throwIfAborted();
      const shown = factor === 1 ? pictures : pictures.map((own) => enhanced(own, factor));
      const outcomes = await observe(shown, factor === 1, context.signal);
      observations.record(subject.name, factorKey(factor), outcomes);
    }
    done += part.length;
    context.onProgress?.(`${subject.name} under contrast`, done / sample.length);
  }
  return done === 0 ? { reason: "No image could be read." } : { subject, observations };
}

interface Fitted extends ShownImage {
  readonly picture: Image;
}

const enhanced = ({ image, picture }: Fitted, factor: number): ShownImage => ({
  image,
  picture: { ...picture, data: contrastEnhancement.apply(picture, factor, undefined) },
});
