// The networks that are given to an experiment beside those that it makes: each is measured as it is, and one that cannot be is told
// of in its result.
import { ImageError, SnellenError, UsageError } from "@snellen/graph";
import type { ImageInput } from "../images/image.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import { piece, type Study } from "./study.ts";

/** A network to measure, and the images that it runs on. */
export interface GivenModel {
  readonly name: string;
  readonly model: VisionModel;
  readonly kind: "images" | "gaussian";
  readonly images: readonly ImageInput[];
}

/** What is known of one whatever is measured. Plain data. */
export interface GivenFacts {
  readonly name: string;
  readonly images: number;
  readonly kind: GivenModel["kind"];
  /** Why nothing could be measured; null where it could. */
  readonly refused: string | null;
}

/**
 * A piece a network: what its form does not allow is told in its result, and the others go on.
 * @param unmeasured what stands for the measurement of a network that was refused
 * @throws what is wrong with images or options, and our own faults
 */
export async function eachGiven<T extends object>(
  study: Study,
  models: readonly GivenModel[],
  unmeasured: T,
  measure: (given: GivenModel) => Promise<T>,
): Promise<(GivenFacts & T)[]> {
  const results: (GivenFacts & T)[] = [];
  for (const [i, given] of models.entries()) {
    results.push(await piece(study, `given ${given.name}`, () => measured(given, unmeasured, measure)));
    study.onProgress?.("given networks", (i + 1) / models.length);
  }
  return results;
}

async function measured<T extends object>(
  given: GivenModel,
  unmeasured: T,
  measure: (given: GivenModel) => Promise<T>,
): Promise<GivenFacts & T> {
  const facts = { name: given.name, kind: given.kind, images: given.images.length };
  try {
    return { ...facts, ...(await measure(given)), refused: null };
  } catch (error) {
    const isOurs = !(error instanceof SnellenError && error.userFault);
    if (isOurs || error instanceof ImageError || error instanceof UsageError) throw error;
    return { ...facts, ...unmeasured, refused: error.message };
  }
}

/** "a (3 images), b (8 Gaussian pictures)". */
export const givenNames = (models: readonly GivenFacts[]): string =>
  models
    .map(
      ({ name, images, kind }) => `${name} (${images} ${kind === "images" ? "images" : "Gaussian pictures"})`,
    )
    .join(", ");
