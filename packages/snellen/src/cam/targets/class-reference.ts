// Which class is meant: the highest score or the k-th, the image's own label, a class by index or by name; and how it is
// picked inside the graph, where a negative number stands for a rank.
import { type GraphBuilder, makeTensor, UsageError } from "@snellen/graph";
import { findClasses, namesLike } from "../../datasets/labels.ts";
import type { ImageLabel } from "../../images/image.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { ranking } from "../../vision-model/ranking.ts";
import { oneHot, sumOver } from "./positions.ts";
import type { SeenImage, TargetKind } from "./target.ts";

/** `top1`, `rank<k>`, `label`, a class index, or a class name. */
export type ClassReference = "top1" | "label" | number | (string & {});

/** What is known of an image before it is read. */
export type LabelledSource = ImageLabel & { readonly source: string };

/** Stands for "the highest score" in a graph's input; −k for the k-th highest. */
export const HIGHEST = -1;

/** Ranks beyond this are refused: sorting all of a dense output's classes is work for nothing. */
const LOWEST_RANK = 100;

/**
 * The class that a reference means for each image: its index, or −k for the k-th highest score.
 * @throws UsageError `target-out-of-range`, `unknown-label`, `ambiguous-label`; the function returned throws `no-label`
 */
export function referTo(info: DescribedModel, reference: ClassReference): (image: LabelledSource) => number {
  if (reference === "label") return (image) => requireLabel(info, image);
  const rank = rankOf(reference);
  const number = rank === undefined ? indexOf(info, reference) : -requireRank(info, rank);
  return () => number;
}

/** 1 of `top1`, k of `rank<k>`; undefined for everything else. */
function rankOf(reference: ClassReference): number | undefined {
  if (reference === "top1") return 1;
  const [, rank] = /^rank(\d+)$/.exec(String(reference)) ?? [];
  return rank === undefined ? undefined : Number(rank);
}

/** @throws UsageError `target-out-of-range` */
export function requireRank({ logits: { classes } }: DescribedModel, rank: number): number {
  const lowest = Math.min(classes, LOWEST_RANK);
  if (rank >= 1 && rank <= lowest) return rank;
  throw new UsageError("target-out-of-range", `there is no rank ${rank}.`, {
    where: "--target",
    hint: `The model has ${classes} scores; ranks go from 1 to ${lowest}.`,
  });
}

/** Index of the image's own class; undefined when it has none that the model knows. */
export function labelIndexOf(info: DescribedModel, image: LabelledSource): number | undefined {
  const { classIndex = -1, className } = image;
  if (classIndex >= 0 && classIndex < info.logits.classes) return classIndex;
  if (className === undefined || info.labels.names === undefined) return undefined;
  return findClasses(info.labels.names, className)[0];
}

function requireLabel(info: DescribedModel, image: LabelledSource): number {
  const index = labelIndexOf(info, image);
  if (index !== undefined) return index;
  if (image.className !== undefined) return indexOfName(info, image.className, image.source);
  throw new UsageError("no-label", "the image has no label.", {
    where: image.source,
    hint: "Put images into folders named after their classes, give a CSV with --image-labels, or use --target top1.",
  });
}

function indexOf(info: DescribedModel, reference: number | string): number {
  const { classes } = info.logits;
  const index = typeof reference === "number" ? reference : numberOf(reference);
  if (index === undefined) return indexOfName(info, String(reference), "--target");
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw new UsageError("target-out-of-range", `class ${index} does not exist.`, {
    where: "--target",
    hint: `The model has ${classes} scores: 0 to ${classes - 1}.`,
  });
}

const numberOf = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : undefined);

function indexOfName(info: DescribedModel, name: string, where: string): number {
  const names = info.labels.names;
  if (names === undefined) {
    throw new UsageError("unknown-label", `"${name}" is a class name, but the model's are not known.`, {
      where,
      hint: "Give them with --labels <file>, one name a line, or use a class index.",
    });
  }
  const [index, ...others] = findClasses(names, name);
  if (others.length > 0) {
    throw new UsageError("ambiguous-label", `several classes are called "${name}".`, {
      where,
      hint: `Give the index: ${[index, ...others].join(" or ")}.`,
    });
  }
  if (index !== undefined) return index;
  throw new UsageError("unknown-label", `no class is called "${name}".`, {
    where,
    hint: `Did you mean ${offered(namesLike(names, name))}?`,
  });
}

/** Names beyond these are told by their number. */
const MOST_OFFERED = 5;

function offered(names: readonly string[]): string {
  const shown = names.slice(0, MOST_OFFERED).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : (shown.pop() as string);
  return shown.length === 0 ? last : `${shown.join(", ")} or ${last}`;
}

/** The class that was meant on an image as it is: itself, or that of the −wanted-th highest score. */
export const classSeen = (wanted: number | undefined = HIGHEST, { logits }: SeenImage): number =>
  wanted < 0 ? (ranking(logits)[-wanted - 1] ?? wanted) : wanted;

/** Of inputs that begin with a class, its rank replaced by the class that has it on the image as it is. */
export const settleClass: NonNullable<TargetKind["settle"]> = ([wanted, ...others], seen) => [
  [classSeen(wanted?.[0], seen)],
  ...others,
];

/**
 * The class index behind `wanted`, int64 [N]: itself, or that of the −wanted-th highest score.
 * @param scores float32 [N, classes]
 */
export function pickIndex(b: GraphBuilder, scores: string, wanted: string): string {
  const [zero, one] = [b.tensor(makeTensor("int64", [], [0])), b.tensor(makeTensor("int64", [], [1]))];
  const classes = b.dims(scores)[1] as number;
  const [, order] = b.ops("TopK", [scores, b.ints([Math.min(classes, LOWEST_RANK)])], 2, { axis: 1 });
  const place = b.op("Sub", [b.op("Max", [b.op("Neg", [wanted]), one]), one]);
  const ranked = b.op("GatherElements", [order as string, b.op("Unsqueeze", [place, b.ints([1])])], {
    axis: 1,
  });
  const isRank = b.op("Less", [wanted, zero]);
  return b.op("Where", [isRank, b.op("Squeeze", [ranked, b.ints([1])]), wanted]);
}

/** Score of one class a picture, [N], as Σ one-hot · scores, so that its gradient is a mask and a product. */
export function scoreOf(b: GraphBuilder, scores: string, index: string): string {
  return sumOver(b, scores, oneHot(b, index, b.dims(scores)[1] as number));
}
