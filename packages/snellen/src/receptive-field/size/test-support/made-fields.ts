// Fields made from a formula, and those whose fits SciPy recorded (tools/reference/field_fits.py).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FieldValues } from "../field-values.ts";
import type { Gaussian } from "../gaussian-cells.ts";

export function fieldOf(height: number, width: number, value: (x: number, y: number) => number): FieldValues {
  const values = Float64Array.from({ length: height * width }, (_, i) =>
    value(i % width, Math.floor(i / width)),
  );
  return { values, dims: [height, width] };
}

/** Height 1. */
export const bump =
  (centreX: number, centreY: number, sigmaX: number, sigmaY: number) =>
  (x: number, y: number): number =>
    Math.exp(-((x - centreX) ** 2) / (2 * sigmaX ** 2) - (y - centreY) ** 2 / (2 * sigmaY ** 2));

export const transposed = ({ values, dims: [height, width] }: FieldValues): FieldValues =>
  fieldOf(width, height, (x, y) => values[x * width + y] as number);

export type RecordedFit = Gaussian & { readonly r2: number };
type Areas = readonly (readonly [number, number | null, number | null])[];

interface Recorded {
  readonly small: readonly {
    readonly name: string;
    readonly dims: [number, number];
    readonly values: readonly number[];
    readonly start: Gaussian;
    readonly fit: RecordedFit;
    readonly areas: Areas;
    readonly logAreas: Areas;
  }[];
  readonly large: readonly {
    readonly dims: [number, number];
    readonly centre: [number, number];
    readonly widths: [number, number];
    readonly start: Gaussian;
    readonly fit: RecordedFit;
  }[];
}

export const recorded: Recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/field-fits.json"), "utf8"),
);

/** `tailed` of the script: heavy tails and a checkerboard. */
export const tailed =
  ([cx, cy]: readonly [number, number], [wx, wy]: readonly [number, number]) =>
  (x: number, y: number): number =>
    (1 + ((x - cx) / wx) ** 2 + ((y - cy) / wy) ** 2) ** -1.5 * ((x + y) % 2 === 0 ? 1 : 0.25);
