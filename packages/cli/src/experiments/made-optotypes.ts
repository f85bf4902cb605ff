// Newly made letters that the embedded networks were not trained on, as images to read.
import { type LabelledEntry, makeOptotype, type Optotype } from "snellen";

/** Seeds of the networks' training images start at other numbers (models/README.md). */
const OPTOTYPE_SEED = 77_000;

/** One letter; the same seed gives the same letters. */
export const newOptotype = (seed: number, index: number): { source: string; sample: Optotype } => ({
  source: `optotype ${seed}/${index}`,
  sample: makeOptotype({ seed: OPTOTYPE_SEED + seed, index }),
});

/** @param first index of the first, so that several lists of a seed share none */
export const optotypeEntries = (seed: number, count: number, first = 0): LabelledEntry[] =>
  Array.from({ length: count }, (_, i) => {
    const { source, sample } = newOptotype(seed, first + i);
    const label = { classIndex: sample.classIndex };
    return { source, label, read: async () => ({ ...sample.image, source, ...label }) };
  });
