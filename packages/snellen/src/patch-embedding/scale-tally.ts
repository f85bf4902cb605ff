// Keeps the figures of every image at every factor, a few numbers each, and makes means with intervals of them. Derived here.
import {
  type Estimate,
  estimateOf,
  meanEstimate,
  meanRatio,
  noEstimate,
  type PerImage,
  shareEstimate,
} from "../robustness/figures/estimates.ts";
import type { ScaleFamily, ScaleRow } from "./embedding-scale-result.ts";
import type { FactorFigures } from "./grip.ts";

/** Of one image at one factor; means over its patches. */
export interface ImageFigures {
  readonly ratio: number;
  readonly cosine: number;
  readonly positionalShare: number;
  /** Class with the highest score. */
  readonly predicted: number;
}

export interface ScaleTally {
  /** @param labels true classes of these images, where they are known */
  add(
    family: ScaleFamily,
    factor: number,
    figures: readonly ImageFigures[],
    labels: readonly (number | undefined)[],
  ): void;
  /** Images so far, and those of them with labels. */
  count(): number;
  labelled(): number;
  rows(): ScaleRow[];
  /** What the verdict on a family rests on. */
  of(family: ScaleFamily): FactorFigures[];
}

/** Figures of all images at one factor, and what they are held against. */
interface Compared {
  readonly figures: readonly ImageFigures[];
  /** Of the clean pictures. */
  readonly clean: readonly ImageFigures[];
  readonly labels: readonly (number | undefined)[];
}

/** @param factors the first is that of clean pictures */
export function createTally(
  families: readonly { readonly id: ScaleFamily }[],
  factors: readonly number[],
): ScaleTally {
  const kept = new Map(families.map(({ id }) => [id, factors.map((): ImageFigures[] => [])]));
  const labels: (number | undefined)[] = [];
  const at = (family: ScaleFamily, factor: number) =>
    kept.get(family)?.[factors.indexOf(factor)] as ImageFigures[];
  const compared = (family: ScaleFamily, factor: number): Compared => ({
    figures: at(family, factor),
    clean: at(family, factors[0] as number),
    labels,
  });
  return {
    add(family, factor, figures, ofImages) {
      const list = at(family, factor);
      ofImages.forEach((label, i) => {
        labels[list.length + i] = label;
      });
      list.push(...figures);
    },
    count: () => labels.length,
    labelled: () => labelled(labels).length,
    rows: () =>
      families.flatMap(({ id }) =>
        factors.map((factor) => ({ family: id, factor, ...rowOf(compared(id, factor)) })),
      ),
    of: (family) => factors.map((factor) => ({ factor, ...factorOf(compared(family, factor)) })),
  };
}

const every = (labels: readonly unknown[]): Int32Array => Int32Array.from(labels.keys());
const labelled = (labels: readonly (number | undefined)[]): Int32Array =>
  every(labels).filter((i) => labels[i] !== undefined);

/** Whether each image's highest score is its class's: 1 or 0. */
const right =
  (figures: readonly ImageFigures[], labels: Compared["labels"]): PerImage =>
  (i) =>
    Number(figures[i]?.predicted === labels[i]);

function rowOf(compared: Compared): Omit<ScaleRow, "family" | "factor"> {
  const { figures, clean, labels } = compared;
  const images = every(labels);
  return {
    ratio: meanEstimate(images, (i) => figures[i]?.ratio ?? 0, 0),
    cosine: cosineOf(compared),
    positionalShare: meanEstimate(images, (i) => figures[i]?.positionalShare ?? 0, 0, 1),
    accuracy: shareEstimate(labelled(labels), right(figures, labels)),
    loss: accuracyLoss(compared),
    agreement: shareEstimate(images, (i) => Number(figures[i]?.predicted === clean[i]?.predicted)),
    n: figures.length,
  };
}

function factorOf(compared: Compared): Omit<FactorFigures, "factor"> {
  return { growth: growthOf(compared), cosine: cosineOf(compared), loss: lossOf(compared) };
}

/** Clean pictures are what the others are held against: that they are like themselves needs no images. */
const oneself = (n: number): Estimate => (n === 0 ? noEstimate(0) : { value: 1, low: 1, high: 1, n });

function growthOf({ figures, clean }: Compared): Estimate {
  const images = every(figures);
  if (figures === clean) return oneself(images.length);
  const ratioOf =
    (of: readonly ImageFigures[]): PerImage =>
    (i) =>
      of[i]?.ratio ?? 0;
  const growth = meanRatio(images, [{ top: ratioOf(figures), bottom: ratioOf(clean) }]);
  return growth === undefined ? noEstimate(images.length) : estimateOf(growth, 0);
}

const cosineOf = ({ figures, clean }: Compared): Estimate =>
  figures === clean
    ? oneself(figures.length)
    : meanEstimate(every(figures), (i) => figures[i]?.cosine ?? 1, -1, 1);

function accuracyLoss({ figures, clean, labels }: Compared): Estimate {
  const [before, after] = [right(clean, labels), right(figures, labels)];
  return meanEstimate(labelled(labels), (i) => before(i) - after(i), -1, 1);
}

/** Accuracy lost on the same images; without labels the share of other predictions. */
function lossOf(compared: Compared): FactorFigures["loss"] {
  const { figures, clean, labels } = compared;
  const lost = accuracyLoss(compared);
  if (lost.value !== null) return { of: "accuracy", ...lost };
  const changed: PerImage = (i) => Number(figures[i]?.predicted !== clean[i]?.predicted);
  return { of: "agreement", ...shareEstimate(every(labels), changed) };
}
