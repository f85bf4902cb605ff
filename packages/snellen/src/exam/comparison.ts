// Exams of several models side by side: the key figures of each audit, and what they changed against the first model's. Pure: it needs
// the results alone, of a run or from files. What counts as a certain difference is derived here.
import { figureText } from "../report/comparison-text.ts";
import { matchedDifference } from "./matched-shares.ts";
import type { AuditRow, ExamResult, Figure } from "./result.ts";

export const COMPARISON_VERSION = 1;

/**
 * `better` and `worse`: certain by intervals; `different`: certain, and neither way is better; `higher` and `lower`: there is no
 * interval to judge by; `equal`: no interval, and alike as far as digits are shown; `unknown`: one of the two has no number.
 */
export type ChangeVerdict =
  | "better"
  | "worse"
  | "different"
  | "no-certain-difference"
  | "higher"
  | "lower"
  | "equal"
  | "unknown";

/** A model's figure less that of the first. */
export interface FigureDifference {
  readonly value: number;
  /** 95 %, of paired outcomes; null elsewhere. */
  readonly interval: readonly [low: number, high: number] | null;
  /**
   * What the verdict rests on: outcomes paired by image, each model's own interval, or the numbers alone. Own intervals must lie apart,
   * which holds however the outcomes of the two go together, at the price of missing differences that pairs would show.
   */
  readonly basis: "pairs" | "intervals" | "numbers";
  /** That the pairs stand on. */
  readonly images?: number;
}

/** One figure of all models; each list has an entry a model, in their order, and null for the first where it compares. */
export interface ComparedFigure {
  readonly audit: string;
  readonly figure: string;
  readonly name: string;
  readonly unit: string;
  readonly better: Figure["better"];
  /** Null where a model has no such number. */
  readonly values: readonly (number | null)[];
  /** 95 %. */
  readonly intervals: readonly (readonly [low: number, high: number] | null)[];
  readonly differences: readonly (FigureDifference | null)[];
  readonly verdicts: readonly (ChangeVerdict | null)[];
  /** Whether it moved the better way, certain or not; null where it did not move, neither way is better, or chance explains it. */
  readonly isBetter: readonly (boolean | null)[];
}

/** Published contract, as the exam's result is: fields are added, never changed. */
export interface ExamComparison {
  readonly version: typeof COMPARISON_VERSION;
  readonly models: readonly { readonly name: string; readonly images: number }[];
  /** Every audit of any model, with each model's verdict; null where an exam lacks it. */
  readonly audits: readonly {
    readonly id: string;
    readonly verdicts: readonly (AuditRow["verdict"] | null)[];
  }[];
  readonly rows: readonly ComparedFigure[];
}

/**
 * Sets models beside the first. Outcomes are paired where the exams name the same images, which must then be in the same order; what
 * altered pictures took is paired where they were of one run.
 * @param results the one that others are compared with, then those
 * @param names what to call the models, no two alike; default their files' names
 */
export function compareExams(
  results: readonly ExamResult[],
  names: readonly string[] = results.map(({ model }) => model.name),
): ExamComparison {
  const audits = distinct(results.flatMap((result) => result.audits.map(({ id }) => id)));
  const rowsOf = (id: string) => results.map((result) => result.audits.find((row) => row.id === id));
  return {
    version: COMPARISON_VERSION,
    models: results.map(({ images }, i) => ({ name: names[i] as string, images: images.count })),
    audits: audits.map((id) => ({ id, verdicts: rowsOf(id).map((row) => row?.verdict ?? null) })),
    rows: audits.flatMap((id) => comparedFigures(id, rowsOf(id), results.map(isOfSameImages(results[0])))),
  };
}

/** Outcomes of other images are no pairs, whatever their places. */
const isOfSameImages =
  (first: ExamResult | undefined) =>
  ({ images }: ExamResult): boolean =>
    images.name === first?.images.name && images.count === first.images.count;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function comparedFigures(
  audit: string,
  rows: readonly (AuditRow | undefined)[],
  arePaired: readonly boolean[],
): ComparedFigure[] {
  const all = rows.map((row) => row?.figures ?? []);
  const ids = distinct(all.flatMap((figures) => figures.map(({ id }) => id)));
  return ids.map((id) =>
    comparedFigure(
      audit,
      all.map((figures) => figures.find((own) => own.id === id)),
      arePaired,
    ),
  );
}

