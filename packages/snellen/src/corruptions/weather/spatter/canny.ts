// Edges of a grey picture (Canny 1986) in the whole-number arithmetic of OpenCV: Sobel gradients, |x| + |y| for their magnitude.
import { borderIndex } from "../../parts/borders.ts";
import { type Grid, gridLike, padded } from "./grid.ts";

/** tan 22.5° in 15 binary places. */
const TANGENT = 13573;

/**
 * 1 on edges, 0 elsewhere: ridges of the magnitude above `low` that hang together with one above `high`.
 * @param grey 0 to 255
 */
export function cannyEdges(grey: Grid, low: number, high: number): Grid {
  const { across, down, magnitude } = gradients(grey);
  const { width, data: sizes } = magnitude;
  const edges = gridLike(magnitude);
  const found: number[] = [];
  for (let y = 0; y < grey.height; y++) {
    for (let x = 0, i = y * grey.width; x < grey.width; x++, i++) {
      const at = (y + 1) * width + x + 1;
      if (sizes[at]! <= low || !isRidge(magnitude, at, across[i]!, down[i]!)) continue;
      edges.data[at] = CANDIDATE;
      if (sizes[at]! > high) {
        edges.data[at] = 1;
        found.push(at);
      }
    }
  }
  grow(edges, found);
  return withoutMargin(edges, grey);
}

const CANDIDATE = 2;

/** Sobel's derivatives, the border repeated, and their magnitude with a margin of zeros. */
function gradients(grey: Grid) {
  const source = padded(grey, 1, (index, size) => borderIndex("nearest", index, size));
  const { width, data } = source;
  const across = new Int16Array(grey.data.length);
  const down = new Int16Array(grey.data.length);
  const magnitude = gridLike(source);
  const sizes = magnitude.data;
  for (let y = 0, to = 0; y < grey.height; y++) {
    for (let at = y * width, end = at + grey.width; at < end; at++, to++) {
      const low = at + width;
      const last = low + width;
      const x =
        data[at + 2]! + 2 * data[low + 2]! + data[last + 2]! - data[at]! - 2 * data[low]! - data[last]!;
      const d =
        data[last]! + 2 * data[last + 1]! + data[last + 2]! - data[at]! - 2 * data[at + 1]! - data[at + 2]!;
      across[to] = x;
      down[to] = d;
      sizes[low + 1] = Math.abs(x) + Math.abs(d);
    }
  }
  return { across, down, magnitude };
}

/** Largest along the gradient, whose direction counts in steps of 45°. */
function isRidge({ width, data }: Grid, at: number, across: number, down: number): boolean {
  const here = data[at]!;
  const steep = Math.abs(down) << 15;
  const shallow = Math.abs(across) * TANGENT;
  if (steep < shallow) return here > data[at - 1]! && here >= data[at + 1]!;
  if (steep > shallow + (Math.abs(across) << 16))
    return here > data[at - width]! && here >= data[at + width]!;
  const side = across < 0 !== down < 0 ? -1 : 1;
  return here > data[at - width - side]! && here > data[at + width + side]!;
}

function grow({ width, data }: Grid, found: number[]): void {
  const neighbours = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  for (let at = found.pop(); at !== undefined; at = found.pop()) {
    for (const step of neighbours) {
      if (data[at + step] !== CANDIDATE) continue;
      data[at + step] = 1;
      found.push(at + step);
    }
  }
}

function withoutMargin(edges: Grid, size: Grid): Grid {
  const out = gridLike(size);
  for (let y = 0, i = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++, i++)
      out.data[i] = edges.data[(y + 1) * edges.width + x + 1] === 1 ? 1 : 0;
  return out;
}
