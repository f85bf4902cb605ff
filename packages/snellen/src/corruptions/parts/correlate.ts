// Correlation with a list of taps that may lie anywhere around a pixel: streaks, disks.
// Row by row on the kernels, so that memory stays bounded.
import { type WeightedRows, weightedSum, withKernelMemory } from "../kernels/kernels.ts";
import type { Border } from "./borders.ts";
import type { RowPlan } from "./pixel-rows.ts";
import { type Reach, type RowWindow, rowWindow, windowBytes } from "./row-window.ts";

/** One input of every output: what lies at (x + dx, y + dy), times a weight. */
export interface Tap {
  readonly dx: number;
  readonly dy: number;
  readonly weight: number;
}

/**
 * Every output is the sum of its taps, those beyond the border as `border` has it.
 * @param border other than `nearest` only for taps that reach as far up as down
 */
export function correlate(plan: RowPlan, taps: readonly Tap[], border: Border): void {
  const { width, height, channels } = plan;
  const reach = reachOf(taps, border);
  // one row of taps after the other, whose address is looked up once
  const sorted = [...taps].sort((a, b) => a.dy - b.dy || a.dx - b.dx);
  const bytes = windowBytes(plan, reach) + 4 * width * channels + 8 * taps.length + plan.bytes;
  withKernelMemory(bytes, (memory) => {
    const rows = plan.open(memory);
    const window = rowWindow(memory, rows, reach);
    const sums = memory.floats(width * channels);
    const weighted = { rows: memory.addresses(taps.length), weights: memory.floats(taps.length) };
    weighted.weights.set(sorted.map(({ weight }) => weight));
    for (let y = 0; y < height; y++) {
      window.moveTo(y);
      address(weighted, sorted, window, y, 4 * channels);
      weightedSum(sums, weighted);
      rows.take(sums, y);
    }
  });
}

function reachOf(taps: readonly Tap[], border: Border): Reach {
  const reach = { left: 0, right: 0, above: 0, below: 0, border };
  for (const { dx, dy } of taps) {
    reach.left = Math.max(reach.left, -dx);
    reach.right = Math.max(reach.right, dx);
    reach.above = Math.max(reach.above, -dy);
    reach.below = Math.max(reach.below, dy);
  }
  return reach;
}

function address(
  { rows }: WeightedRows,
  taps: readonly Tap[],
  window: RowWindow,
  y: number,
  pixelBytes: number,
): void {
  let row = Number.NaN;
  let start = 0;
  for (let i = 0; i < taps.length; i++) {
    const { dx, dy } = taps[i]!;
    if (dy !== row) start = window.at(y + dy, 0);
    row = dy;
    rows[i] = start + dx * pixelBytes;
  }
}
