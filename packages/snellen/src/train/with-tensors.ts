// Other numbers for parameters of a network: in the file's own graph where every one of them is one of its constants; otherwise what the
// file would have had to compute from others is a constant now, and the canonical graph takes the place of the file's.
import { type Model, type Tensor, withGraph } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";

/** @param tensors by the names of the canonical graph's constants */
export function withTensors(info: DescribedModel, tensors: ReadonlyMap<string, Tensor>): DescribedModel {
  const model = replaced(info.model, tensors);
  const own = info.original.graph.initializers;
  const isOwn = [...tensors].every(([name, tensor]) => isSameKind(own.get(name), tensor));
  return { ...info, model, original: isOwn ? replaced(info.original, tensors) : model };
}

const replaced = (model: Model, tensors: ReadonlyMap<string, Tensor>): Model =>
  withGraph(model, { initializers: new Map([...model.graph.initializers, ...tensors]) });

const isSameKind = (own: Tensor | undefined, other: Tensor): boolean =>
  own !== undefined && own.dataType === other.dataType && String(own.dims) === String(other.dims);
