// The page's part on corruptions of networks that were trained alike: what each loses, and which differences chance does not explain.
import { corruption } from "../../corruptions/index.ts";
import type { Table } from "../../exam/result.ts";
import { shortNumber } from "../../report/number.ts";
import { headed } from "../report-cells.ts";
import {
  type CorruptionDifference,
  corruptionDifferences,
  corruptionIds,
  lostUnder,
  standings,
} from "./trained-corruptions.ts";
import { type Kind, percent } from "./trained-kinds.ts";
import { isOf, type PreLayerNormTraining, type Which } from "./trainings.ts";

const COMPARED = [
  { title: "ViT − CNN", first: "vit", second: "cnn" },
  { title: "PreLayerNorm (after-projection) − ViT", first: "prelayernorm", second: "vit" },
] as const satisfies readonly { title: string; first: Which; second: Which }[];

const comparisons = (trainings: readonly PreLayerNormTraining[], seed: number) =>
  COMPARED.map(({ title, first, second }) => ({
    title,
    differences: corruptionDifferences(trainings.filter(isOf(first)), trainings.filter(isOf(second)), seed),
  }));

/** A sentence a comparison. */
export const standingsText = (trainings: readonly PreLayerNormTraining[], seed: number): string[] =>
  comparisons(trainings, seed).map(({ title, differences }) => {
    const { more, less, all } = standings(differences);
    const named = (ids: readonly string[]) => (ids.length === 0 ? "" : ` (${ids.join(", ")})`);
    return `${title}, of ${all} corruptions of ImageNet-C: the first loses more under ${more.length}${named(more)}, less under ${less.length}${named(less)}, the others undecided.`;
  });

export function corruptionTable(
  kinds: readonly Kind[],
  trainings: readonly PreLayerNormTraining[],
  seed: number,
): Table {
  const compared = comparisons(trainings, seed);
  const titles = compared.map(({ title }) => `${title}, points`);
  return {
    kind: "table",
    caption: "Accuracy lost, in points",
    columns: headed(["corruption", ...kinds.map(({ name }) => name), ...titles]),
    rows: corruptionIds(trainings).map((id) => [
      corruption(id).imagenetC === undefined ? `${id} (not counted)` : id,
      ...kinds.map(({ runs }) => percent(runs.map(lostUnder(id)))),
      ...compared.map(({ differences }) => differenceText(differences.find((own) => own.id === id))),
    ]),
  };
}

const differenceText = (difference: CorruptionDifference | undefined): string | null =>
  difference?.mean === undefined
    ? null
    : `${(100 * difference.mean).toFixed(1)} (p ${shortNumber(difference.p ?? 1)})`;
