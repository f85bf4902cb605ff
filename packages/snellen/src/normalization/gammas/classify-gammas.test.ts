// Oracle: the rules of arXiv:2205.07260 applied by hand to small networks, one a rule; real architectures with hand labels are in
// classify-labelled.test.ts.
import { describe, expect, it } from "vitest";
import { classifyText, conv, HEAD, summaryOf } from "./test-support/classify-text.ts";

describe("branch-last: the branch's last normalization", () => {
  it("ResNet: bn2, while bn1 is scale-invariant and the stem starts the stream", () => {
    const body = `${conv("s", "x", "stem")}  t = BN(bn0, s)  u = Relu (t)  ${conv("a", "u", "c1")}  b = BN(bn1, a)  c = Relu (b)
      ${conv("d", "c", "c2")}  e = BN(bn2, d)  g1 = Add (e, u)  h = Relu (g1)  ${HEAD}`;
    expect(summaryOf(body)).toEqual({
      "bn0.weight": "shortcut>",
      "bn1.weight": "scale-invariant",
      "bn2.weight": "branch-last",
    });
  });

  it("through weight layers too (pre-activation), while the last one before the head is terminal", () => {
    const body = `${conv("s", "x", "stem")}  a = BN(bn1, s)  b = Relu (a)  ${conv("c", "b", "c1")}  d = BN(bn2, c)  e = Relu (d)
      ${conv("k", "e", "c2")}  g1 = Add (k, s)  m = BN(bn3, g1)  h = Relu (m)  ${HEAD}`;
    expect(summaryOf(body)).toEqual({
      "bn1.weight": "scale-invariant",
      "bn2.weight": "branch-last",
      "bn3.weight": "terminal",
    });
  });

  it("through a gate (squeeze and excitation)", () => {
    const body = `${conv("a", "x", "c1")}  b = BN(bn1, a)  m = GlobalAveragePool (b)  ["se"] k = Conv (m, {se.weight: 4,4,1,1})  i = Sigmoid (k)
      e = Mul (b, i)  h = Add (e, x)  ${HEAD}`;
    expect(summaryOf(body)).toEqual({ "bn1.weight": "branch-last" });
  });

  it("before a layer scale, which is listed beside it", () => {
    const body = `${conv("a", "x", "c1")}  b = BN(bn1, a)  ${conv("c", "b", "c2")}  ["ls"] d = Mul (c, {block.gamma: 4,1,1})  h = Add (d, x)  ${HEAD}`;
    const { gammas } = classifyText(body);
    expect(gammas.map(({ name, kind, category, decay }) => [name.name, kind, category, decay])).toEqual([
      ["bn1.weight", "batch", "branch-last", true],
      ["block.gamma", "layer-scale", "branch-last", true],
    ]);
    expect(gammas[1]?.reason).toContain("a layer scale");
  });

  it("not a Mul by a number, by another value, or far from the sum", () => {
    for (const scaled of [
      "k = Constant <value_float=0.2> ()  d = Mul (c, k)",
      "d = Mul (c, x)",
      "m = Mul (c, {w.m: 4,1,1})  d = Relu (m)",
    ])
      expect(classifyText(`${conv("c", "x", "c1")}  ${scaled}  h = Add (d, x)  ${HEAD}`).gammas).toEqual([]);
  });
});

describe("shortcut: the identity signal", () => {
  const block = (skip: string) =>
    `${conv("a", "u", "c1")}  b = BN(bn1, a)  c = Relu (b)  ${conv("d", "c", "c2")}  e = BN(bn2, d)  ${skip}`;

  it("on a projection", () => {
    const body = `${conv("s", "x", "stem")}  t = BN(bn0, s)  u = Relu (t)
      ${block(`["p"] v = Conv (u, {p.weight: 4,4,1,1})  w = BN(bnp, v)  h = Add (e, w)`)}  ${HEAD}`;
    expect(summaryOf(body)).toMatchObject({
      "bnp.weight": "shortcut",
      "bn0.weight": "scale-invariant",
      "bn2.weight": "branch-last",
    });
    expect(classifyText(body).gammas.find(({ name }) => name.name === "bnp.weight")?.reason).toContain(
      "projection shortcut",
    );
  });

  it("in front of a projection without one of its own", () => {
    const body = `${conv("s", "x", "stem")}  t = BN(bn0, s)  u = Relu (t)
      ${block(`["p"] v = Conv (u, {p.weight: 4,4,1,1})  h = Add (e, v)`)}  ${HEAD}`;
    expect(summaryOf(body)).toMatchObject({ "bn0.weight": "shortcut>" });
  });

  it("past a sum that is none: its two sides, added to each other, still start the stream", () => {
    const body = `${conv("s", "x", "s1")}  t = BN(bna, s)  ["s2"] v = Conv (x, {s2.weight: 4,4,1,1})  w = BN(bnb, v)  u = Add (t, w)
      ${conv("a", "u", "c1")}  b = BN(bn1, a)  h = Add (b, u)  ${HEAD}`;
    expect(summaryOf(body)).toEqual({
      "bna.weight": "shortcut>",
      "bnb.weight": "shortcut>",
      "bn1.weight": "branch-last",
    });
  });
});

