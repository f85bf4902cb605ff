// Models that are examined together on the same images. What each makes of altered pictures is found out once, by whichever exam asks
// first, and serves its own report as well as those of the others.
import type { ImageLabel } from "../../images/image.ts";
import type { Observations } from "../../robustness/observations.ts";
import { createSubject, type Subject } from "../../robustness/subject.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { ImageSet, NoAnswer } from "../artifacts.ts";

/** A model beside others. */
export interface Examinee {
  /** What reports call it; no two of a group are called alike. */
  readonly name: string;
  readonly model: VisionModel;
  /** The same images in the same order for all of a group, with the labels that this model knows. */
  readonly images: ImageSet;
}

/** What a model made of pictures, clean and altered, one entry an image of its set. */
export interface Outcomes {
  readonly subject: Subject;
  readonly observations: Observations;
}

/** Ways to alter pictures: the fast subset of corruptions, or contrast enhancement by growing factors. */
export type Alteration = "corruptions" | "contrast";

/** Models that are examined together on the same images, and what each of them made of altered pictures. */
export interface ExamGroup {
  readonly members: readonly Examinee[];
  /** The model's outcomes; made when first asked for, and kept, as a failure is. */
  outcomes(
    of: VisionModel,
    alteration: Alteration,
    make: () => Promise<Outcomes | NoAnswer>,
  ): Promise<Outcomes | NoAnswer>;
}

/** A group without outcomes. It keeps nothing open: models belong to whoever opened them. */
export function createExamGroup(members: readonly Examinee[]): ExamGroup {
  const kept = new Map<VisionModel, Map<Alteration, Promise<Outcomes | NoAnswer>>>();
  return {
    members,
    outcomes(of, alteration, make) {
      const own = kept.get(of) ?? new Map<Alteration, Promise<Outcomes | NoAnswer>>();
      kept.set(of, own);
      const made = own.get(alteration) ?? make();
      own.set(alteration, made);
      return made;
    },
  };
}

/** As the robustness benchmark sees it. */
export const subjectOf = ({ name, model, images }: Examinee): Subject =>
  createSubject(
    name,
    model,
    images.entries.map(({ label }): ImageLabel => label ?? {}),
  );
