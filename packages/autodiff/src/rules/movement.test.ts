// Oracle: finite differences (test-support/gradient-spec.ts). These operators are linear, so that differences are exact.
import { describeGradients, type SampledRow, type SpecTable } from "../test-support/gradient-spec.ts";
import { fixed } from "../test-support/random.ts";
import type * as movement from "./movement.ts";

/** `dims` of x, constants, and the call. */
const row = (name: string, dims: string, constants: string, call: string): SampledRow => ({
  name,
  graph: `(float[${dims}] x) => (y) ${constants === "" ? "" : `<${constants}>`} { y = ${call} }`,
});

const slice = (
  name: string,
  dims: string,
  starts: number[],
  ends: string[],
  axes: number[],
  steps?: number[],
) => {
  const vector = (label: string, values: readonly (number | string)[]) =>
    `int64[${values.length}] ${label} = {${values.join(", ")}}`;
  const constants = [vector("starts", starts), vector("ends", ends), vector("axes", axes)];
  if (steps !== undefined) constants.push(vector("steps", steps));
  return row(name, dims, constants.join(", "), `Slice (x, starts, ends, axes${steps ? ", steps" : ""})`);
};

const INT64_MAX = "9223372036854775807";
const INT64_MIN = "-9223372036854775808";

const pad = (mode: string, pads: readonly number[], axes?: readonly number[]) =>
  row(
    `${mode} [${pads}]${axes ? ` on axes [${axes}]` : ""}`,
    "N,2,5,4",
    `int64[${pads.length}] pads = {${pads}}${axes ? `, int64[${axes.length}] axes = {${axes}}` : ""}`,
    `Pad <mode = "${mode}"> (x, pads${axes ? ', "", axes' : ""})`,
  );

