// Oracle: the definition of group normalization; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

const shapes =
  'int64[3] in = {0, 3, -1}, int64[4] out = {-1, 6, 4, 4}, float[3] "ones" = {1,1,1}, float[3] "zeros" = {0,0,0}';
const affine = `${numbers("g", [6, 1, 1])}, ${numbers("b", [1, 6, 1, 1], 0)}`;
const find = (body: string, constants = "") =>
  findIn("float[N,6,4,4]", [shapes, affine, constants].filter(Boolean).join(", "), body);
const CORE =
  'r = Reshape (x, in)\n n = InstanceNormalization <epsilon = 0.001> (r, "ones", "zeros")\n k = Reshape (n, out)';

describe("fires", () => {
  it.each([
    [
      "with scale and bias",
      `${CORE}\n s = Mul (k, g)\n y = Add (s, b)`,
      { scale: "g", bias: "b", output: "y", normalized: "k" },
    ],
    ["with γ first", `${CORE}\n s = Mul (g, k)\n y = Add (b, s)`, { scale: "g", bias: "b", output: "y" }],
    ["without bias", `${CORE}\n s = Mul (k, g)\n y = Relu (s)`, { scale: "g", bias: null, output: "s" }],
    ["without scale and bias", `${CORE}\n y = Relu (k)`, { scale: null, bias: null, output: "k" }],
    [
      "but takes no second scale",
      `${CORE}\n s = Mul (k, g)\n y = Mul (s, g)`,
      { scale: "g", bias: null, output: "s" },
    ],
    [
      "but takes no scale that something else reads the value before",
      `${CORE}\n s = Mul (k, g)\n y = Sub (s, k)`,
      { scale: null, output: "k" },
    ],
  ])("%s", async (_, body, wanted) => {
    const found = find(body);
    expect(found.normalizations).toMatchObject([
      {
        form: "reshaped-instance-normalization",
        kind: "group",
        channels: 6,
        groups: 3,
        input: "x",
        perGroup: false,
        ...wanted,
      },
    ]);
    await expectDefinition(found);
  });

  it("with γ and β of the groups in the InstanceNormalization", async () => {
    const body =
      "r = Reshape (x, in)\n n = InstanceNormalization (r, G, B)\n k = Reshape (n, out)\n y = Relu (k)";
    const found = find(body, `${numbers("G", [3])}, ${numbers("B", [3], 0)}`);
    expect(found.normalizations).toMatchObject([
      { kind: "group", groups: 3, perGroup: true, scale: "G", bias: "B", output: "k" },
    ]);
    await expectDefinition(found);
  });

  it("with one group, and with as many as channels", async () => {
    const at = (groups: number) =>
      findIn(
        "float[N,6,4,4]",
        `int64[3] in = {0, ${groups}, -1}, int64[4] out = {-1, 6, 4, 4}, float[${groups}] "ones" = {${new Array(groups).fill(1)}}, float[${groups}] "zeros" = {${new Array(groups).fill(0)}}, ${affine}`,
        `${CORE}\n s = Mul (k, g)\n y = Add (s, b)`,
      );
    const [one, all] = [at(1), at(6)];
    expect(one.normalizations).toMatchObject([{ kind: "group", groups: 1, channels: 6, scale: "g" }]);
    expect(all.normalizations).toMatchObject([{ kind: "instance", groups: 6, channels: 6, scale: "g" }]);
    for (const found of [one, all]) await expectDefinition(found);
  });

  /** [N, H, W, C] with C = 6 and three groups. */
  const last = (back: string, rest: string) =>
    findIn(
      "float[N,4,5,6]",
      `int64[3] in = {0, 3, -1}, int64[4] out = {-1, 6, 4, 5}, float[3] "ones" = {1,1,1}, float[3] "zeros" = {0,0,0}, ${numbers("g", [6])}, ${numbers("b", [6], 0)}`,
      `f = Transpose <perm = [0, 3, 1, 2]> (x)\n r = Reshape (f, in)
       n = InstanceNormalization (r, "ones", "zeros")\n k = Reshape (n, out)\n t = Transpose <perm = [${back}]> (k)\n ${rest}`,
    );
  const AFFINE = "s = Mul (t, g)\n y = Add (s, b)";

  it("between a Transpose and its inverse, with the channels where they were", async () => {
    const found = last("0, 2, 3, 1", AFFINE);
    const place = { input: "x", normalized: "t", output: "y", channelAxis: 3 };
    expect(found.normalizations).toMatchObject([
      { kind: "group", groups: 3, scale: "g", bias: "b", ...place },
    ]);
    await expectDefinition(found);
  });

  it("inside a Transpose that its second one does not undo", async () => {
    const found = last("0, 3, 2, 1", "y = Relu (t)");
    expect(found.normalizations).toMatchObject([{ input: "f", output: "k", channelAxis: 1, scale: null }]);
    await expectDefinition(found);
  });

  it("inside a Transpose that others read", async () => {
    const found = last(
      "0, 2, 3, 1",
      "p = Relu (f)\n q = Transpose <perm = [0, 2, 3, 1]> (p)\n y = Add (t, q)",
    );
    expect(found.normalizations).toMatchObject([{ input: "f", output: "k", channelAxis: 1 }]);
    await expectDefinition(found);
  });

  it("with a scale and a bias of every element, but no such bias alone, as position embeddings are", async () => {
    const whole = `${numbers("G", [6, 4, 4])}, ${numbers("B", [1, 6, 4, 4], 0)}`;
    const found = find(`${CORE}\n s = Mul (k, G)\n y = Add (s, B)`, whole);
    expect(found.normalizations).toMatchObject([{ kind: "group", scale: "G", bias: "B", output: "y" }]);
    await expectDefinition(found);
    const alone = find(`${CORE}\n y = Add (k, B)`, whole);
    expect(alone.normalizations).toMatchObject([{ scale: null, bias: null, output: "k" }]);
  });
});

describe("does not fire", () => {
  it("when the second Reshape does not undo the first: then it is an InstanceNormalization", () => {
    const { normalizations } = find(
      'r = Reshape (x, in)\n n = InstanceNormalization (r, "ones", "zeros")\n y = Reshape (n, other)',
      "int64[3] other = {-1, 12, 8}",
    );
    expect(normalizations).toMatchObject([
      { form: "instance-normalization", kind: "instance", channels: 3, input: "r" },
    ]);
  });

  it("takes no scale along another axis", () => {
    const { normalizations } = find(`${CORE}\n y = Mul (k, row)`, numbers("row", [4]));
    expect(normalizations).toMatchObject([{ kind: "group", scale: null, output: "k" }]);
  });

  it("across a value that the user of the graph gets", () => {
    const { normalizations } = findIn(
      "float[N,6,4,4]",
      `${shapes}, ${affine}`,
      `${CORE.replaceAll("k =", "y =")}\n s = Mul (y, g)`,
    );
    expect(normalizations).toMatchObject([{ scale: null, output: "y" }]);
  });
});
