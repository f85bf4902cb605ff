// Oracle: finite differences (test-support/gradient-spec.ts).
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as control from "./control.ts";

const SPEC: SpecTable<typeof control> = {
  Scan: [
    {
      name: "a state that is also given step by step",
      graph:
        "(float[N,2] h, float[4,N,2] x) => (last, all) { last, all = Scan <num_scan_inputs = 1, body = step (float[N,2] s, float[N,2] e) => (float[N,2] t, float[N,2] o) " +
        "{ p = Mul (s, e)  q = Tanh (p)  t = Add (q, e)  o = Identity (t) }> (h, x) }",
    },
    {
      name: "only the last state, two states",
      graph:
        "(float[2] h, float[3] g, float[4,3] x) => (p, q) { p, q = Scan <num_scan_inputs = 1, body = step (float[2] s, float[3] u, float[3] e) => (float[2] t, float[3] v) " +
        "{ m = ReduceMean <keepdims = 0> (e)  sm = Mul (s, m)  t = Sin (sm)  ue = Mul (u, e)  ts = ReduceSum <keepdims = 0> (s)  v = Add (ue, ts) }> (h, g, x) }",
    },
    {
      name: "backwards, over inner axes, two inputs, the state given under another name",
      graph:
        "(float[N,2] h, float[N,3,2] x, float[3,2] z) => (last, all, other) { last, all, other = Scan <num_scan_inputs = 2, scan_input_axes = [1, 0], scan_input_directions = [1, 0], " +
        "scan_output_axes = [-1, 1], scan_output_directions = [1, 0], body = step (float[N,2] s, float[N,2] e, float[2] f) => (float[N,2] t, float[N,2] o, float[N,2] r) " +
        "{ p = Mul (s, e)  q = Mul (p, f)  t = Add (q, e)  o = Identity (t)  r = Exp (q) }> (h, x, z) }",
    },
    {
      name: "a weight around the body, and an unused last state",
      graph:
        "(float[N,2] h, float[3,N,2] x, float[2,2] w) => (all) { last, all = Scan <num_scan_inputs = 1, body = step (float[N,2] s, float[N,2] e) => (float[N,2] t, float[N,2] o) " +
        "{ m = MatMul (s, w)  a = Add (m, e)  t = Tanh (a)  o = Mul (t, e) }> (h, x) }",
    },
    {
      name: "no states",
      graph:
        "(float[3,2] x) => (y) { y = Scan <num_scan_inputs = 1, body = step (float[2] e) => (float[2] o) { o = Mul (e, e) }> (x) }",
    },
    {
      name: "an LSTM in both directions over a sequence as long as the batch is large",
      graph:
        "(float[N,2,3] x) => (y, h, c) <float[2,8,3] w = {" +
        weights(48) +
        "}, float[2,8,2] r = {" +
        weights(32) +
        "}> " +
        '{ y, h, c = LSTM <hidden_size = 2, direction = "bidirectional"> (x, w, r) }',
    },
    {
      name: "a GRU by its weights",
      graph:
        "(float[3,4,2] x, float[1,6,2] w, float[1,6,2] r, float[1,12] b) => (y) { y, h = GRU <hidden_size = 2, linear_before_reset = 1> (x, w, r, b) }",
      wrt: ["w", "r", "b"],
    },
  ],
};

function weights(count: number): string {
  return Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1).toFixed(3)).join(", ");
}

describeGradients(SPEC);
