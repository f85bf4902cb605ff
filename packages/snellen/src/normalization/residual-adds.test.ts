// Oracle: architectures read by hand, each reduced to one sum.
import { describe, expect, it } from "vitest";
import { conv, flowOfText, HEAD } from "./gammas/test-support/classify-text.ts";
import { findResidualAdds } from "./residual-adds.ts";

const found = (body: string, output?: string) =>
  findResidualAdds(flowOfText(body, output)).map(
    ({ node, kind, skip, branches }) => `${node.name}: ${kind} ${skip} + ${branches.join(" + ")}`,
  );

const MAP = "N,4,?,?";

describe("a residual Add is", () => {
  it.each([
    [
      "the identity and a branch",
      `${conv("a", "x", "c1")}  ["sum"] h = Add (a, x)  ${HEAD}`,
      "sum: identity x + a",
    ],
    ["either way round", `${conv("a", "x", "c1")}  ["sum"] h = Add (x, a)  ${HEAD}`, "sum: identity x + a"],
    [
      "a branch without weights that mixes positions",
      `a = AveragePool <kernel_shape=[3,3], pads=[1,1,1,1]> (x)  ["sum"] h = Sum (a, x)  ${HEAD}`,
      "sum: identity x + a",
    ],
    [
      "a projection and a longer branch",
      `["p"] s = Conv (x, {p.weight: 4,4,1,1})  t = BN(pbn, s)
       ${conv("a", "x", "c1")}  b = BN(bn1, a)  c = Relu (b)  ${conv("d", "c", "c2")}  e = BN(bn2, d)  ["sum"] h = Add (e, t)  ${HEAD}`,
      "sum: projection t + e",
    ],
    [
      "a shortcut without weights (ResNet's option A)",
      `s = AveragePool <kernel_shape=[1,1], strides=[2,2]> (x)
       ["c1"] a = Conv <pads=[1,1,1,1], strides=[2,2]> (x, {c1.weight: 4,4,3,3})  ["sum"] h = Add (a, s)  ${HEAD}`,
      "sum: projection s + a",
    ],
    [
      "a separable projection, whose depthwise part does not count",
      `["dw"] s = Conv <group=4, pads=[1,1,1,1]> (x, {dw.weight: 4,1,3,3})  ["pw"] t = Conv (s, {pw.weight: 4,4,1,1})
       ${conv("a", "x", "c1")}  ${conv("b", "a", "c2")}  ["sum"] h = Add (b, t)  ${HEAD}`,
      "sum: projection t + b",
    ],
    [
      "the last of a chain, with parallel branches",
      `${conv("a", "x", "c1")}  ${conv("b", "x", "c2")}  s = Add (x, a)  ["sum"] h = Add (s, b)  ${HEAD}`,
      "sum: identity x + a + b",
    ],
    [
      "around another one that it alone reads (a context block)",
      `${conv("a", "x", "c1")}  g1 = GlobalAveragePool (a)  ["fc"] g2 = Conv (g1, {ctx.weight: 4,4,1,1})  s = Add (a, g2)  ["sum"] h = Add (s, x)  ${HEAD}`,
      "sum: identity x + a + g2",
    ],
    [
      "RepVGG's identity beside two convolutions",
      `${conv("a", "x", "c1")}  b = BN(bn1, a)  ["c2"] c = Conv (x, {c2.weight: 4,4,1,1})  d = BN(bn2, c)  e = BN(bn3, x)
       s = Add (b, d)  ["sum"] h = Add (s, e)  ${HEAD}`,
      "sum: projection e + b + d",
    ],
    [
      "a class token, a constant, and what is computed from it",
      `t0 = Shape <start=0, end=1> (x)  n = Concat <axis=0> (t0, rest)  token = Expand ({cls: 1,1,4}, n)
       r = Reshape (x, flat)  t = Transpose <perm=[0,2,1]> (r)  all = Concat <axis=1> (token, t)  m = MatMul (all, {w.m: 4,4})  q = Slice (m, k0, k1, k1)
       ["sum"] z = Add (token, q)  f = Flatten (z)  y = MatMul (f, {fc.weight: 4,3})`,
      "sum: identity token + q",
    ],
  ])("%s", (_, body, expected) => {
    const text = body.includes("rest")
      ? body.replace(
          "t0 =",
          "rest = Constant <value_ints=[1,4]> ()  flat = Constant <value_ints=[0,4,64]> ()  k0 = Constant <value_ints=[0]> ()  k1 = Constant <value_ints=[1]> ()  t0 =",
        )
      : body;
    expect(found(text)).toEqual([expected]);
  });
});

