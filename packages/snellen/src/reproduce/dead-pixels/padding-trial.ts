// What padding a network's kernels changes before any training: the outputs and R should stay, and there are weights to train.
// Kim et al., arXiv:2108.13576, section 5.
import {
  dimsOf,
  elementCount,
  inferShapes,
  loadExternalTensors,
  type ReadRange,
  type Shapes,
} from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import { type Source, unlessUnreadable } from "../../images/stream.ts";
import { deadPixelIndices } from "../../receptive-field/dead-pixels/dead-pixel-indices.ts";
import type { FieldPlan } from "../../receptive-field/effective/effective.ts";
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import {
  type KernelChange,
  type KernelLeft,
  kernelConstants,
  padKernels,
} from "../../receptive-field/kernel-padding/kernel-padding.ts";
import { outputDifference } from "../../receptive-field/kernel-padding/output-difference.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { fieldOfParts, fieldPart, type PartOptions } from "./field-parts.ts";

/** Plain data; null where nothing was padded. */
export interface PaddingTest {
  readonly changes: readonly Pick<KernelChange, "node" | "operator" | "kernel" | "strides" | "isEven">[];
  readonly left: readonly KernelLeft[];
  /** Zeros that training can use. */
  readonly weightsAdded: number;
  readonly images: number;
  /** Largest difference of a score, over the largest score. */
  readonly outputDifference: number | null;
  /** ‖R after − R before‖ / ‖R before‖ of the score's R. */
  readonly fieldDifference: number | null;
  /** Over the mean of R. */
  readonly L1Before: number | null;
  readonly L1After: number | null;
}

const UNMEASURED = {
  images: 0,
  outputDifference: null,
  fieldDifference: null,
  L1Before: null,
  L1After: null,
} as const;

/** Images whose scores are compared. */
const COMPARED = 8;

/** @param plan of the score alone; `sources` are what R is accumulated over, twice */
export async function paddingTest(
  model: VisionModel,
  plan: FieldPlan,
  sources: readonly Source<ImageInput>[],
  { readExternal, ...options }: PartOptions & { readonly readExternal?: ReadRange },
): Promise<PaddingTest> {
  const padded = await paddedModel(model, readExternal);
  const { changes, left, weightsAdded } = padded;
  const test = { changes: changes.map(changeOf), left, weightsAdded };
  const images: ImageInput[] = [];
  for (const { source, read } of sources.slice(0, COMPARED)) {
    const image = await unlessUnreadable(source, read, () => undefined);
    if (image !== undefined) images.push(image);
  }
  if (padded.model === undefined || images.length === 0) return { ...test, ...UNMEASURED };
  const outputs = [];
  for (const one of [model, padded.model]) {
    const predicted = await one.predict(images, options);
    outputs.push(predicted.map(({ logits }) => ({ scores: new Tensor("float32", logits, [logits.length]) })));
  }
  const [before, after] = [
    await scoreField(model, plan, sources, options),
    await scoreField(padded.model, plan, sources, options),
  ];
  return {
    ...test,
    images: before.n,
    outputDifference: outputDifference(outputs[0] ?? [], outputs[1] ?? []).relative,
    fieldDifference: distance(before, after),
    L1Before: deadPixelIndices(before).l1Normalized ?? null,
    L1After: deadPixelIndices(after).l1Normalized ?? null,
  };
}

const changeOf = ({ node, operator, kernel, strides, isEven }: KernelChange) => ({
  node,
  operator,
  kernel,
  strides,
  isEven,
});

interface PaddedModel {
  /** Undefined where there is nothing to pad. */
  readonly model: VisionModel | undefined;
  readonly changes: readonly KernelChange[];
  readonly left: readonly KernelLeft[];
  readonly weightsAdded: number;
}

async function paddedModel(original: VisionModel, readExternal: ReadRange | undefined): Promise<PaddedModel> {
  const { info } = original;
  const needed = kernelConstants(info.model);
  const loaded =
    readExternal === undefined
      ? info.model
      : await loadExternalTensors(info.model, readExternal, (_, tensor) => needed.has(tensor));
  const { model, changes, left } = padKernels(loaded);
  if (changes.length === 0) return { model: undefined, changes, left, weightsAdded: 0 };
  // the canonical graph fixes every size but the batch's
  const shapes = inferShapes(model);
  return {
    model: original.altered({ ...info, model, shapes }, "padded"),
    changes,
    left,
    weightsAdded: changes.reduce((sum, change) => sum + zerosOf(change, shapes), 0),
  };
}

function zerosOf({ weight, kernel }: KernelChange, shapes: Shapes): number {
  const all = elementCount(dimsOf(shapes, weight ?? "") ?? [0]);
  return Math.round(all * (1 - elementCount(kernel.before) / elementCount(kernel.after)));
}

const scoreField = async (
  model: VisionModel,
  plan: FieldPlan,
  sources: readonly Source<ImageInput>[],
  options: PartOptions,
): Promise<FieldMap> =>
  fieldOfParts([await fieldPart(model, plan, sources, options)], 0, model.info.input.size);

function distance(before: FieldMap, after: FieldMap): number | null {
  const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  const size = norm(before.values);
  return size > 0 ? norm(before.values.map((v, i) => v - (after.values[i] as number))) / size : null;
}