const SPEC: SpecTable<typeof movement> = {
  Reshape: [
    row("merging", "N,3,4", "int64[2] s = {0, -1}", "Reshape (x, s)"),
    row("of the batch", "N,3,4", "int64[3] s = {-1, 2, 2}", "Reshape (x, s)"),
    {
      name: "two open axes, shape computed",
      graph:
        "(float[N,3] x) => (y) <int64[1] three = {3}, int64[1] flat = {-1}> { " +
        "n = Shape <end = 1> (x)  e = Concat <axis = 0> (n, n, three)  t = Expand (x, e)  y = Reshape (t, flat) }",
    },
  ],
  Flatten: [
    row("from axis 1", "N,3,4", "", "Flatten (x)"),
    row("axis 0", "N,3,4", "", "Flatten <axis = 0> (x)"),
    row("axis -1", "N,3,4", "", "Flatten <axis = -1> (x)"),
  ],
  Squeeze: [
    row("named axes", "N,1,4,1", "int64[2] a = {1, -1}", "Squeeze (x, a)"),
    row("all axes of size one", "4,1,3,1", "", "Squeeze (x)"),
  ],
  Unsqueeze: [row("two axes", "N,3", "int64[2] a = {0, -1}", "Unsqueeze (x, a)")],
  Transpose: [
    row("default", "N,3,4", "", "Transpose (x)"),
    row("a cycle", "N,3,4", "", "Transpose <perm = [1, 2, 0]> (x)"),
    row("rank six (windows)", "N,2,3,2,3,2", "", "Transpose <perm = [0, 1, 3, 2, 4, 5]> (x)"),
  ],
  Expand: [
    row("inner axes", "N,1,3", "int64[3] s = {1, 4, 3}", "Expand (x, s)"),
    row("rank growth", "3", "int64[3] s = {2, 2, 1}", "Expand (x, s)"),
    {
      name: "over the batch",
      graph:
        "(float[N,2] x, float[1,3] t) => (y) <int64[1] l = {3}> { n = Shape <end = 1> (x)  s = Concat <axis = 0> (n, l)  y = Expand (t, s) }",
      wrt: ["t"],
    },
  ],
  Concat: [
    {
      name: "of three",
      graph: "(float[N,2] a, float[N,1] c, float[N,3] d) => (y) { y = Concat <axis = -1> (a, c, d) }",
    },
    {
      name: "one of them differentiable",
      graph: "(float[N,2] a, float[N,1] c, float[N,3] d) => (y) { y = Concat <axis = 1> (a, c, d) }",
      wrt: ["c"],
    },
    {
      name: "along the batch",
      graph: "(float[N,2] a, float[3,2] c) => (y) { y = Concat <axis = 0> (a, c, a) }",
    },
    { name: "of a value with itself", graph: "(float[N,2] a) => (y) { y = Concat <axis = 1> (a, a) }" },
  ],
  Split: [
    {
      name: "sizes, one part unused",
      graph:
        "(float[N,6] x) => (y) <int64[3] s = {1, 2, 3}> { p, q, r = Split <axis = 1> (x, s)  e = Exp (r)  y = Mul (e, p) }",
    },
    {
      name: "equal parts, the last smaller",
      graph: "(float[N,5] x) => (p, q, r) { p, q, r = Split <axis = -1, num_outputs = 3> (x) }",
    },
    {
      name: "one part",
      graph: "(float[N,5] x) => (p) { p = Split <axis = 1, num_outputs = 1> (x) }",
    },
  ],
  Slice: [
    slice("inner run", "N,6,4", [1], ["4"], [1]),
    slice("two axes to the end, negative starts", "N,6,4", [-3, 1], [INT64_MAX, INT64_MAX], [1, -1]),
    slice("start before and end behind the axis", "N,6", [-100], ["100"], [1]),
    slice("step 2 on two axes", "N,5,4,3", [0, 1], [INT64_MAX, INT64_MAX], [1, 2], [2, 2]),
    slice("step 3 from 1, tail cut", "N,9", [1], ["8"], [1], [3]),
    slice("reversed", "N,5,3", [-1], [INT64_MIN], [1], [-1]),
    slice("reversed from the huge end", "N,5", [1000], [INT64_MIN], [1], [-1]),
    slice("step -2 from the middle", "N,8", [6], ["0"], [1], [-2]),
    slice("mixed signs", "N,5,6", [-1, 1], [INT64_MIN, INT64_MAX], [1, 2], [-2, 3]),
    slice("nothing left, and the rest", "N,5", [2], [INT64_MAX], [1], [1]),
    slice("one of the batch", "N,3", [0], ["1"], [0]),
    slice("batch whole, other axis cut", "N,3", [0, 1], [INT64_MAX, "2"], [0, 1]),
    slice("batch reversed", "N,3", [-1], [INT64_MIN], [0], [-1]),
    row("axes and steps absent", "N,4", "int64[2] s = {0, 1}, int64[2] e = {9, 3}", "Slice (x, s, e)"),
    {
      name: "bounds follow the batch",
      graph:
        "(float[N,2] x) => (y) <int64[1] axis = {0}, int64[1] one = {1}, int64[1] two = {2}> " +
        "{ c = Concat <axis = 0> (x, x, x)  n = Shape <end = 1> (x)  e = Mul (n, two)  y = Slice (c, one, e, axis) }",
    },
  ],
  Tile: [
    row("inner axes", "N,2,3", "int64[3] r = {1, 3, 2}", "Tile (x, r)"),
    row("the batch", "N,2", "int64[2] r = {2, 1}", "Tile (x, r)"),
    row("the batch and another", "N,1", "int64[2] r = {2, 3}", "Tile (x, r)"),
    {
      name: "as often as the batch is large",
      graph:
        "(float[N,2] x, float[1,3] t) => (y) <int64[1] one = {1}> { n = Shape <end = 1> (x)  r = Concat <axis = 0> (n, one)  y = Tile (t, r) }",
      wrt: ["t"],
    },
    {
      name: "the batch as often as it is large",
      graph:
        "(float[N,2] x) => (y) <int64[1] one = {1}> { n = Shape <end = 1> (x)  r = Concat <axis = 0> (n, one)  y = Tile (x, r) }",
    },
  ],
  Pad: [
    pad("constant", [0, 0, 1, 2, 0, 1, 0, 1]),
    pad("constant", [1, -2, -1, 2], [2, -1]),
    pad("constant", [1, 0, 0, 0, 0, 0, 2, 0]),
    pad("edge", [0, 0, 2, 1, 0, 0, 3, 7]),
    pad("reflect", [0, 0, 4, 1, 0, 0, 2, 3]),
    pad("reflect", [2, 0], [2]),
    pad("wrap", [0, 0, 2, 1, 0, 0, 3, 4]),
    pad("edge", [-1, 2, 2, -1], [2, 3]),
    {
      name: "with its value",
      graph: "(float[N,3] x, float v) => (y) <int64[4] pads = {0, 1, 0, 2}> { y = Pad (x, pads, v) }",
    },
    {
      name: "pads computed from the batch",
      graph:
        "(float[N,3] x) => (y) <int64[3] z = {0, 0, 1}> { n = Shape <end = 1> (x)  p = Concat <axis = 0> (n, z)  y = Pad (x, p) }",
    },
  ],
  DepthToSpace: [
    row("DCR", "N,8,2,3", "", "DepthToSpace <blocksize = 2> (x)"),
    row("CRD", "N,8,2,3", "", 'DepthToSpace <blocksize = 2, mode = "CRD"> (x)'),
  ],
  SpaceToDepth: [row("blocks of two", "N,2,4,6", "", "SpaceToDepth <blocksize = 2> (x)")],
  Trilu: [
    row("upper", "N,3,4", "", "Trilu (x)"),
    row("lower, shifted", "N,3,4", "int64 k = {-1}", "Trilu <upper = 0> (x, k)"),
  ],
  ReverseSequence: [
    {
      name: "own lengths",
      graph:
        "(float[4,3,2] x, int64[3] lengths) => (y) { y = ReverseSequence <time_axis = 0, batch_axis = 1> (x, lengths) }",
      inputs: { lengths: fixed(1, 4, 3) },
      precision: "double",
    },
  ],
  CenterCropPad: [
    row(
      "crops one axis and pads the other",
      "N,5,4",
      "int64[2] s = {2, 7}",
      "CenterCropPad <axes = [1, 2]> (x, s)",
    ),
    row("all axes", "5,4", "int64[2] s = {8, 3}", "CenterCropPad (x, s)"),
  ],
};

describeGradients(SPEC);
