// What a measure of a heat map is. Each is one file, listed in `index.ts`; the command line, tables and tests follow.
// A measure declares the perturbed images whose probabilities it wants; `score-maps.ts` runs them in batches, each kind once.
import type { Grid } from "../cam-map.ts";
import type { InputUnits } from "./input-units.ts";

/** A heat map, the input it explains, and what measures make of both. */
export interface Subject {
  /** As the method made it: [H, W] of the network's input, signed or rectified. */
  readonly map: Grid;
  /** The map rectified and divided by its maximum, [H·W], 0 to 1; the maximum is above 0. */
  readonly mask: Float32Array;
  /** [C, H, W] in the network's own units. */
  readonly input: Float32Array;
  readonly channels: number;
  readonly units: InputUnits;
  /** Pixels from the highest value of the signed map to the lowest; equal ones in a random order that the seed fixes. */
  readonly order: () => Uint32Array;
  readonly seed: number;
}

/** A family of altered inputs. */
export interface Perturbation {
  readonly id: string;
  /** The altered inputs, [C, H, W] each, made one by one; each is the caller's to keep. */
  readonly inputs: (subject: Subject) => Iterable<Float32Array>;
}

/** Where the object is. */
export interface Region {
  /** [H·W] of the network's input; 1 = object. At least one pixel is. */
  readonly mask: Uint8Array;
}

/** What a measure may ask for besides the map and probabilities. */
export type Need = "region" | "map-again";

export interface Evidence {
  readonly subject: Subject;
  /** Probability of the explained class for the input as it is; NaN where no measure asked for probabilities. */
  readonly probability: number;
  /** Its probabilities for the inputs of a perturbation that the measure declared, in their order. */
  readonly after: (perturbation: Perturbation) => readonly number[];
  readonly region?: Region;
  /** The same method's map, [H·W], of the input multiplied by the mask (`keptRegion`). */
  readonly mapAgain?: Float32Array;
}

/** A measure of heat maps: what it needs, and the number that it makes of one map of one image. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  /** One sentence: what the number says, and its range. */
  readonly summary: string;
  readonly paper: string;
  readonly better: "higher" | "lower";
  readonly needs: readonly Need[];
  readonly perturbations: readonly Perturbation[];
  /** The number for one map; undefined where it has no meaning, and then no part of any average. Never NaN. */
  readonly measure: (evidence: Evidence) => number | undefined;
}
