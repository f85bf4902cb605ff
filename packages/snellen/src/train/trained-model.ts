// The network with the weights that training found, for inference.
import type { Model } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import { unpacked, type VectorLayout } from "./vectors.ts";
import { withTensors } from "./with-tensors.ts";

/** A network with trained weights, for inference. */
export interface TrainedModel {
  /** To write; what the file said beside its graph stays. */
  readonly model: Model;
  /** Whether it is the file's own graph. */
  readonly isOriginal: boolean;
  /** For further work in memory. */
  readonly info: DescribedModel;
}

/** @param state vectors by the layouts' names */
export function trainedModel(
  info: DescribedModel,
  layouts: readonly VectorLayout[],
  state: ReadonlyMap<string, Float32Array>,
): TrainedModel {
  const tensors = layouts.flatMap((layout) => [...unpacked(layout, state.get(layout.name) as Float32Array)]);
  const trained = withTensors(info, new Map(tensors));
  return { model: trained.original, isOriginal: trained.original !== trained.model, info: trained };
}
