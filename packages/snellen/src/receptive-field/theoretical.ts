// The theoretical receptive field: which pixels can reach a cell of a feature map, per axis, by walking the graph.
// Recurrences for one path as in Araujo et al., "Computing receptive fields of convolutional neural networks", Distill 2019;
// where paths meet, the hull of their fields; attention and global pooling see the whole image.
import { attr, type GraphBuilder, type Node, valuesReadBy } from "@snellen/graph";
import type { Followed, Spaces } from "../vision-model/follow-space.ts";
import type { SpatialLayout } from "../vision-model/space.ts";

/** Field of the cells along one axis: cell i sees pixels i·stride + start … i·stride + end (−∞ … ∞ for the whole image). */
export interface AxisField {
  /** Pixels between neighbouring cells. */
  readonly stride: number;
  readonly start: number;
  readonly end: number;
  /** Pixel position of cell 0's centre; pixel centres are whole numbers. Stays finite when the field is not. */
  readonly centre: number;
}

/** [rows, columns]. */
export type ReceptiveField = readonly [AxisField, AxisField];

export const fieldSize = (field: AxisField): number => field.end - field.start + 1;

/** Receptive field of every value whose space is known; the image's own is one pixel. */
export function receptiveFields(
  b: GraphBuilder,
  nodes: readonly Node[],
  image: string,
  spaces: Spaces,
): ReadonlyMap<string, ReceptiveField> {
  const pixel: AxisField = { stride: 1, start: 0, end: 0, centre: 0 };
  const fields = new Map<string, ReceptiveField>([[image, [pixel, pixel]]]);
  const dependent = new Set([image]);
  for (const node of nodes) {
    if (!valuesReadBy(node).some((name) => dependent.has(name))) continue;
    for (const name of node.outputs) {
      dependent.add(name);
      const field = fieldOfOutput(b, node, name, spaces, fields, dependent);
      if (field !== undefined) fields.set(name, field);
    }
  }
  return fields;
}

function fieldOfOutput(
  b: GraphBuilder,
  node: Node,
  output: string,
  spaces: Spaces,
  fields: ReadonlyMap<string, ReceptiveField>,
  dependent: ReadonlySet<string>,
): ReceptiveField | undefined {
  const to = spaces.get(output);
  if (to?.isWhole !== true) return undefined;
  const through = to.sources.flatMap((name) => {
    const [from, field] = [spaces.get(name), fields.get(name)];
    return from === undefined || field === undefined ? [] : [throughNode(b, node, from, to, field)];
  });
  if (through.length === 0) return undefined;
  const hull = [hullOf(through.map((f) => f[0])), hullOf(through.map((f) => f[1]))] as const;
  // an input that depends on the image but was not passed on position by position (attention, gates) brings in the whole image
  const isMixed = node.inputs.some((name) => dependent.has(name) && !to.sources.includes(name));
  return (isMixed && node.opType !== "Concat") || MIXING.has(node.opType)
    ? [wholeImage(hull[0]), wholeImage(hull[1])]
    : hull;
}

/** Operators that keep the shape but mix all positions. */
const MIXING = new Set(["InstanceNormalization", "GroupNormalization", "MeanVarianceNormalization"]);

const wholeImage = (field: AxisField): AxisField => ({
  ...field,
  start: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
});

function hullOf(fields: readonly AxisField[]): AxisField {
  const start = Math.min(...fields.map((f) => f.start));
  const end = Math.max(...fields.map((f) => f.end));
  const finite = Number.isFinite(start) && Number.isFinite(end);
  const centres = fields.map((f) => f.centre);
  const centre = finite ? (start + end) / 2 : (Math.min(...centres) + Math.max(...centres)) / 2;
  return { stride: (fields[0] as AxisField).stride, start, end, centre };
}

type Window = {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
};

function throughNode(
  b: GraphBuilder,
  node: Node,
  from: Followed,
  to: Followed,
  field: ReceptiveField,
): ReceptiveField {
  const step = STEPS[node.opType];
  const along = (axis: 0 | 1): AxisField => {
    if (step !== undefined && from.layout?.kind === "map" && to.layout?.kind === "map")
      return step({ b, node, from: from.layout, to: to.layout, axis }, field[axis]);
    return regridded(field[axis], from.space.grid[axis] / to.space.grid[axis]);
  };
  return [along(0), along(1)];
}

