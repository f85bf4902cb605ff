// Oracle: the definitions, applied to what ONNX Runtime gives the normalization as its input.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

const SCALARS =
  "float two = {2}, float half = {0.5}, float minus_half = {-0.5}, float one = {1}, float eps = {0.001}, float zero = {0}";
const AFFINE = `${numbers("g", [6, 1, 1])}, ${numbers("b", [1, 6, 1, 1], 0)}`;
const constants = (...more: string[]) => [SCALARS, "int64[1] axes = {1}", ...more].join(", ");

/** Over the channels of NCHW maps, which no pass fuses before. */
const MEAN = "m = ReduceMean (x, axes)\n d = Sub (x, m)";
const VARIANCE = `${MEAN}\n q = Pow (d, two)\n v = ReduceMean (q, axes)\n e = Add (v, eps)`;
const find = (body: string, more = AFFINE, x = "float[N,6,4,5]") => findIn(x, constants(more), body);

describe("fires on layer normalization over a middle axis", () => {
  const affine = "w = Mul (n, g)\n y = Add (w, b)";
  it.each([
    ["as in ConvNeXt", `${VARIANCE}\n s = Sqrt (e)\n n = Div (d, s)\n w = Mul (g, n)\n y = Add (w, b)`],
    ["by 1/√", `${VARIANCE}\n s = Sqrt (e)\n r = Div (one, s)\n n = Mul (r, d)\n ${affine}`],
    ["by the power −1/2", `${VARIANCE}\n r = Pow (e, minus_half)\n n = Mul (d, r)\n ${affine}`],
    ["by the power 1/2", `${VARIANCE}\n s = Pow (e, half)\n n = Div (d, s)\n ${affine}`],
    [
      "with a mean of its own in the variance",
      `${MEAN}\n m2 = ReduceMean (x, axes)\n d2 = Sub (x, m2)\n q = Mul (d2, d2)\n v = ReduceMean (q, axes)\n e = Add (eps, v)\n s = Sqrt (e)\n n = Div (d, s)\n ${affine}`,
    ],
    [
      "with E[x²] − E[x]²",
      `${MEAN}\n q = Mul (x, x)\n p = ReduceMean (q, axes)\n mm = Mul (m, m)\n v0 = Sub (p, mm)\n v = Max (v0, zero)\n e = Add (v, eps)\n s = Sqrt (e)\n n = Div (d, s)\n ${affine}`,
    ],
    [
      "with γ and β drawn in, as Keras does",
      `${VARIANCE}\n s = Sqrt (e)\n r = Reciprocal (s)\n a = Mul (r, g)\n xa = Mul (x, a)\n nm = Neg (m)\n ma = Mul (nm, a)\n c = Add (ma, b)\n y = Add (xa, c)`,
    ],
    [
      "with γ before the division",
      `${VARIANCE}\n s = Sqrt (e)\n gd = Mul (d, g)\n n = Div (gd, s)\n y = Add (n, b)`,
    ],
    [
      "by sums over the number of channels",
      `sx = ReduceSum (x, axes)\n m = Div (sx, six)\n d = Sub (x, m)\n sq = ReduceSumSquare (d, axes)\n v = Div (sq, six)\n e = Add (v, eps)\n s = Sqrt (e)\n n = Div (d, s)\n ${affine}`,
    ],
    [
      "with means that lost their axis in between",
      `m0 = ReduceMean <keepdims = 0> (x, axes)\n m = Unsqueeze (m0, axes)\n d = Sub (x, m)\n q = Mul (d, d)\n v0 = ReduceMean <keepdims = 0> (q, axes)\n v = Unsqueeze (v0, axes)\n e = Add (v, eps)\n s = Sqrt (e)\n n = Div (d, s)\n ${affine}`,
    ],
  ])("%s", async (_, body) => {
    const found = find(body, `${AFFINE}, float six = {6}`);
    expect(found.normalizations).toMatchObject([
      {
        form: "written-out-normalization",
        kind: "layer",
        channels: 6,
        channelAxis: 1,
        groups: 1,
        acrossPositions: false,
        scale: "g",
        bias: "b",
        input: "x",
        output: "y",
      },
    ]);
    expect(found.normalizations[0]?.epsilon).toBeCloseTo(0.001, 8);
    expect(found.normalizations[0]?.node.opType).toMatch(/^Reduce/);
    await expectDefinition(found);
  });

  it("with n − 1 and ε beside the root", async () => {
    const body = `${MEAN}\n q = Pow (d, two)\n v = ReduceMean (q, axes)\n v5 = Mul (v, more)\n s0 = Sqrt (v5)\n s = Add (s0, eps)\n n = Div (d, s)\n ${affine}`;
    const found = find(body, `${AFFINE}, float more = {1.2}`);
    expect(found.normalizations).toMatchObject([{ kind: "layer", scale: "g", bias: "b" }]);
    await expectDefinition(found, { outside: true });
  });

  it("of channels that are last, the means taken before a Transpose", async () => {
    const body = `${VARIANCE}\n s = Sqrt (e)\n r = Reciprocal (s)\n t = Transpose <perm = [0, 2, 3, 1]> (x)\n mt = Transpose <perm = [0, 2, 3, 1]> (m)\n rt = Transpose <perm = [0, 2, 3, 1]> (r)\n d2 = Sub (t, mt)\n n = Mul (d2, rt)\n y = Mul (n, gl)`;
    const found = find(body, numbers("gl", [6]));
    expect(found.normalizations).toMatchObject([
      { kind: "layer", channels: 6, channelAxis: 3, input: "t", scale: "gl" },
    ]);
    await expectDefinition(found);
  });

  it("once for each γ that takes the same statistics", async () => {
    const body = `${VARIANCE}\n s = Sqrt (e)\n n = Div (d, s)\n a = Mul (n, g)\n c = Mul (n, g2)\n y = Concat <axis = 1> (a, c)`;
    const found = find(body, `${AFFINE}, ${numbers("g2", [6, 1, 1], 2)}`);
    expect(found.normalizations.map((n) => [n.scale, n.output]).sort()).toEqual([
      ["g", "a"],
      ["g2", "c"],
    ]);
    await expectDefinition(found);
  });
});

