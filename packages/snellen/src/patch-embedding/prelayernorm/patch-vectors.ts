// The patches that a convolution with stride = kernel reads, as vectors [N, h, w, C·ph·pw] in the order of its weight, and back to the
// map. Derived here.
import type { NodeWriter } from "../../normalization/groups/group-statistics.ts";

/** How a map [N, C, H, W] is cut. */
export interface PatchCut {
  readonly channels: number;
  /** [ph, pw]. */
  readonly patch: readonly [number, number];
  /** [h, w]; null where the graph leaves H and W open. */
  readonly grid: readonly [number, number] | null;
  /** Whether rows or columns are left over behind the last patch; of an open grid it is not known. */
  readonly hasRest: boolean;
}

export interface PatchVectors {
  readonly vectors: string;
  /** Lays vectors of the same shape out as the map again, without what no patch held. */
  readonly back: (vectors: string) => string;
}

/** A vector's elements are sorted as a weight [D, C, ph, pw] is: channels, then rows, then columns. */
export function addPatchVectors(to: NodeWriter, map: string, cut: PatchCut): PatchVectors {
  const { channels, patch } = cut;
  const [ph, pw] = patch;
  const { whole, split, joined } =
    cut.grid === null ? openCut(to, map, cut) : fixedCut(to, map, cut, cut.grid);
  const parted = to.op("Reshape", [whole, split]);
  const turned = to.op("Transpose", [parted], { perm: [0, 2, 4, 1, 3, 5] });
  const vectors = to.op("Reshape", [turned, to.ints([0, 0, 0, channels * ph * pw])]);
  const back = (values: string): string => {
    const apart = to.op("Reshape", [values, to.ints([0, 0, 0, channels, ph, pw])]);
    return to.op("Reshape", [to.op("Transpose", [apart], { perm: [0, 3, 1, 4, 2, 5] }), joined]);
  };
  return { vectors, back };
}

interface CutValues {
  /** The map without rows and columns that no patch holds. */
  readonly whole: string;
  /** [N, C, h, ph, w, pw] and [N, C, h·ph, w·pw], as Reshape takes them. */
  readonly split: string;
  readonly joined: string;
}

function fixedCut(
  to: NodeWriter,
  map: string,
  { channels, patch: [ph, pw], hasRest }: PatchCut,
  [h, w]: readonly [number, number],
): CutValues {
  const withoutRest = () =>
    to.op("Slice", [map, to.ints([0, 0]), to.ints([h * ph, w * pw]), to.ints([2, 3])]);
  return {
    whole: hasRest ? withoutRest() : map,
    split: to.ints([-1, channels, h, ph, w, pw]),
    joined: to.ints([-1, channels, h * ph, w * pw]),
  };
}

/** Sizes are taken from the map itself when it runs. */
function openCut(to: NodeWriter, map: string, { channels, patch }: PatchCut): CutValues {
  const between = (value: string, from: number, end: number) =>
    to.op("Slice", [value, to.ints([from]), to.ints([end])]);
  const [ph, pw] = patch;
  const cells = to.op("Div", [between(to.op("Shape", [map]), 2, 4), to.ints(patch)]);
  const ends = to.op("Mul", [cells, to.ints(patch)]);
  const front = to.ints([-1, channels]);
  const [h, w] = [between(cells, 0, 1), between(cells, 1, 2)];
  return {
    whole: to.op("Slice", [map, to.ints([0, 0]), ends, to.ints([2, 3])]),
    split: to.op("Concat", [front, h, to.ints([ph]), w, to.ints([pw])], { axis: 0 }),
    joined: to.op("Concat", [front, ends], { axis: 0 }),
  };
}
