// A class's scores summed over a part of a dense output: over a mask that is given, or over where the network sees the class.
// As SemanticSegmentationTarget of pytorch-grad-cam.
import { UsageError } from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import { positionGrid, positionScores } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, pickIndex, referTo, settleClass } from "./class-reference.ts";
import { requireDense, scoresOfClass, sumOver } from "./positions.ts";
import {
  type BoundTarget,
  badTarget,
  type ParseTarget,
  type TargetFacts,
  type TargetKind,
  unreached,
} from "./target.ts";
import { parted } from "./target-text.ts";

const PREFIX = "mask:";

const EMPTY = "nowhere does the class have the highest score, so that its mask is empty";

/** The network's own mask: where the class has the highest score, a single class a score above 0. No gradient passes it. */
export const maskKind: TargetKind = {
  id: "mask",
  syntax: `${PREFIX}<class>[@<file>]`,
  summary:
    "sum of a class's scores where the network sees it, or in a mask: a picture of the whole input, not 0 inside",
  inputs: [{ name: "class", dataType: "int64", dims: [] }],
  settle: settleClass,
  build({ b, described, scores }, [wanted]) {
    const index = pickIndex(b, scores, wanted as string);
    const rows = positionScores(b, described.logits);
    const isHere =
      described.logits.classes === 1
        ? b.op("Squeeze", [b.op("Greater", [rows, b.scalar(0)]), b.ints([1])])
        : b.op("Equal", [
            b.op("ArgMax", [rows], { axis: 1, keepdims: 0 }),
            b.op("Unsqueeze", [index, b.ints([1])]),
          ]);
    const mask = asFloat(b, isHere);
    return { index, score: sumOver(b, scoresOfClass(b, described, index), mask) };
  },
  zeroCause: (score) => (score === 0 ? EMPTY : unreached("the scores in the mask")),
};

/** Sum over a mask that is fed, of the output's grid. */
export function fedMaskKind(
  { id, syntax, summary }: TargetFacts,
  grid: readonly [number, number],
): TargetKind {
  return {
    id,
    syntax,
    summary,
    key: ` ${grid.join("x")}`,
    hasPlace: true,
    inputs: [
      { name: "class", dataType: "int64", dims: [] },
      { name: "mask", dataType: "float32", dims: [grid[0] * grid[1]] },
    ],
    settle: settleClass,
    build({ b, described, scores }, [wanted, mask]) {
      const index = pickIndex(b, scores, wanted as string);
      return { index, score: sumOver(b, scoresOfClass(b, described, index), mask as string) };
    },
    zeroCause: () => unreached("the scores in the mask"),
  };
}

/** @throws UsageError `not-dense` where the positions lie on no grid */
export function requireGrid(info: DescribedModel, kind: string): readonly [number, number] {
  requireDense(info, kind);
  const grid = positionGrid(info.logits);
  if (grid !== undefined) return grid;
  const dims = ["N", ...info.logits.shape].join(", ");
  throw new UsageError(
    "not-dense",
    `${kind} needs scores on a grid of rows and columns, but "${info.logits.value}" is [${dims}].`,
    { where: "--target", hint: "For a detector use box:<class>@<index> or iou:<class>@<box>." },
  );
}

/** A part of the picture as a mask of any size, which is stretched over the network's whole input. */
export interface Mask {
  /** Row-major; what is not 0 lies inside. */
  readonly mask: Uint8Array;
  /** Pixels, as `height`. */
  readonly width: number;
  readonly height: number;
  /** What people know it by; part of the target's name. */
  readonly file?: string;
}

/**
 * The sum of a class's scores over a mask, which is stretched over the whole input; an output cell lies inside where the mask's
 * pixel at the cell's centre does. Without a mask, over where the network itself sees the class.
 * @throws UsageError `not-dense`, `empty-mask`, and what `referTo` throws
 */
export function maskTarget(info: DescribedModel, reference: ClassReference, given?: Mask): BoundTarget {
  const find = referTo(info, reference);
  if (given === undefined) {
    requireDense(info, PREFIX);
    return { kind: maskKind, name: `${PREFIX}${reference}`, feed: (image) => [[find(image)]] };
  }
  const grid = requireGrid(info, PREFIX);
  const cells = cellsOf(given, grid);
  if (!cells.includes(1)) {
    throw new UsageError("empty-mask", `no cell of the output's ${grid.join("x")} lies in the mask.`, {
      where: given.file ?? "--target",
      hint: "Pixels inside must not be 0 (black).",
    });
  }
  const name = `${PREFIX}${reference}@${given.file ?? "mask"}`;
  return { kind: fedMaskKind(maskKind, grid), name, feed: (image) => [[find(image)], cells] };
}

/** The mask at the centre of every cell: 0 or 1, row-major. */
function cellsOf({ mask, width, height }: Mask, [rows, columns]: readonly [number, number]): number[] {
  const at = (cell: number, cells: number, size: number) => Math.floor(((cell + 0.5) * size) / cells);
  return Array.from({ length: rows * columns }, (_, i) => {
    const [y, x] = [at(Math.floor(i / columns), rows, height), at(i % columns, columns, width)];
    return mask[y * width + x] === 0 ? 0 : 1;
  });
}

/** Class and file of `mask:<class>@<file>`; undefined for everything else. */
export function maskFileOf(
  info: DescribedModel,
  text: string,
): { readonly reference: string; readonly file: string } | undefined {
  const parts = text.startsWith(PREFIX) ? parted(info, text.slice(PREFIX.length).trim(), "@") : undefined;
  return parts && { reference: parts[0], file: parts[1] };
}

/** Files are the doors' business: they give the mask to `maskTarget`. */
export const parseMask: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const reference = text.slice(PREFIX.length).trim();
  if (reference === "") throw badTarget(text, "names no class", `${PREFIX}top1`);
  if (maskFileOf(info, text) === undefined) return [maskTarget(info, reference)];
  throw badTarget(
    text,
    "files are read by the command line and by readMaskTarget of snellen/node",
    `${PREFIX}${reference.split("@")[0]}, or call maskTarget with the mask`,
  );
};