describe("fires on groups", () => {
  const over = (axes: string) => VARIANCE.replaceAll("(x,", "(r,").replaceAll(", axes)", `, ${axes})`);
  const shapes = "int64[5] in = {-1, 4, 5, 2, 3}, int64[4] out = {-1, 4, 5, 6}, int64[3] three = {1, 2, 4}";
  const last = "float[N,4,5,6]";

  it.each([
    [
      "Keras' way",
      `${over("three")}\n s = Sqrt (e)\n i = Reciprocal (s)\n a = Mul (i, g5)\n xa = Mul (r, a)\n nm = Neg (m)\n ma = Mul (nm, a)\n c = Add (ma, b5)\n n = Add (xa, c)\n y = Reshape (n, out)`,
      "g5",
    ],
    [
      "with γ behind the Reshape back",
      `${over("three")}\n s = Sqrt (e)\n n = Div (d, s)\n k = Reshape (n, out)\n w = Mul (k, g1)\n y = Add (w, b1)`,
      "g1",
    ],
  ])("of channels that are last, %s", async (_, body, scale) => {
    const more = `${shapes}, ${numbers("g5", [1, 1, 1, 2, 3])}, ${numbers("b5", [2, 3], 0)}, ${numbers("g1", [6])}, ${numbers("b1", [6], 0)}`;
    const found = find(`r = Reshape (x, in)\n ${body}`, more, last);
    expect(found.normalizations).toMatchObject([
      {
        form: "written-out-normalization",
        kind: "group",
        channels: 6,
        channelAxis: 3,
        groups: 2,
        acrossPositions: true,
        scale,
        perGroup: false,
        input: "x",
        output: "y",
      },
    ]);
    await expectDefinition(found);
  });

  it("with a γ a group", async () => {
    const more = `${shapes}, ${numbers("gg", [1, 1, 1, 2, 1])}`;
    const found = find(
      `r = Reshape (x, in)\n ${over("three")}\n s = Sqrt (e)\n n = Div (d, s)\n w = Mul (n, gg)\n y = Reshape (w, out)`,
      more,
      last,
    );
    expect(found.normalizations).toMatchObject([{ kind: "group", groups: 2, perGroup: true, scale: "gg" }]);
    await expectDefinition(found);
  });

  it("of one position each", async () => {
    const found = find(
      `r = Reshape (x, in)\n ${over("own")}\n s = Sqrt (e)\n n = Div (d, s)\n k = Reshape (n, out)\n y = Mul (k, g1)`,
      `${shapes}, int64[1] own = {4}, ${numbers("g1", [6])}`,
      last,
    );
    // over the last axis the statistics are fused before
    expect(found.normalizations).toMatchObject([
      { kind: "group", groups: 2, channels: 6, acrossPositions: false, scale: "g1" },
    ]);
    await expectDefinition(found);
  });

  it("as instance normalization over rows and columns", async () => {
    const found = find(
      `${VARIANCE.replaceAll("axes", "space")}\n s = Sqrt (e)\n n = Div (d, s)\n w = Mul (n, gl)\n y = Add (w, bl)`,
      `int64[2] space = {1, 2}, ${numbers("gl", [6])}, ${numbers("bl", [6], 0)}`,
      last,
    );
    expect(found.normalizations).toMatchObject([
      { kind: "instance", channels: 6, groups: 6, channelAxis: 3, scale: "gl", bias: "bl" },
    ]);
    await expectDefinition(found);
  });
});

