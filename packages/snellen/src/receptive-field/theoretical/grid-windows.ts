// The windows of convolutions and pooling along the picture's rows and columns, whichever array axes hold those.
import type { Node } from "@snellen/graph";
import type { Fields } from "./receptive-field.ts";
import { type GridAxis, gridAxisOf } from "./theoretical.ts";
import { type AlongAxis, FIRST_SPATIAL, type Window, windowAlong } from "./window-along.ts";

/** [rows, columns]. */
export type Pair<T = number> = readonly [rows: T, columns: T];

export const both = <T>(of: (axis: GridAxis) => T): Pair<T> => [of(0), of(1)];

/** "Op" or "domain::Op". */
export const operatorOf = ({ domain, opType }: Node): string =>
  domain === "" ? opType : `${domain}::${opType}`;

const CONVOLUTIONS: ReadonlySet<string> = new Set([
  "Conv",
  "ConvInteger",
  "QLinearConv",
  "com.microsoft::FusedConv",
]);

export const isConvolution = (node: Node): boolean => CONVOLUTIONS.has(operatorOf(node));

/** Whether a node's first input is a map or a batch of them, [N, C, ., .]. */
export const isOfMaps = ({ b }: Fields, node: Node): boolean => {
  const input = node.inputs[0] ?? "";
  return b.shapes.probes[0]?.get(input)?.dims.length === FIRST_SPATIAL + 2;
};

/** The first input along rows and columns; where those were lost, axes 2 and 3 are taken for them. */
export function gridAlong({ b, spaces }: Fields, node: Node): Pair<AlongAxis> {
  const [input, output] = [node.inputs[0] as string, node.outputs[0] as string];
  const space = spaces.get(input)?.space;
  return both((kind) => {
    const held = space === undefined ? -1 : gridAxisOf(space, kind);
    const axis = held < 0 ? FIRST_SPATIAL + kind : held;
    const [from, to] = [input, output].map((name) => b.dims(name)[axis] as number) as [number, number];
    return { b, node, output: 0, axis, from, to };
  });
}

/** Of a convolution or pooling of maps. */
export function gridWindows(found: Fields, node: Node): Pair<Window> {
  const along = gridAlong(found, node);
  return both((axis) => windowAlong(along[axis]));
}
