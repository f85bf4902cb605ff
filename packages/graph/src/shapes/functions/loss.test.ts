import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

it.each([
  "g (float[2,3,4] x, int64[2,4] t) => (y) { y, log = SoftmaxCrossEntropyLoss (x, t) }",
  'g (float[2,3] x, int64[2] t) => (y) { y = SoftmaxCrossEntropyLoss <reduction = "none"> (x, t) }',
  'g (float[2,3,4] x, int64[2,4] t) => (y) { y = NegativeLogLikelihoodLoss <reduction = "none"> (x, t) }',
])("%s", agreesWithRuntime);
