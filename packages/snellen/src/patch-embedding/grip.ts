// Whether the positional embedding keeps its grip when colours get stronger. The effect is that of arXiv:2111.08413; thresholds and
// verdict are derived here.
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { Grip, GripVerdict } from "./embedding-scale-result.ts";
import type { ScaleAlteration } from "./scale-families.ts";

/**
 * The ratio |x| / |E_pos| may grow by this much and count as flat. Behind a layer normalization it stays within a few percent (not
 * exactly: bias and offset do not scale); without one it follows the factor until values are cut off.
 */
export const FLAT_GROWTH = 1.1;
/** z₀ may turn by this cosine, about 25 degrees, and count as unturned: cutting values off alone changes what a patch shows. */
export const FLAT_COSINE = 0.9;
/** Beyond it patches outweigh positions by half as much again as in training: what the verdict calls growth. */
export const LOST_GROWTH = 1.5;
/** Accuracy, in parts of 1, below which a loss does not matter even where it is certain. */
export const LEAST_ACCURACY_LOSS = 0.02;
/** The same of changed predictions, which change at a few images whatever is done to them. */
export const LEAST_DISAGREEMENT = 0.1;

/** What a family's verdict rests on, a factor at a time. */
export interface FactorFigures {
  readonly factor: number;
  /** Ratio over that of clean pictures. */
  readonly growth: Estimate;
  readonly cosine: Estimate;
  readonly loss: Loss;
}

type Loss = Omit<Grip["loss"], "factor">;

/** The verdict on one family of alterations. */
export function gripOf(
  { id, title }: Pick<ScaleAlteration, "id" | "title">,
  all: readonly FactorFigures[],
): Grip {
  const verdict = verdictOf(all);
  const growth = highest(all, ({ growth }) => growth.value).growth;
  const shrinkage = highest(all, ({ growth }) => minus(growth.value)).growth;
  const leastCosine = highest(all, ({ cosine }) => minus(cosine.value)).cosine;
  const decisive = verdict === "loses-its-grip" ? all.filter(isLost) : all;
  const worst = highest(decisive, ({ loss }) => loss.value);
  const loss = { ...worst.loss, factor: worst.factor };
  const figures = { growth, shrinkage, leastCosine, loss };
  return { family: id, verdict, ...figures, text: textOf(title, verdict, figures) };
}

export function verdictOf(all: readonly FactorFigures[]): GripVerdict {
  if (all.every(isFlat)) return "keeps-its-grip";
  return all.some(isLost) ? "loses-its-grip" : "scale-dependent";
}

const isFlat = ({ growth, cosine }: FactorFigures): boolean =>
  (growth.value ?? 1) <= FLAT_GROWTH &&
  (growth.value ?? 1) >= 1 / FLAT_GROWTH &&
  (cosine.value ?? 1) >= FLAT_COSINE;

/** Patches outweigh positions, and predictions suffer at the same factor. */
const isLost = ({ growth, loss }: FactorFigures): boolean =>
  growth.value !== null && growth.value >= LOST_GROWTH && isHarmful(loss);

/**
 * A loss that matters, and is no chance: the whole of its 95 % interval is above zero, or, of changed predictions, above the least.
 */
function isHarmful({ of, value, low }: Loss): boolean {
  if (value === null || low === null) return false;
  return of === "accuracy" ? value >= LEAST_ACCURACY_LOSS && low > 0 : low >= LEAST_DISAGREEMENT;
}

const minus = (value: number | null): number | null => (value === null ? null : -value);

/** The first with the highest value. */
const highest = (all: readonly FactorFigures[], of: (one: FactorFigures) => number | null): FactorFigures =>
  all.reduce((best, one) =>
    (of(one) ?? Number.NEGATIVE_INFINITY) > (of(best) ?? Number.NEGATIVE_INFINITY) ? one : best,
  );

/** The worse the later. */
const ORDER: readonly GripVerdict[] = ["keeps-its-grip", "scale-dependent", "loses-its-grip"];

export const worstOf = (grips: readonly Pick<Grip, "verdict">[]): GripVerdict =>
  ORDER.findLast((verdict) => grips.some((grip) => grip.verdict === verdict)) ?? "keeps-its-grip";

function textOf(
  title: string,
  verdict: GripVerdict,
  { growth, leastCosine, loss }: Pick<Grip, "growth" | "leastCosine" | "loss">,
): string {
  const number = (value: number | null, digits: number) =>
    value === null ? "unknown" : value.toFixed(digits);
  const grown = `patches grow to ${number(growth.value, 2)} × their size beside E_pos`;
  const turned = `z₀ keeps a cosine of ${number(leastCosine.value, 3)} at least`;
  return `Under growing ${title}, ${grown}, ${turned}, and ${lossText(loss)}: ${endOf(verdict, loss)}.`;
}

function lossText({ of, value, factor }: Grip["loss"]): string {
  if (value === null) return "what becomes of predictions is unknown";
  const points = (100 * value).toFixed(1);
  if (of === "agreement") return `${points} % of the predictions change at factor ${factor}`;
  return value > 0 ? `${points} points of accuracy are lost at factor ${factor}` : "no accuracy is lost";
}

function endOf(verdict: GripVerdict, loss: Grip["loss"]): string {
  if (verdict === "keeps-its-grip") return "the positional embedding keeps its grip";
  if (verdict === "loses-its-grip") return "the positional embedding loses its grip";
  return isHarmful(loss)
    ? "predictions suffer, but not where patches outweigh positions, so that something else is the cause"
    : "the balance depends on the scale, harmless on these images";
}
