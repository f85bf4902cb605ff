// How alike a model's output for a corrupted picture is to that for the clean one, where it is not one class an image: share of
// positions that keep their class (segmentation), or the cosine between embeddings. Derived here.
import { InternalError } from "@snellen/graph";

/** What an output says of one image. */
export interface OutputForm {
  /** Dims for one image, without the batch. */
  readonly dims: readonly number[];
  /** Axis of `dims` that counts classes; undefined where the output holds none. */
  readonly classAxis: number | undefined;
  /** Of an output with a single class: what its scores exceed where it is there. Default 0, for scores before a Sigmoid. */
  readonly threshold?: number;
}

export type AgreementKind = "classes-per-position" | "embedding";

/** Classes at several positions are compared position by position, everything else as one vector. */
export const agreementKind = ({ dims, classAxis }: OutputForm): AgreementKind =>
  classAxis !== undefined && dims.some((size, axis) => axis !== classAxis && size > 1)
    ? "classes-per-position"
    : "embedding";

/**
 * Agreement of two outputs for the same image, 0 to 1.
 * @param clean as the dims say, row-major
 * @throws InternalError for sizes that do not fit, or numbers that are not finite
 */
export function outputAgreement(clean: Float32Array, corrupted: Float32Array, form: OutputForm): number {
  const size = form.dims.reduce((product, d) => product * d, 1);
  if (clean.length !== size || corrupted.length !== size || size === 0)
    throw new InternalError(`outputs of ${clean.length} and ${corrupted.length} numbers, not ${size}.`);
  if (!clean.every(Number.isFinite) || !corrupted.every(Number.isFinite))
    throw new InternalError("an output holds a number that is not finite.");
  return agreementKind(form) === "embedding"
    ? cosine(clean, corrupted)
    : sharedClasses(clean, corrupted, form);
}

/** Clipped to 0 to 1; two zero vectors are alike. */
function cosine(a: Float32Array, b: Float32Array): number {
  const [dot, aa, bb] = [product(a, b), product(a, a), product(b, b)];
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return Math.min(1, Math.max(0, dot / Math.sqrt(aa) / Math.sqrt(bb)));
}

const product = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);

function sharedClasses(clean: Float32Array, corrupted: Float32Array, form: OutputForm): number {
  const { dims, classAxis = 0, threshold = 0 } = form;
  const classes = dims[classAxis] as number;
  const inner = dims.slice(classAxis + 1).reduce((size, d) => size * d, 1);
  const positions = clean.length / classes;
  let shared = 0;
  for (let position = 0; position < positions; position++) {
    const start = Math.floor(position / inner) * classes * inner + (position % inner);
    const classAt = (scores: Float32Array) =>
      classes === 1 ? Number((scores[start] as number) > threshold) : highest(scores, start, inner, classes);
    if (classAt(clean) === classAt(corrupted)) shared++;
  }
  return shared / positions;
}

/** Of equal scores the first. */
function highest(scores: Float32Array, start: number, step: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++)
    if ((scores[start + k * step] as number) > (scores[start + best * step] as number)) best = k;
  return best;
}
