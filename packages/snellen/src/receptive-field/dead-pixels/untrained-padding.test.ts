// Kernels that were padded and not trained since. Oracle: what `padKernels` wrote, and weights written out.
import { type Model, makeTensor, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { padKernels } from "../kernel-padding/kernel-padding.ts";
import { untrainedPadding } from "./untrained-padding.ts";

/** A convolution of 3 channels to 1. */
function network(kernel: readonly [number, number], stride: number, values: readonly number[]): Model {
  const model = parseGraphText(`<ir_version: 9, opset_import: ["": 19]>
    agraph (float[N,3,16,16] image, float[1,3,${kernel}] w) => (float[N,1] logits)
    { [stem] y = Conv <strides = [${stride}, ${stride}]> (image, w) features = Relu (y) pooled = GlobalAveragePool (features)
      logits = Flatten (pooled) }`);
  const w = makeTensor("float32", [1, 3, ...kernel], values);
  return { ...model, graph: { ...model.graph, initializers: new Map([["w", w]]) } };
}

const found = (model: Model) => untrainedPadding(describeModel(model));
const rising = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

it("names what kernel padding wrote, and not what it was made from", () => {
  for (const kernel of [
    [3, 3],
    [1, 3],
    [2, 3],
  ] as const) {
    const before = network(kernel, 2, rising(3 * kernel[0] * kernel[1]));
    expect(found(before)).toEqual([]);
    expect(found(padKernels(before).model)).toEqual(["stem"]);
  }
});

it("takes no trained, no zero and no densely read kernel for one", () => {
  const zeroed = (last: number) => rising(12).map((v, i) => (i % 2 === 1 ? last : v));
  expect(found(network([2, 2], 2, zeroed(0)))).toEqual(["stem"]);
  expect(found(network([2, 2], 2, zeroed(1e-6)))).toEqual([]);
  expect(found(network([2, 2], 1, zeroed(0)))).toEqual([]);
  expect(found(network([2, 2], 2, new Array(12).fill(0)))).toEqual([]);
});
