// Sizes of a model's values as far as the file fixes them, or as the user does where it leaves them open.
import {
  canonicalize,
  dataTypeOf,
  dimsOf,
  type Model,
  ModelError,
  type Shapes,
  type ValueInfo,
} from "@snellen/graph";
import { findImageInput } from "../../vision-model/image-input.ts";
import type { InputSize } from "./window.ts";

export interface Sizes {
  /** Undefined where sizes are open and nobody gave them. */
  readonly shapes: Shapes | undefined;
  readonly isOpen: boolean;
}

/**
 * @param dims sizes of open dimensions; needed only by windows with `auto_pad`
 * @throws ModelError `dynamic-axes` where some are given and others missing; what `canonicalize` throws
 */
export function sizesOf(model: Model, dims: Readonly<Record<string, number>>): Sizes {
  const named = withOpenDims(model);
  try {
    return { shapes: canonicalize(named).shapes, isOpen: false };
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== "dynamic-axes") throw error;
  }
  const isGiven = Object.keys(dims).length > 0;
  return { shapes: isGiven ? canonicalize(named, { dims }).shapes : undefined, isOpen: true };
}

/** Some exporters write -1 or 0 for an open dimension. */
const withOpenDims = (model: Model): Model => {
  const open = (info: ValueInfo): ValueInfo => ({
    ...info,
    dims: info.dims?.map((d) => (typeof d === "number" && d < 1 ? undefined : d)),
  });
  return { ...model, graph: { ...model.graph, inputs: model.graph.inputs.map(open) } };
};

/** Height, width, … of a window's input. */
export function inputSize({ shapes, isOpen }: Sizes, value: string): InputSize {
  const spatial = shapes === undefined ? undefined : dimsOf(shapes, value)?.slice(2);
  const isKnown = spatial?.every((size) => size > 0) === true;
  return { spatial: isKnown ? spatial : undefined, isOpen };
}

/** Element type and dimensions of a value; undefined where one of them is not known or follows the batch. */
export function typeOf({ shapes }: Sizes, value: string) {
  if (shapes === undefined) return undefined;
  const [dataType, dims] = [dataTypeOf(shapes, value), dimsOf(shapes, value)];
  return dataType === undefined || dims?.every((size) => size > 0) !== true ? undefined : { dataType, dims };
}

/** The open height and width of the image input as `dims`, by `input.axis`. @throws what `findImageInput` throws */
export function imageDims(
  model: Model,
  size: readonly [height: number, width: number],
  input?: string,
): Record<string, number> {
  const image = findImageInput(model, input);
  const first = image.layout === "NCHW" ? 2 : 1;
  const open = ([0, 1] as const).filter((axis) => image.size[axis] === undefined);
  return Object.fromEntries(open.map((axis) => [`${image.name}.${first + axis}`, size[axis]]));
}
