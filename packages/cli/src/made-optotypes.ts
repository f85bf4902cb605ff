// Newly made letters that the embedded networks were not trained on, as images to read.
import { type LabelledEntry, makeOptotype } from "snellen";

/** Seeds of the networks' training images start at other numbers (models/README.md). */
const OPTOTYPE_SEED = 77_000;

/**
 * The same seed gives the same letters.
 * @param first index of the first, so that several lists of a seed share none
 */
export const optotypeEntries = (seed: number, count: number, first = 0): LabelledEntry[] =>
  Array.from({ length: count }, (_, i) => {
    const index = first + i;
    const source = `optotype ${seed}/${index}`;
    const { image, classIndex } = makeOptotype({ seed: OPTOTYPE_SEED + seed, index });
    return { source, label: { classIndex }, read: async () => ({ ...image, source, classIndex }) };
  });
