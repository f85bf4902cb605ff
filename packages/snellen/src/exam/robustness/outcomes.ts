// What the models of an exam make of altered pictures, each found out once.
import type { GatherContext, NoAnswer } from "../artifacts.ts";
import { contrastOutcomes } from "./contrast-outcomes.ts";
import { corruptionOutcomes } from "./corruption-outcomes.ts";
import { type Alteration, createExamGroup, type Examinee, type Outcomes } from "./exam-group.ts";

const MAKE = { corruptions: corruptionOutcomes, contrast: contrastOutcomes } as const;

/** The examined model as a member of its group, or by itself. */
export const ownExaminee = ({ model, modelName, images, group }: GatherContext): Examinee =>
  group?.members.find((member) => member.model === model) ?? { name: modelName, model, images };

/** Of the examined model, or of one that is examined with it. */
export function outcomesOf(
  examinee: Examinee,
  alteration: Alteration,
  context: GatherContext,
): Promise<Outcomes | NoAnswer> {
  const { group = createExamGroup([examinee]) } = context;
  return group.outcomes(examinee.model, alteration, () => MAKE[alteration](examinee, context));
}