describe("scale-invariant: normalized on every way", () => {
  const before = `${conv("s", "x", "c1")}  a = BN(bn1, s)`;
  const after = `${conv("m", "n", "c2")}  h = BN(bn2, m)  ${HEAD}`;
  it.each([
    ["ReLU and pooling", "r = Relu (a)  n = MaxPool <kernel_shape=[2,2]> (r)", ""],
    ["SiLU", "i = Sigmoid (a)  n = Mul (a, i)", "~"],
    [
      "ReLU6",
      "lo = Constant <value_float=0.0> ()  hi = Constant <value_float=6.0> ()  n = Clip (a, lo, hi)",
      "~",
    ],
    ["a gate from elsewhere, to which it is linear", "k = Sigmoid (x)  n = Mul (a, k)", ""],
    ["a sum of equals", `["c9"] k = Conv (x, {c9.weight: 4,4,1,1})  l = BN(bn9, k)  n = Add (a, l)`, "~"],
  ])("%s", (_, way, nearly) => {
    expect(summaryOf(`${before}  ${way}  ${after}`)).toMatchObject({
      "bn1.weight": `scale-invariant${nearly}`,
      "bn2.weight": "terminal",
    });
  });

  it("a convolution's bias does not count in front of batch normalization, but does in front of layer normalization", () => {
    const biased = `["c2"] m = Conv (a, {c2.weight: 4,4,1,1}, {c2.bias: 4})`;
    expect(summaryOf(`${before}  ${biased}  h = BN(bn2, m)  ${HEAD}`)).toMatchObject({
      "bn1.weight": "scale-invariant",
    });
    const layer =
      "m2 = Transpose <perm=[0,2,3,1]> (m)  l = LayerNormalization (m2, {ln.weight: 4}, {ln.bias: 4})  h = Transpose <perm=[0,3,1,2]> (l)";
    expect(summaryOf(`${before}  ${biased}  ${layer}  ${HEAD}`)).toMatchObject({
      "bn1.weight": "scale-invariant~",
    });
  });

  it("a concatenation (DenseNet) is normalized channel by channel, not group by group", () => {
    const both = `${before}  ["c2"] b = Conv (a, {c2.weight: 4,4,1,1})  c = BN(bn2, b)  d = Concat <axis=1> (c, a)`;
    const head = "p = GlobalAveragePool (n)  f = Flatten (p)  y = MatMul (f, {fc.weight: 8,3})";
    const batch = `n = BatchNormalization (d, {n.weight: 8}, {n.bias: 8}, {n.m: 8}, {n.v: 8})`;
    expect(summaryOf(`${both}  ${batch}  ${head}`)).toMatchObject({
      "bn1.weight": "scale-invariant",
      "bn2.weight": "scale-invariant",
    });
    const group = "n = GroupNormalization <num_groups=2> (d, {n.weight: 2}, {n.bias: 2})";
    expect(summaryOf(`${both}  ${group}  ${head}`)).toMatchObject({
      "bn1.weight": "scale-invariant~",
      "bn2.weight": "scale-invariant~",
    });
  });

  it("a concatenation of rows is not normalized channel by channel", () => {
    const rows = `${before}  d = Concat <axis=2> (a, x)  h = BN(bn2, d)  ${HEAD}`;
    expect(summaryOf(rows)).toEqual({ "bn1.weight": "scale-invariant~", "bn2.weight": "terminal" });
  });

  it("names what is in the way", () => {
    const [gamma] = classifyText(`${before}  ["silu"] i = Sigmoid (a)  n = Mul (a, i)  ${after}`).gammas;
    expect(gamma?.reason).toBe(
      'every way from it ends in a normalization (BatchNormalization "bn2"); nearly, for it passes SiLU at Sigmoid "silu"',
    );
  });
});

