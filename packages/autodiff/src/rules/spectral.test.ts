// Oracle: finite differences (test-support/gradient-spec.ts). The transform is linear, so that differences are exact.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as spectral from "./spectral.ts";

const row = (name: string, dims: string, constants: string, call: string, opset = 20) => ({
  name,
  graph: `(float[${dims}] x) => (y) ${constants === "" ? "" : `<${constants}>`} { y = ${call} }`,
  opset,
});

const SPEC: SpecTable<typeof spectral> = {
  DFT: [
    row("real", "N,6,1", "", "DFT (x)"),
    row("complex, inner axis", "N,4,3,2", "int64 axis = {1}", "DFT (x, , axis)"),
    row("inverse", "N,5,2", "", "DFT <inverse = 1> (x)"),
    row("one-sided, even length", "N,6,1", "", "DFT <onesided = 1> (x)"),
    row("one-sided, odd length", "N,5,3,1", "int64 axis = {1}", "DFT <onesided = 1> (x, , axis)"),
    row("padded", "N,5,2", "int64 n = {8}", "DFT (x, n)"),
    row("truncated", "N,6,1", "int64 n = {4}", "DFT (x, n)"),
    row("axis as attribute", "N,4,3,1", "", "DFT <axis = 2> (x)", 18),
    row("default axis of the first version", "N,4,3,1", "", "DFT (x)", 18),
    {
      name: "filtered in the frequency domain, as global filter networks do",
      graph: "(float[N,4,1] x, float[3,1] w) => (y) { f = DFT <onesided = 1> (x)  y = Mul (f, w) }",
    },
  ],
};

describeGradients(SPEC);
