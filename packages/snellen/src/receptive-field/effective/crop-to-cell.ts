// One cell of a feature map, computed from no more of every map before it than the cell sees. The gradient with respect to the
// picture then runs over the same windows. Derived here: the recurrences of theoretical receptive fields, clipped to the maps.
import { dimsOf, type GraphBuilder, type Node, valuesReadBy } from "@snellen/graph";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { CROP_RULES, type Crop, gridOf, type MapWindow, type Span } from "./crop-rules.ts";

/** Share of a map's cells above which computing it whole costs as much; nothing before it is cropped then. */
const MOST = 0.6;

/** Operators that make it worth the while. */
const COSTLY: ReadonlySet<string> = new Set(["Conv"]);

interface Plan extends Crop {
  readonly window: MapWindow;
}

/** A value, or what is computed of it. */
interface Part {
  readonly name: string;
  readonly window: MapWindow;
}

type Need = MapWindow | "all";

/**
 * Adds, beside the nodes of a network, the nodes that compute one cell of a layer:
 *
 *   x → Conv 3×3 → Relu → Conv 3×3, pads 1        [N, C, 28, 28]
 *   x → Slice 5×5 → Conv 3×3 → Relu → Conv 3×3    [N, C, 1, 1]
 *
 * Walks back from the layer and keeps for each value the window that its readers need. Where an operator comes that has no rule,
 * or a window that is most of its map, the value is computed whole and a Slice taken of it; so is one where readers differ.
 * Weights stay where they are.
 * @param b a builder opened on the network
 * @param nodes the network's nodes, in order
 * @param cell its row and column
 * @returns the cell, [N, C, 1, 1]; undefined for layers that are no maps [N, C, rows, columns], and where no convolution is cropped
 */
export function cropToCell(
  b: GraphBuilder,
  nodes: readonly Node[],
  { value, layout }: FeatureLayer,
  [row, column]: readonly [number, number],
): string | undefined {
  if (layout.kind !== "map" || layout.channelAxis !== 1 || !isMap(b, value)) return undefined;
  const window: MapWindow = [
    [row, row],
    [column, column],
  ];
  const plans = plan(b, nodes, { name: value, window });
  if (![...plans.keys()].some(({ opType }) => COSTLY.has(opType))) return undefined;
  return build(b, plans, { name: value, window });
}

const isMap = (b: GraphBuilder, value: string): boolean => {
  const dims = dimsOf(b.shapes, value);
  return dims?.length === 4 && dims.slice(2).every((size) => size > 0);
};

/** The nodes to compute on windows, last first. */
function plan(b: GraphBuilder, nodes: readonly Node[], wanted: Part): ReadonlyMap<Node, Plan> {
  const needs = new Map<string, Need>([[wanted.name, wanted.window]]);
  const plans = new Map<Node, Plan>();
  const need = (name: string, read: Need): void => {
    const other = needs.get(name);
    needs.set(name, other === undefined ? read : hullOf(other, read));
  };
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needs.has(name))) continue;
    const found = planOf(b, node, needs);
    if (found === undefined) for (const name of valuesReadBy(node)) need(name, "all");
    else {
      plans.set(node, found);
      node.inputs.forEach((name, i) => {
        need(name, found.reads[i] ?? "all");
      });
    }
  }
  return plans;
}

/** Undefined where the node has to be computed whole. */
function planOf(b: GraphBuilder, node: Node, needs: ReadonlyMap<string, Need>): Plan | undefined {
  const [output = "", ...others] = node.outputs;
  const window = needs.get(output);
  if (node.domain !== "" || window === undefined || window === "all") return undefined;
  if (others.some((name) => name !== "") || !isMap(b, output)) return undefined;
  const share = window.map(([first, last], i) => (last - first + 1) / (b.dims(output)[2 + i] as number));
  if ((share[0] as number) * (share[1] as number) > MOST) return undefined;
  const crop = CROP_RULES[node.opType]?.({ b, node, window });
  return crop && { window, ...crop };
}

function hullOf(one: Need, other: Need): Need {
  if (one === "all" || other === "all") return "all";
  const along = (i: 0 | 1): Span => [Math.min(one[i][0], other[i][0]), Math.max(one[i][1], other[i][1])];
  return [along(0), along(1)];
}

function build(b: GraphBuilder, plans: ReadonlyMap<Node, Plan>, wanted: Part): string {
  const parts = new Map<string, Part>();
  const take = (name: string, window: MapWindow | undefined): string =>
    window === undefined ? name : cut(b, parts.get(name) ?? whole(b, name), window);
  for (const [node, { window, reads, attributes }] of [...plans].reverse()) {
    const output = node.outputs[0] as string;
    const name = b.scoped(`crop/${node.name || output}`, () => {
      const inputs = node.inputs.map((input, i) => take(input, reads[i]));
      return b.op(node.opType, inputs, { ...node.attributes, ...attributes });
    });
    parts.set(output, { name, window });
  }
  return take(wanted.name, wanted.window);
}

function whole(b: GraphBuilder, name: string): Part {
  const [h, w] = gridOf(b, name) as readonly [number, number];
  return {
    name,
    window: [
      [0, h - 1],
      [0, w - 1],
    ],
  };
}

/** A window of what there is of a value. */
function cut(b: GraphBuilder, part: Part, window: MapWindow): string {
  const rank = b.rank(part.name);
  const cuts = window.flatMap(([first, last], i) => {
    const [from, to] = part.window[i as 0 | 1];
    return first === from && last === to
      ? []
      : [{ axis: rank - 2 + i, start: first - from, end: last - from + 1 }];
  });
  if (cuts.length === 0) return part.name;
  const ints = (of: (cut: (typeof cuts)[number]) => number): string => b.ints(cuts.map(of));
  return b.op("Slice", [part.name, ints((c) => c.start), ints((c) => c.end), ints((c) => c.axis)]);
}
