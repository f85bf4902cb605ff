// The input with the map as a soft mask: what it marks alone, or everything else. Chattopadhay et al., "Grad-CAM++", WACV 2018
// (E = L∘I), on normalized values as in pytorch-grad-cam; masked pixels fade to the baseline.
import type { Perturbation, Subject } from "../measure.ts";

/** baseline + (input − baseline) · weight(mask), [C, H, W]. */
function faded({ input, mask, units, channels }: Subject, weight: (m: number) => number): Float32Array {
  const area = mask.length;
  const out = new Float32Array(input.length);
  for (let c = 0; c < channels; c++) {
    const nothing = units.baseline[c] as number;
    for (let i = 0, o = c * area; i < area; i++, o++)
      out[o] = nothing + ((input[o] as number) - nothing) * weight(mask[i] as number);
  }
  return out;
}

/** input ∘ mask. */
export const keptRegion = (subject: Subject): Float32Array => faded(subject, (m) => m);

export const kept: Perturbation = { id: "kept", inputs: (subject) => [keptRegion(subject)] };

/** input ∘ (1 − mask). */
export const removed: Perturbation = {
  id: "removed",
  inputs: (subject) => [faded(subject, (m) => 1 - m)],
};