function comparedFigure(
  audit: string,
  figures: readonly (Figure | undefined)[],
  arePaired: readonly boolean[],
): ComparedFigure {
  const { id, name, unit, better } = figures.find((own) => own !== undefined) as Figure;
  const [first] = figures;
  const differences = figures.map((own, i) =>
    i === 0 ? null : differenceOf(first, own, arePaired[i] === true),
  );
  const verdicts = figures.map((own, i) => (i === 0 ? null : verdictOf(first, own, differences[i] ?? null)));
  return {
    audit,
    figure: id,
    name,
    unit,
    better,
    values: figures.map((own) => own?.value ?? null),
    intervals: figures.map((own) => own?.interval ?? null),
    differences,
    verdicts,
    isBetter: verdicts.map((verdict, i) => isBetter(verdict, differences[i] ?? null, better)),
  };
}

function differenceOf(
  first: Figure | undefined,
  own: Figure | undefined,
  isPaired: boolean,
): FigureDifference | null {
  if (first?.value == null || own?.value == null) return null;
  const pair = isPaired ? pairOf(first, own) : undefined;
  if (pair !== undefined) return { ...pair, basis: "pairs" };
  const basis = first.interval != null && own.interval != null ? "intervals" : "numbers";
  return { value: own.value - first.value, interval: null, basis };
}

/** By the pairs that the exam knew, else by the outcomes of each image. */
function pairOf(first: Figure, own: Figure): Omit<FigureDifference, "basis"> | undefined {
  const known = own.paired?.differences.find(({ from }) => from === first.paired?.model);
  if (known !== undefined && known.interval !== null)
    return { value: known.value, interval: known.interval, images: known.images };
  if (first.outcomes === undefined || own.outcomes === undefined) return undefined;
  const matched = matchedDifference(first.outcomes, own.outcomes);
  if (matched === undefined) return undefined;
  const [low, high] = matched.interval;
  return { value: 100 * matched.value, interval: [100 * low, 100 * high], images: matched.images };
}

function verdictOf(
  first: Figure | undefined,
  own: Figure | undefined,
  difference: FigureDifference | null,
): ChangeVerdict {
  if (first?.value == null || own?.value == null || difference === null) return "unknown";
  const { value, basis } = difference;
  if (basis === "numbers") {
    const isShownAlike = figureText(first.value, first.unit) === figureText(own.value, own.unit);
    return isShownAlike ? "equal" : value > 0 ? "higher" : "lower";
  }
  if (!isCertain(first, own, difference)) return "no-certain-difference";
  if (first.better === null) return "different";
  return isBetterWay(value, first.better) ? "better" : "worse";
}

function isCertain(first: Figure, own: Figure, { interval }: FigureDifference): boolean {
  const [low, high] = interval ?? apart(first.interval ?? null, own.interval ?? null);
  return low > 0 || high < 0;
}

type Interval = readonly [low: number, high: number] | null;

/** The least and the most that the second's interval lies above the first's. */
const apart = (first: Interval, own: Interval): readonly [number, number] =>
  first === null || own === null ? [-Infinity, Infinity] : [own[0] - first[1], own[1] - first[0]];

const isBetterWay = (difference: number, better: "lower" | "higher"): boolean =>
  better === "higher" ? difference > 0 : difference < 0;

function isBetter(
  verdict: ChangeVerdict | null,
  difference: FigureDifference | null,
  better: Figure["better"],
): boolean | null {
  const hasMoved = verdict !== null && MOVED.includes(verdict);
  return hasMoved && difference !== null && better !== null ? isBetterWay(difference.value, better) : null;
}

const MOVED: readonly ChangeVerdict[] = ["better", "worse", "higher", "lower"];