/** A grid that became coarser by itself (tokens pooled by a reshape) joins neighbours; nothing else changes the field. */
const regridded = (field: AxisField, joined: number): AxisField =>
  joined <= 1
    ? field
    : {
        stride: field.stride * joined,
        start: field.start,
        end: field.end + (joined - 1) * field.stride,
        centre: field.centre + ((joined - 1) / 2) * field.stride,
      };

interface StepContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly from: SpatialLayout;
  readonly to: SpatialLayout;
  /** 0: rows, 1: columns. */
  readonly axis: number;
}

type Step = (context: StepContext, field: AxisField) => AxisField;

/** Convolution and pooling: stride multiplies, the kernel widens by (k − 1)·d steps of the input's stride. */
const windowed: Step = (context, field) => {
  const { kernel, stride, dilation, pad } = windowOf(context);
  const start = field.start - pad * field.stride;
  const end = field.end + ((kernel - 1) * dilation - pad) * field.stride;
  return {
    stride: field.stride * stride,
    start,
    end,
    centre: shifted(field, ((kernel - 1) * dilation) / 2 - pad, start, end),
  };
};

/** Transposed convolution and resizing: cells come to lie between those of the input, and see their neighbours. */
const enlarged: Step = ({ from, to, axis }, field) => {
  const scale = (to.grid[axis] as number) / (from.grid[axis] as number);
  const stride = field.stride / scale;
  const centre = field.centre + (0.5 / scale - 0.5) * field.stride;
  return { stride, start: field.start - field.stride, end: field.end + field.stride, centre };
};

/** Pad: cell i is the input's cell i − pad. */
const padded: Step = ({ b, node, from, axis }, field) => {
  const pads = b.constant(node.inputs[1] ?? "");
  return moved(field, -(pads?.[from.spatialAxes[axis] as number] ?? 0));
};

const sliced: Step = ({ b, node, from, axis }, field) => {
  const starts = b.constant(node.inputs[1] ?? "") ?? [];
  const axes = b.constant(node.inputs[3] ?? "") ?? starts.map((_, i) => i);
  const steps = b.constant(node.inputs[4] ?? "") ?? [];
  const i = axes.findIndex(
    (a) => (a < 0 ? a + b.rank(node.inputs[0] as string) : a) === from.spatialAxes[axis],
  );
  if (i < 0) return field;
  const start = starts[i] as number;
  const first = start < 0 ? start + (from.grid[axis] as number) : start;
  const shifted = moved(field, first);
  return { ...shifted, stride: shifted.stride * (steps[i] ?? 1) };
};

const moved = (field: AxisField, cells: number): AxisField => ({
  stride: field.stride,
  start: field.start + cells * field.stride,
  end: field.end + cells * field.stride,
  centre: field.centre + cells * field.stride,
});

const shifted = (field: AxisField, cells: number, start: number, end: number): number =>
  Number.isFinite(start) && Number.isFinite(end) ? (start + end) / 2 : field.centre + cells * field.stride;

const STEPS: Readonly<Record<string, Step | undefined>> = {
  Conv: windowed,
  MaxPool: windowed,
  AveragePool: windowed,
  LpPool: windowed,
  ConvTranspose: enlarged,
  Resize: enlarged,
  DepthToSpace: enlarged,
  SpaceToDepth: enlarged,
  Pad: padded,
  Slice: sliced,
};

function windowOf({ b, node, from, to, axis }: StepContext): Window {
  const kernel = attr.ints(node, "kernel_shape")?.[axis] ?? b.dims(node.inputs[1] as string)[axis + 2] ?? 1;
  const stride = attr.ints(node, "strides")?.[axis] ?? 1;
  const dilation = attr.ints(node, "dilations")?.[axis] ?? 1;
  const auto = attr.string(node, "auto_pad", "NOTSET");
  if (auto === "NOTSET") return { kernel, stride, dilation, pad: attr.ints(node, "pads")?.[axis] ?? 0 };
  if (auto === "VALID") return { kernel, stride, dilation, pad: 0 };
  const total = Math.max(
    0,
    ((to.grid[axis] as number) - 1) * stride + (kernel - 1) * dilation + 1 - (from.grid[axis] as number),
  );
  return {
    kernel,
    stride,
    dilation,
    pad: auto === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2),
  };
}
