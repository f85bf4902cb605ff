// Parts of an experiment that a network's form does not allow.
import { ImageError, SnellenError } from "@snellen/graph";

export interface Refused {
  /** Of the part. */
  readonly name: string;
  readonly reason: string;
}

/**
 * What a network's form does not allow is told in the result; everything else goes on.
 * @param refused gets the part that was refused, and why
 * @returns undefined where it was
 * @throws what `work` throws, other than a user's fault that is not about images
 */
export async function unlessRefused<T>(
  name: string,
  refused: Refused[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SnellenError && error.userFault) || error instanceof ImageError) throw error;
    refused.push({ name, reason: error.message });
    return undefined;
  }
}
