// The theoretical receptive field of any value of a model that has rows and columns, and the form in which results state it.
import { closest, createBuilder, type GraphBuilder, UsageError } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { followSpace, imageSpace, type Spaces } from "../../vision-model/follow-space.ts";
import { type AxisField, fieldSize, type ReceptiveField, receptiveFields } from "./theoretical.ts";

/** Receptive fields of a model's values, and what they were derived from. */
export interface Fields {
  readonly b: GraphBuilder;
  readonly spaces: Spaces;
  /** Of every value that holds all positions of its grid, the image included. */
  readonly fields: ReadonlyMap<string, ReceptiveField>;
}

/** Walks the canonical graph once; pure. What the fields promise stands at `receptiveFields`. */
export function fieldsOf({ model, shapes, input }: DescribedModel): Fields {
  const b = createBuilder(model, shapes);
  const pixels = shapes.probes[0]?.get(input.name)?.dims ?? [];
  const spaces = followSpace(b, model.graph.nodes, input.name, imageSpace(pixels, input.layout));
  return { b, spaces, fields: receptiveFields(b, model.graph.nodes, input.name, spaces) };
}

/**
 * Field of a value of the canonical graph, feature layer or not, [rows, columns] in pixels of the network's input; −∞ … ∞ where
 * an operator on the way sees the whole image.
 * @throws UsageError `unknown-value`; `no-spatial-extent` for a value without rows and columns, or of a single cell
 */
export function receptiveField(info: DescribedModel, value: string): ReceptiveField {
  const layer = info.layers.layers.find((l) => l.value === value)?.field;
  if (layer !== undefined) return layer;
  requireValue(info, value);
  const { spaces, fields } = fieldsOf(info);
  const field = fields.get(value);
  const [h, w] = spaces.get(value)?.space.grid ?? [1, 1];
  if (field !== undefined && h * w > 1) return field;
  throw new UsageError("no-spatial-extent", "has no rows and columns, so no field of its own.", {
    where: `value "${value}"`,
    hint: "Choose a feature map: snellen inspect <model> --layers.",
  });
}

/** @throws UsageError `unknown-value` */
function requireValue({ model: { graph } }: DescribedModel, value: string): void {
  const computed = [...graph.inputs.map((v) => v.name), ...graph.nodes.flatMap((node) => node.outputs)];
  if (computed.includes(value) || graph.initializers.has(value)) return;
  throw new UsageError("unknown-value", `no value "${value}" in the graph.`, {
    hint: `Did you mean "${closest(value, computed)}"? List feature maps: snellen inspect <model> --layers.`,
  });
}

/** A field as results state it: [rows, columns] in pixels of the network's input. Null stands for the whole image. */
export interface FieldDescription {
  readonly size: readonly [number | null, number | null];
  /** Pixels between neighbouring cells; always finite. */
  readonly stride: readonly [number, number];
  /** First pixel that cell 0 sees; negative where it begins in the padding. */
  readonly start: readonly [number | null, number | null];
  /** Pixel position of cell 0's centre; always finite. */
  readonly centre: readonly [number, number];
}

/** Fit for JSON; rounded to a millionth of a pixel, as strides of resized maps may be fractions. */
export function fieldDescription([rows, columns]: ReceptiveField): FieldDescription {
  const both = <T>(of: (field: AxisField) => T): readonly [T, T] => [of(rows), of(columns)];
  return {
    size: both((f) => finite(fieldSize(f))),
    stride: both((f) => rounded(f.stride)),
    start: both((f) => finite(f.start)),
    centre: both((f) => rounded(f.centre)),
  };
}

const rounded = (pixels: number): number => Math.round(pixels * 1e6) / 1e6 + 0;

const finite = (pixels: number): number | null => (Number.isFinite(pixels) ? rounded(pixels) : null);
