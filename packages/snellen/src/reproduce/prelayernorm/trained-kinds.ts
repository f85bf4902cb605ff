// Trainings by what was trained, as the page's tables and plots go through them.
import { meanSpread } from "../mean-spread.ts";
import type { PreLayerNormTraining } from "./trainings.ts";

export interface Kind {
  readonly name: string;
  readonly kind: PreLayerNormTraining["kind"];
  readonly isPlain: boolean;
  readonly runs: readonly PreLayerNormTraining[];
}

const nameOf = ({ kind, preLayerNorm }: PreLayerNormTraining): string =>
  kind === "cnn" ? "CNN" : preLayerNorm === null ? "ViT" : `ViT, PreLayerNorm ${preLayerNorm}`;

export const kindsOf = (trainings: readonly PreLayerNormTraining[]): Kind[] =>
  [...new Set(trainings.map(nameOf))].map((name) => {
    const runs = trainings.filter((training) => nameOf(training) === name);
    const [first] = runs as [PreLayerNormTraining];
    return { name, kind: first.kind, isPlain: first.preLayerNorm === null, runs };
  });

export const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((v) => v != null);
export const percent = (values: readonly (number | null | undefined)[]): string | null =>
  meanSpread(known(values), { digits: 1, scale: 100 });

export const styleOf = ({ kind, isPlain }: Kind) =>
  kind === "cnn" ? ("points" as const) : isPlain ? ("line" as const) : ("dashed" as const);