describe("no residual Add is", () => {
  it.each([
    ["a bias", `a = Add (x, {w.b: 4,1,1})  ${conv("h", "a", "c1")}  ${HEAD}`],
    ["a positional embedding", `${conv("a", "x", "c1")}  h = Add (a, {pos: 1,4,8,8})  ${HEAD}`],
    ["a value and itself", `${conv("a", "x", "c1")}  h = Add (a, a)  ${HEAD}`],
    [
      "a sum of equals (RepVGG with a stride)",
      `${conv("a", "x", "c1")}  b = BN(bn1, a)  ["c2"] c = Conv (x, {c2.weight: 4,4,1,1})  d = BN(bn2, c)  h = Add (b, d)  ${HEAD}`,
    ],
    [
      "GELU by tanh, written out",
      `k = Constant <value_float=0.044715> ()  a = Mul (x, x)  b = Mul (a, x)  c = Mul (b, k)  d = Add (x, c)  t = Tanh (d)
       o = Constant <value_float=1.0> ()  e = Add (t, o)  h = Mul (x, e)  ${HEAD}`,
    ],
    ["a square beside its root", `a = Mul (x, x)  b = Add (x, a)  ${conv("h", "b", "c1")}  ${HEAD}`],
    [
      "rotary positions",
      `a = Mul (x, {cos: 4,8,8})  n = Neg (x)  b = Mul (n, {sin: 4,8,8})  h = Add (a, b)  ${HEAD}`,
    ],
    [
      "attention logits with a bias that depends on the queries",
      `q = MatMul (x, {w.q: 8,8})  k = Transpose <perm=[0,1,3,2]> (x)  l = MatMul (q, k)  r = MatMul (q, {rel: 8,8})  s = Add (l, r)  p = Softmax (s)
       v = MatMul (x, {w.v: 8,8})  h = MatMul (p, v)  ${HEAD}`,
    ],
    [
      "two heads averaged",
      `p = GlobalAveragePool (x)  f = Flatten (p)  a = MatMul (f, {w.a: 4,3})  m = GlobalMaxPool (x)  g1 = Flatten (m)  b = MatMul (g1, {w.b: 4,3})  y = Add (a, b)`,
    ],
    [
      "a feature pyramid's lateral sum",
      `s = Constant <value_floats=[1.0,1.0,2.0,2.0]> ()  ["d1"] a = Conv <pads=[1,1,1,1], strides=[2,2]> (x, {d1.weight: 4,4,3,3})
       ${conv("b", "a", "d2")}  up = Resize (b, , s)  ["lat"] l = Conv (x, {lat.weight: 4,4,1,1})  h = Add (l, up)  ${HEAD}`,
    ],
    [
      "one scale of Res2Net and the next",
      `k0 = Constant <value_ints=[0]> ()  k2 = Constant <value_ints=[2]> ()  k4 = Constant <value_ints=[4]> ()  k1 = Constant <value_ints=[1]> ()
       ${conv("a", "x", "c1")}  s1 = Slice (a, k0, k2, k1)  s2 = Slice (a, k2, k4, k1)  ["c2"] b = Conv <pads=[1,1,1,1]> (s1, {c2.weight: 2,2,3,3})
       s = Add (b, s2)  ["c3"] c = Conv <pads=[1,1,1,1]> (s, {c3.weight: 2,2,3,3})  h = Concat <axis=1> (b, c)  ${HEAD}`,
    ],
    [
      "the same, by Split",
      `${conv("a", "x", "c1")}  s1, s2 = Split <axis=1, num_outputs=2> (a)  ["c2"] b = Conv <pads=[1,1,1,1]> (s1, {c2.weight: 2,2,3,3})
       s = Add (b, s2)  ["c3"] c = Conv <pads=[1,1,1,1]> (s, {c3.weight: 2,2,3,3})  h = Concat <axis=1> (b, c)  ${HEAD}`,
    ],
  ])("%s", (_, body) => {
    expect(found(body)).toEqual([]);
  });
});

it("knows what lies on the projection alone", () => {
  const [residual] = findResidualAdds(
    flowOfText(
      `["p"] s = Conv (x, {p.weight: 4,4,1,1})  ${conv("a", "x", "c1")}  ${conv("b", "a", "c2")}  y = Add (b, s)`,
      MAP,
    ),
  );
  expect([...(residual?.skipOnly ?? [])].map((node) => node.name)).toEqual(["p"]);
});
