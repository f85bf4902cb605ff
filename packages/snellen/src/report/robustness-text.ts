// What the robustness report says of the images that its figures stand on.
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { ModelFigures, RobustnessResult } from "../robustness/figures/result-types.ts";

/** `n = 248 to 250 images`. */
export function countText(estimates: readonly Estimate[]): string {
  const counts = estimates.map(({ n }) => n);
  if (counts.length === 0) return "no images";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `n = ${least === most ? least : `${least} to ${most}`} images`;
}

/** Whether errors are known of it. */
export const isLabelled = ({ conditions }: ModelFigures): boolean =>
  conditions.some(({ accuracy }) => accuracy.n > 0);

/** Numbers of classes of ImageNet's networks, with and without one for the background. */
const IMAGENET_CLASSES: readonly (number | null)[] = [1000, 1001];

/** Whether the reference's errors are of the models' task; AlexNet's published ones are of ImageNet's classes. */
export const isSameTask = ({ models, reference }: Pick<RobustnessResult, "models" | "reference">): boolean =>
  reference.kind === "model" || models.some(({ classes }) => IMAGENET_CLASSES.includes(classes));

/** Whether there are corruption errors that say something. */
export const hasCorruptionErrors = (result: Pick<RobustnessResult, "models" | "reference">): boolean =>
  isSameTask(result) &&
  result.models.some(({ corruptions }) =>
    corruptions.some(({ ce, relativeCe }) => (ce.value ?? relativeCe.value) !== null),
  );
