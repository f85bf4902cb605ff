// Made-up outcomes for tests: classifiers that corruptions push from the true class, the second a little more.
import { randomStream } from "../../../random.ts";
import { conditionsOf, parseCondition } from "../../condition.ts";
import { createObservations, type Observations, type ObservedModel } from "../../observations.ts";

export interface MadeUp {
  readonly models: readonly ObservedModel[];
  readonly corruptions: readonly string[];
  readonly images: number;
  /** Default: all images have a label. */
  readonly isLabelled?: boolean;
}

export function madeUpObservations({ models, corruptions, images, isLabelled = true }: MadeUp): Observations {
  const store = createObservations(models, conditionsOf(corruptions), images);
  for (const [m, { name, outcome }] of models.entries())
    for (const key of store.conditions) {
      const condition = parseCondition(key);
      const strength = condition === "clean" ? 0 : condition.severity / 8 + m / 20;
      const random = randomStream(m, store.conditions.indexOf(key));
      const entries = Array.from({ length: images }, (_, image) => {
        if (outcome === "agreement") return { image, agreement: 1 - strength * random.uniform(0.5, 1) };
        const isWrong = random.uniform(0, 1) < 0.1 + strength;
        const rank = isWrong ? random.integer(1, 8) : 0;
        const predicted = (image + rank) % 10;
        return { image, predicted, confidence: random.uniform(0.3, 1), rank: isLabelled ? rank : -1 };
      });
      store.record(name, key, entries);
    }
  return store;
}