describe("terminal: what leaves the network", () => {
  it("also through a head that is normalized on another way, and says so", () => {
    const body = `${conv("s", "x", "c1")}  a = BN(bn1, s)  ${conv("b", "a", "c2")}  c = BN(bn2, b)  h = Concat <axis=1> (a, c)
      p = GlobalAveragePool (h)  f = Flatten (p)  y = MatMul (f, {fc.weight: 8,3})`;
    const { gammas } = classifyText(body);
    expect(gammas.map(({ category, decay }) => [category, decay])).toEqual([
      ["terminal", false],
      ["terminal", false],
    ]);
    expect(gammas[0]?.reason).toContain("on another way it is normalized");
  });

  it("the scores before a Softmax count, not what the Softmax makes of them", () => {
    const body = `${conv("s", "x", "c1")}  h = BN(bn1, s)  p = GlobalAveragePool (h)  f = Flatten (p)  z = MatMul (f, {fc.weight: 4,3})  y = Softmax (z)`;
    expect(classifyText(body).gammas[0]?.reason).toContain('the network\'s end "z"');
  });

  it("queries and keys, which a Softmax bounds", () => {
    const norm = (to: string, from: string) =>
      `["${to}"] ${to} = LayerNormalization (${from}, {${to}.weight: 8}, {${to}.bias: 8})`;
    const body = `q0 = MatMul (x, {w.q: 8,8})  k0 = MatMul (x, {w.k: 8,8})  v = MatMul (x, {w.v: 8,8})  ${norm("qn", "q0")}  ${norm("kn", "k0")}
      t = Transpose <perm=[0,1,3,2]> (kn)  l = MatMul (qn, t)  ["attn"] p = Softmax (l)  o = MatMul (p, v)  h = Add (o, x)  p1 = GlobalAveragePool (h)
      f = Flatten (p1)  y = MatMul (f, {fc.weight: 4,3})`;
    const { gammas } = classifyText(body);
    expect(gammas.map(({ name, category, isBounded }) => [name.name, category, isBounded])).toEqual([
      ["qn.weight", "terminal", true],
      ["kn.weight", "terminal", true],
    ]);
    expect(gammas[0]?.reason).toContain("how sharp the attention is");
  });
});

describe("open: both sides of a residual Add", () => {
  const norm = (to: string, from: string) =>
    `["${to}"] ${to} = LayerNormalization (${from}, {${to}.weight: 8}, {${to}.bias: 8})`;
  it("is left to a measurement where a normalization follows and something is in the way", () => {
    const body = `${norm("n1", "x")}  a = MatMul (n1, {w.a: 8,8})  b = Add (a, {w.b: 8})  c = Add (b, n1)  ${norm("n2", "c")}
      d = MatMul (n2, {w.v: 8,8})  e = Add (d, n2)  p1 = GlobalAveragePool (e)  f = Flatten (p1)  y = MatMul (f, {fc.weight: 4,3})`;
    expect(summaryOf(body)).toEqual({ "n1.weight": "scale-invariant~?", "n2.weight": "terminal" });
  });

  it("is exactly invariant where the branch is homogeneous", () => {
    const body = `${norm("n1", "x")}  a = MatMul (n1, {w.a: 8,8})  c = Add (a, n1)  ${norm("n2", "c")}
      p1 = GlobalAveragePool (n2)  f = Flatten (p1)  y = MatMul (f, {fc.weight: 4,3})`;
    expect(summaryOf(body)).toMatchObject({ "n1.weight": "scale-invariant" });
  });
});

describe("γ", () => {
  it("shared by two places decays only if both say so, and says where", () => {
    const shared = (to: string, from: string, node: string) =>
      `["${node}"] ${to} = BatchNormalization (${from}, {bn.weight: 4}, {bn.bias: 4}, {bn.m: 4}, {bn.v: 4})`;
    const body = `${conv("s", "x", "c1")}  ${shared("a", "s", "first")}  ${conv("b", "a", "c2")}  ${shared("h", "b", "second")}  ${HEAD}`;
    const { gammas } = classifyText(body);
    expect(gammas).toHaveLength(1);
    expect(gammas[0]).toMatchObject({ category: "terminal", decay: false });
    expect(gammas[0]?.places.map(({ category }) => category)).toEqual(["scale-invariant", "terminal"]);
    expect(gammas[0]?.reason).toContain(
      '2 places share it: at BatchNormalization "first" it is scale-invariant',
    );
  });

  it("that is missing is counted, not listed", () => {
    const body = `k = Constant <value_ints=[0,2,-1]> ()  l = Constant <value_ints=[0,4,8,8]> ()
      ones = Constant <value_floats=[1.0,1.0]> ()  zeros = Constant <value_floats=[0.0,0.0]> ()
      b = Reshape (x, k)  c = InstanceNormalization (b, ones, zeros)  d = Reshape (c, l)  ${conv("h", "d", "c1")}  ${HEAD}`;
    const { gammas, withoutGamma } = classifyText(body);
    expect([gammas, withoutGamma]).toEqual([[], 1]);
  });

  it("that is all ones looks frozen or untrained", () => {
    const body = `s = Conv (x, {c.weight: 4,4,1,1})  "bn1.weight" = Constant <value_floats=[1.0,1.0,1.0,1.0]> ()
      a = BatchNormalization (s, "bn1.weight", {n.b: 4}, {n.m: 4}, {n.v: 4})  h = BN(bn2, a)  ${HEAD}`;
    expect(classifyText(body).gammas.map(({ isOnes }) => isOnes)).toEqual([true, false]);
  });
});
