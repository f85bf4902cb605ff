// Follows the picture's rows and columns from the image through the graph, operator by operator. Derived here.
import type { GraphBuilder, Node } from "@snellen/graph";
import { axisOf, fresh, isWhole, layoutOf, type Space, type SpatialLayout } from "./space.ts";
import { ruleFor } from "./space-rules.ts";

export interface Followed {
  readonly space: Space;
  /** Undefined where rows, columns and channels share axes, or lie shifted. */
  readonly layout: SpatialLayout | undefined;
  /** Whether all positions of the grid are still told apart. */
  readonly isWhole: boolean;
  /** Values whose position p went into position p of this one, and nowhere else. */
  readonly sources: readonly string[];
}

export type Spaces = ReadonlyMap<string, Followed>;

/** Space of an image input of these dims. */
export function imageSpace(dims: readonly number[], layout: "NCHW" | "NHWC"): Space {
  const [n = 1, ...rest] = dims;
  const [channels = 1, h = 1, w = 1] = layout === "NCHW" ? rest : [rest[2], rest[0], rest[1]];
  const picture = [axisOf("row", h), axisOf("column", w)];
  const inside = layout === "NCHW" ? [fresh(channels), ...picture] : [...picture, fresh(channels)];
  return { axes: [axisOf("batch", n), ...inside], grid: [h, w], roll: [0, 0] };
}

/** Space of every value that holds positions of the picture, given that of the image input. */
export function followSpace(b: GraphBuilder, nodes: readonly Node[], image: string, space: Space): Spaces {
  const known = new Map<Space, Pick<Followed, "layout" | "isWhole">>();
  const followed = (of: Space, sources: readonly string[]): Followed => {
    const facts = known.get(of) ?? { layout: layoutOf(of), isWhole: isWhole(of) };
    known.set(of, facts);
    return { space: of, sources, ...facts };
  };
  const found = new Map<string, Followed>([[image, followed(space, [])]]);
  const dimsOf = (name: string) => b.shapes.probes[0]?.get(name)?.dims;
  const spaceOf = (name: string) => found.get(name)?.space;
  for (const node of nodes) {
    if (!node.inputs.some((name) => found.has(name))) continue;
    const rule = ruleFor(node.opType);
    node.outputs.forEach((name, output) => {
      const dims = dimsOf(name);
      if (name === "" || dims === undefined) return;
      const result = rule({ b, node, output, dims, dimsOf, spaceOf });
      if (result === undefined) return;
      const sources = result.from.filter((source) => found.get(source)?.isWhole === true);
      found.set(name, followed(result.space, sources));
    });
  }
  return found;
}
