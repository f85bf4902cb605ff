// Even kernels for the strided convolutions of a network that is to be trained: no pixel is seen less than its neighbours.
// arXiv:2108.13576; by the pass that `fix kernel-padding` runs, so that both begin with the same function.
import { type Model, UsageError } from "@snellen/graph";
import { padKernels } from "../receptive-field/kernel-padding/kernel-padding.ts";
import { flag, optionTitle } from "./network-options.ts";

export const paddedKernelsOption = flag(
  false,
  "zeros at the bottom and right of odd kernels with even strides, which training may use: no dead pixels (not in pooling)",
);

/** @throws UsageError `kernel-not-padded` where a convolution's cannot be */
export function withEvenKernels(network: Model): Model {
  const { model, left } = padKernels(network);
  const first = left.find(({ operator }) => operator === "Conv");
  if (first === undefined) return model;
  throw new UsageError("kernel-not-padded", `${first.node}: ${first.reason}`, {
    where: optionTitle("paddedKernels"),
    hint: "Give larger pictures, or fewer strided stages.",
  });
}