describe("fires without the mean", () => {
  it.each([
    [
      "by Pow and Sqrt",
      "q = Pow (x, two)\n p = ReduceMean (q, axes)\n e = Add (p, eps)\n s = Sqrt (e)\n n = Div (x, s)\n y = Mul (g, n)",
    ],
    [
      "by Reciprocal, γ drawn in",
      "q = Mul (x, x)\n p = ReduceMean (q, axes)\n e = Add (p, eps)\n s = Sqrt (e)\n r = Reciprocal (s)\n a = Mul (g, r)\n y = Mul (x, a)",
    ],
    [
      "between Casts",
      "h = Cast <to = 11> (x)\n q = Pow (h, wide)\n p = ReduceMean (q, axes)\n e = Add (p, tiny)\n s = Sqrt (e)\n n = Div (h, s)\n f = Cast <to = 1> (n)\n y = Mul (g, f)",
    ],
  ])("%s", async (_, body) => {
    const found = find(body, `${AFFINE}, double wide = {2}, double tiny = {0.001}`);
    expect(found.normalizations).toMatchObject([
      {
        form: "written-out-rms-normalization",
        kind: "rms",
        channels: 6,
        channelAxis: 1,
        groups: 1,
        acrossPositions: false,
        scale: "g",
        bias: null,
        input: "x",
        output: "y",
      },
    ]);
    await expectDefinition(found);
  });
});

