// What every repair ends in, before anybody writes it to files: a model, what changed, and code that does the same in PyTorch.
import type { Model } from "@snellen/graph";
import type { VisionModel } from "../vision-model/vision-model.ts";

/** What a repair ends in: a report and, where something was mended, the model. */
export interface Mending<Report> {
  /** Plain data, for JSON. */
  readonly report: Report;
  /** Undefined where there was nothing to mend. */
  readonly mended: MendedModel | undefined;
}

/** A mended model with the same change as PyTorch code. */
export interface MendedModel {
  /** Unchanged weights lie where the original has them. */
  readonly model: Model;
  /**
   * The code that makes the same change in PyTorch.
   * @param fileName what the mended model is called
   */
  readonly snippet: (fileName: string) => string;
}

/** Opens a changed version of the model's graph, on the same runtime and with the same options, to measure it again. */
export type Reopen = (model: Model) => Promise<VisionModel> | VisionModel;
