// One picture turned into another, the most relevant pixels first: deletion (the input into nothing) and insertion (a blurred
// input into the sharp one). Petsiuk, Das, Saenko, "RISE", BMVC 2018, arXiv:1806.07421.
import type { Perturbation, Subject } from "../measure.ts";
import { blurred } from "./blur.ts";

/** Steps of equal shares of the pixels. RISE takes one per row (224); the area under the curve hardly moves with them. */
export const STEPS = 32;

/** Pixels that have been replaced after each step, from 0 to all. */
export const replacedCounts = (pixels: number, steps: number = STEPS): number[] => {
  const count = Math.min(pixels, steps);
  return Array.from({ length: count + 1 }, (_, k) => Math.round((k * pixels) / count));
};

/** `from` with the first `counts` pixels of `order` taken from `to`, one picture per count; counts must not fall. */
function* progressive(
  from: Float32Array,
  to: Float32Array,
  order: Uint32Array,
  counts: readonly number[],
): Generator<Float32Array, void, void> {
  const current = from.slice();
  const area = order.length;
  let done = 0;
  for (const count of counts) {
    for (; done < count; done++)
      for (let o = order[done] as number; o < current.length; o += area) current[o] = to[o] as number;
    yield current.slice();
  }
}

function nothing({ input, mask, units }: Subject): Float32Array {
  const out = new Float32Array(input.length);
  units.baseline.forEach((value, c) => {
    out.fill(value, c * mask.length, (c + 1) * mask.length);
  });
  return out;
}

/** All steps but the first, which is the input itself. */
export const deletion: Perturbation = {
  id: "deletion",
  inputs: (subject) => {
    const counts = replacedCounts(subject.mask.length).slice(1);
    return progressive(subject.input, nothing(subject), subject.order(), counts);
  },
};

/** All steps but the last, which is the input itself. */
export const insertion: Perturbation = {
  id: "insertion",
  inputs: (subject) => {
    const counts = replacedCounts(subject.mask.length).slice(0, -1);
    return progressive(blurred(subject.input, subject.map.dims), subject.input, subject.order(), counts);
  },
};
