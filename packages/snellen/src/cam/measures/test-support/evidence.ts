// Evidence for measures without a network: a scorer that is a function of the input.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Grid } from "../../cam-map.ts";
import type { InputUnits } from "../input-units.ts";
import type { Evidence, Region } from "../measure.ts";
import { subjectOf } from "../subject.ts";

export interface Case {
  readonly map: readonly number[] | Float32Array;
  readonly dims: Grid["dims"];
  /** [C, H, W]; default ones, one channel. */
  readonly input?: readonly number[] | Float32Array;
  /** Probability of the explained class for an input. */
  readonly score?: (input: Float32Array) => number;
  readonly region?: readonly number[];
  readonly mapAgain?: Float32Array;
  /** Default: baseline 0, no noise. */
  readonly units?: InputUnits;
  readonly seed?: number;
}

/** What `score-maps.ts` would hand to a measure. */
export function evidenceOf({
  map,
  dims,
  region,
  mapAgain,
  seed = 0,
  score = () => 1,
  ...given
}: Case): Evidence {
  const input = Float32Array.from(given.input ?? map.map(() => 1));
  const channels = input.length / map.length;
  const silent = { baseline: Array(channels).fill(0), noise: Array(channels).fill(0) };
  const subject = subjectOf({ values: Float32Array.from(map), dims }, input, given.units ?? silent, seed);
  if (subject === undefined) throw new Error("the map holds nothing positive");
  return {
    subject,
    probability: score(input),
    after: ({ inputs }) => [...inputs(subject)].map(score),
    region: region === undefined ? undefined : ({ mask: Uint8Array.from(region) } satisfies Region),
    mapAgain,
  };
}

/** What `tools/reference/measure_values.py` wrote. */
export const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/measure-values.json"), "utf8"),
);