describe("does not fire", () => {
  const none: readonly (readonly [string, string])[] = [
    ["on a mean that is only taken off", `${MEAN}\n y = Mul (d, g)`],
    ["on a deviation that only divides", `${VARIANCE}\n s = Sqrt (e)\n y = Div (x, s)`],
    [
      "on the deviation of something else",
      `${VARIANCE}\n s = Sqrt (e)\n o = Relu (x)\n mo = ReduceMean (o, axes)\n do = Sub (o, mo)\n y = Div (do, s)`,
    ],
    [
      "on a mean over more axes than the deviation's",
      "m = ReduceMean (x, both)\n d = Sub (x, m)\n q = Mul (x, x)\n p = ReduceMean (q, rows)\n mm = Mul (m, m)\n v = Sub (p, mm)\n e = Add (v, eps)\n s = Sqrt (e)\n y = Div (d, s)",
    ],
    [
      "on a deviation over other axes than the mean's",
      `${MEAN}\n q = Pow (x, two)\n p = ReduceMean (q, rows)\n mm = Mul (m, m)\n v = Sub (p, mm)\n e = Add (v, eps)\n s = Sqrt (e)\n y = Div (d, s)`,
    ],
    [
      "on a cube",
      `${MEAN}\n q = Pow (d, three)\n v = ReduceMean (q, axes)\n e = Add (v, eps)\n s = Sqrt (e)\n y = Div (d, s)`,
    ],
    [
      "on unit length",
      "q = Mul (x, x)\n p = ReduceSum (q, axes)\n e = Add (p, eps)\n s = Sqrt (e)\n y = Div (x, s)",
    ],
    [
      "on ReduceL2, as cosine attention divides by",
      "s = ReduceL2 (x, axes)\n e = Add (s, eps)\n y = Div (x, e)",
    ],
    [
      "on global response normalization",
      "s = ReduceL2 (x, rows)\n m = ReduceMean (s, axes)\n e = Add (m, eps)\n n = Div (s, e)\n w = Mul (x, n)\n y = Mul (w, g)",
    ],
    ["on a variance that becomes a feature", `${VARIANCE}\n s = Sqrt (e)\n y = Mul (s, x)`],
    [
      "on weights, which follow no image",
      `${VARIANCE.replaceAll("(x,", "(W,")}\n s = Sqrt (e)\n n = Div (d, s)\n y = Conv (x, n)`,
    ],
  ];
  it.each(none)("%s", (_, body) => {
    const more = `${AFFINE}, int64[1] rows = {2}, int64[2] both = {2, 3}, float three = {3}, ${numbers("W", [6, 6, 1, 1])}`;
    expect(find(body, more).normalizations).toEqual([]);
  });
});

describe("ends", () => {
  const core = `${VARIANCE}\n s = Sqrt (e)\n n = Div (d, s)`;
  const more = `${AFFINE}, ${numbers("ls", [6, 1, 1], 0.1)}, ${numbers("pos", [1, 6, 4, 5], 0)}, float sixth = {0.4}, ${numbers("row", [5])}`;
  it.each([
    [
      "before a layer scale",
      `${core}\n w = Mul (n, g)\n a = Add (w, b)\n y = Mul (a, ls)`,
      { scale: "g", bias: "b", output: "a" },
    ],
    [
      "before a second scale without a bias",
      `${core}\n w = Mul (n, g)\n y = Mul (w, ls)`,
      { scale: "g", bias: null, output: "w" },
    ],
    [
      "before a positional embedding",
      `${core}\n w = Mul (n, g)\n y = Add (w, pos)`,
      { scale: "g", bias: null, output: "w" },
    ],
    [
      "before a plain number, such as an attention's",
      `${core}\n w = Mul (n, g)\n y = Mul (w, sixth)`,
      { scale: "g", bias: null, output: "w" },
    ],
    [
      "before a scale along another axis",
      `${core}\n y = Mul (n, row)`,
      { scale: null, bias: null, output: "n" },
    ],
    [
      "before a residual sum",
      `${core}\n w = Mul (n, g)\n y = Add (w, x)`,
      { scale: "g", bias: null, output: "w" },
    ],
    [
      "where a second reader begins",
      `${core}\n w = Mul (n, g)\n a = Add (w, b)\n c = Relu (w)\n y = Add (a, c)`,
      { scale: "g", bias: null, output: "w" },
    ],
  ])("%s", async (_, body, wanted) => {
    const found = find(body, more);
    expect(found.normalizations).toMatchObject([{ kind: "layer", ...wanted }]);
    await expectDefinition(found);
  });
});
