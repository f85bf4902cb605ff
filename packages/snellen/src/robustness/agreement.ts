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
  if (!allFinite(clean) || !allFinite(corrupted))
    throw new InternalError("an output holds a number that is not finite.");
  return agreementKind(form) === "embedding"
    ? cosine(clean, corrupted)
    : sharedClasses(clean, corrupted, form);
}

/** Plain loops here and below: a segmentation has millions of scores. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Clipped to 0 to 1; two zero vectors are alike. */
function cosine(a: Float32Array, b: Float32Array): number {
  const [dot, aa, bb] = [product(a, b), product(a, a), product(b, b)];
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return Math.min(1, Math.max(0, dot / Math.sqrt(aa) / Math.sqrt(bb)));
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function sharedClasses(clean: Float32Array, corrupted: Float32Array, form: OutputForm): number {
  const [before, after] = [classMap(clean, form), classMap(corrupted, form)];
  let shared = 0;
  for (let i = 0; i < before.length; i++) if (before[i] === after[i]) shared++;
  return shared / before.length;
}

/** The class of each position: the highest score, of equal ones the first; of a single score, on which side of the threshold. */
function classMap(scores: Float32Array, { dims, classAxis = 0, threshold = 0 }: OutputForm): Int32Array {
  const classes = dims[classAxis] as number;
  const inner = dims.slice(classAxis + 1).reduce((size, d) => size * d, 1);
  const map = new Int32Array(scores.length / classes);
  const best = new Float32Array(inner);
  for (let position = 0; position < map.length; position += inner) {
    const start = position * classes;
    best.set(scores.subarray(start, start + inner));
    for (let k = 1; k < classes; k++)
      for (let i = 0, at = start + k * inner; i < inner; i++, at++)
        if ((scores[at] as number) > (best[i] as number)) {
          best[i] = scores[at] as number;
          map[position + i] = k;
        }
    if (classes === 1)
      for (let i = 0; i < inner; i++) map[position + i] = Number((best[i] as number) > threshold);
  }
  return map;
}
