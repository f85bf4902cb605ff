// Ice crystals on a window pane as a height map: needles that branch like ferns, grown from the edges and from seeds.
// Derived here: ImageNet-C blends photographs of frost, which are not ours to give away.
import type { RandomStream } from "../../../random.ts";
import type { Plane } from "../../parts/plane.ts";

/** How crystals grow. Lengths are in pixels, angles in degrees. */
export interface Habit {
  /** Places that crystals grow from, a third of them at the edges. */
  readonly seeds: number;
  /** Needles of a seed: the least and the most. */
  readonly needles: readonly [number, number];
  readonly length: readonly [number, number];
  /** Half width of a needle at its root. */
  readonly thickness: number;
  /** How far a needle turns over its length, at most. */
  readonly bend: number;
  /** Between a needle and its branches. */
  readonly angle: number;
  /** Between neighbouring branches. */
  readonly spacing: number;
  /** Length of a branch as a share of what is left of its needle. */
  readonly reach: number;
  /** How often branches branch. */
  readonly orders: number;
}

interface Needle {
  readonly x: number;
  readonly y: number;
  /** In radians, 0 to the right, growing clockwise. */
  readonly direction: number;
  readonly length: number;
  readonly thickness: number;
  /** Height at the root. */
  readonly height: number;
  /** Radians a pixel. */
  readonly bend: number;
  /** Orders of branches that it still gets. */
  readonly orders: number;
}

const RADIANS = Math.PI / 180;

/** Grows crystals on an empty pane. */
export function growCrystals(random: RandomStream, width: number, height: number, habit: Habit): Plane {
  const pane = { width, height, values: new Float32Array(width * height) };
  for (let seed = 0; seed < habit.seeds; seed++) {
    const atEdge = seed % 3 === 0;
    const [x, y] = atEdge
      ? edgePoint(random, width, height)
      : [random.uniform(0, width), random.uniform(0, height)];
    const inward = Math.atan2(height / 2 - y, width / 2 - x);
    const count = random.integer(...habit.needles);
    const turn = random.uniform(-Math.PI, Math.PI);
    for (let i = 0; i < count; i++) {
      const direction = atEdge
        ? inward + random.uniform(-1, 1)
        : turn + (i * 2 * Math.PI) / count + random.uniform(-0.4, 0.4);
      const length = random.uniform(...habit.length);
      grow(pane, random, habit, {
        x,
        y,
        direction,
        length,
        thickness: habit.thickness,
        height: random.uniform(0.5, 1),
        bend: (random.uniform(-habit.bend, habit.bend) * RADIANS) / length,
        orders: habit.orders,
      });
    }
  }
  return pane;
}

function edgePoint(random: RandomStream, width: number, height: number): [number, number] {
  const along = random.uniform(0, 1);
  return random.pick<[number, number]>([
    [0, along * height],
    [width, along * height],
    [along * width, 0],
    [along * width, height],
  ]);
}

/** A needle that thins out towards its tip, and its branches on both sides, shorter towards the tip. */
function grow(pane: Plane, random: RandomStream, habit: Habit, needle: Needle): void {
  let { x, y, direction } = needle;
  // A turn by the same small angle at every pixel is a multiplication by the same complex number.
  let dx = Math.cos(direction);
  let dy = Math.sin(direction);
  const turnX = Math.cos(needle.bend);
  const turnY = Math.sin(needle.bend);
  let untilBranch = habit.spacing * random.uniform(0.5, 1.5);
  for (let at = 0; at < needle.length; at++) {
    const left = 1 - at / needle.length;
    stamp(pane, x, y, 0.6 + needle.thickness * left, needle.height * (0.55 + 0.45 * left));
    if (needle.orders > 0 && --untilBranch < 0) {
      untilBranch = habit.spacing * random.uniform(0.6, 1.4);
      const length = (needle.length - at) * habit.reach;
      for (let side = -1; side <= 1; side += 2) {
        grow(pane, random, habit, {
          x,
          y,
          direction: direction + side * habit.angle * RADIANS * random.uniform(0.85, 1.15),
          length: length * random.uniform(0.5, 1),
          thickness: needle.thickness * 0.5,
          height: needle.height * random.uniform(0.6, 0.95),
          bend: (-side * 0.2) / Math.max(10, length),
          orders: needle.orders - 1,
        });
      }
    }
    direction += needle.bend;
    const ahead = dx * turnX - dy * turnY;
    dy = dx * turnY + dy * turnX;
    dx = ahead;
    x += dx;
    y += dy;
  }
}

/** Raises a round spot to a height, where it is not as high yet. */
function stamp({ width, height, values }: Plane, x: number, y: number, radius: number, peak: number): void {
  const reach = radius + 0.5;
  const fromX = Math.max(0, Math.ceil(x - reach));
  const toX = Math.min(width - 1, Math.floor(x + reach));
  const toY = Math.min(height - 1, Math.floor(y + reach));
  const fall = peak / (reach * reach);
  for (let row = Math.max(0, Math.ceil(y - reach)); row <= toY; row++) {
    const middle = peak - fall * (row - y) * (row - y);
    for (let column = fromX; column <= toX; column++) {
      const raised = middle - fall * (column - x) * (column - x);
      const i = row * width + column;
      if (raised > values[i]!) values[i] = raised;
    }
  }
}
