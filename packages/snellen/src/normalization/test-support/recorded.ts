// The exports that tools/reference/normalization_forms.py recorded, and what it wrote of each: torch.json and keras.json.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Normalization } from "../normalization.ts";
import { type Found, findInFile } from "./find-in.ts";

/** What the module itself says; `scale` and `bias` are parameters by name. */
export type Expected = Pick<
  Normalization,
  "kind" | "channels" | "groups" | "acrossPositions" | "epsilon" | "scale" | "bias" | "perGroup"
>;

export interface Recorded {
  readonly case: string;
  readonly file: string;
  readonly exporter: string;
  readonly expected: readonly Expected[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** How many of its convolutions had a BatchNormalization folded into them. */
  readonly folded?: number;
  /** ε beside the root, and a deviation with n − 1. */
  readonly deviation?: boolean;
  /** The network scales by 1 + weight. */
  readonly plusOne?: boolean;
  /** Ones and zeros where there is no γ and β, as constants that could be either. */
  readonly filledIn?: boolean;
}

const folder = new URL("../fixtures/forms/", import.meta.url);
const read = (name: string): Recorded[] => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

export const recorded: readonly Recorded[] = [...read("torch.json"), ...read("keras.json")];

/** @param file as `Recorded` has it */
export const findInRecorded = (file: string): Found => findInFile(fileURLToPath(new URL(file, folder)));
