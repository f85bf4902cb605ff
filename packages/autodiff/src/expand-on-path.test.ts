// Oracle: finite differences (test-support/gradient-spec.ts) of the operator itself, which is expanded for its gradient only.
import { inferShapes, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { expandOnPath } from "./expand-on-path.ts";
import { checkRow, type GradientRow } from "./test-support/gradient-spec.ts";

const row = (name: string, opset: number, graph: string, constants = ""): GradientRow => ({
  name,
  opset,
  graph: graph.replace("CONSTANTS", constants === "" ? "" : `<${constants}>`),
  precision: "float",
  tolerance: 1e-2,
  why: "several products in single precision",
  secondOrder: false,
});

const weights = (name: string, dims: readonly number[]): string =>
  `float[${dims}] ${name} = {${Array.from({ length: dims.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(3 * i + 1).toFixed(3))}}`;

const ROWS: readonly GradientRow[] = [
  row(
    "GroupNormalization, a scale for each channel",
    21,
    "(float[N,4,3,3] x, float[4] g, float[4] c) => (y) { y = GroupNormalization <num_groups = 2> (x, g, c) }",
  ),
  row("RMSNormalization", 23, "(float[N,3,6] x, float[6] g) => (y) { y = RMSNormalization (x, g) }"),
  row(
    "MeanVarianceNormalization",
    18,
    "(float[N,3,3,3] x) => (y) { y = MeanVarianceNormalization <axes = [2, 3]> (x) }",
  ),
  row("LpNormalization", 18, "(float[N,3,4] x) => (y) { y = LpNormalization <axis = -1, p = 2> (x) }"),
  row(
    "Attention with a mask",
    23,
    "(float[N,2,3,4] q, float[N,2,5,4] k, float[N,2,5,3] v, float[3,5] m) => (y) { y = Attention (q, k, v, m) }",
  ),
  row(
    "causal Attention of grouped heads",
    23,
    "(float[N,4,3,4] q, float[N,2,3,4] k, float[N,2,3,3] v) => (y) { y = Attention <is_causal = 1, softcap = 2.0> (q, k, v) }",
  ),
  row(
    "RotaryEmbedding",
    23,
    "(float[2,2,3,4] x) => (y) CONSTANTS { y = RotaryEmbedding (x, cos, sin) }",
    `${weights("cos", [2, 3, 2])}, ${weights("sin", [2, 3, 2])}`,
  ),
  row(
    "LSTM, bidirectional",
    18,
    '(float[N,4,2] x) => (y) CONSTANTS { t = Transpose <perm = [1, 0, 2]> (x)  y = LSTM <hidden_size = 3, direction = "bidirectional"> (t, w, r, c) }',
    [weights("w", [2, 12, 2]), weights("r", [2, 12, 3]), weights("c", [2, 24])].join(", "),
  ),
  row(
    "GRU",
    18,
    "(float[4,2,2] x) => (y) CONSTANTS { y = GRU <hidden_size = 3, linear_before_reset = 1> (x, w, r, c) }",
    [weights("w", [1, 9, 2]), weights("r", [1, 9, 3]), weights("c", [1, 18])].join(", "),
  ),
];

describe("gradients through operators without a rule", () => {
  it.each(ROWS.map((r) => [r.name, r] as const))("%s", async (_, r) => {
    await checkRow(r);
  });
});

it("opens only what a gradient passes", () => {
  const model = parseGraphText(
    "g (float[2,3] x) => (float[2,3] y) { a = LpNormalization (x)  b = LpNormalization (a)  y = Neg (b) }",
  );
  const operators = (wrt: string) =>
    expandOnPath(model, inferShapes(model), { of: ["y"], wrt: [wrt] }).model.graph.nodes.map((n) => n.opType);
  expect(operators("b")).toEqual(["LpNormalization", "LpNormalization", "Neg"]);
  expect(operators("a").filter((op) => op === "LpNormalization")).toHaveLength(1);
  expect(operators("x")).not.toContain("LpNormalization");
});
