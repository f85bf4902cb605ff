// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { describe, expect, it } from "vitest";
import { opsetOf } from "../model.ts";
import { fuseGelu } from "./fuse-gelu.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const CONSTANTS =
  "float root = {1.41421356}, float inverse = {0.70710678}, float one = {1}, float half = {0.5}, float three = {3}, float c = {0.044715}, float k = {0.79788456}, float odd = {0.8}";
const graph = (body: string, opset = 18) =>
  graphAt(opset, `g (float[N,4] x) => (y) <${CONSTANTS}> {\n ${body}\n}`);

describe("fires", () => {
  it.each([
    [
      "PyTorch's order",
      "a = Div (x, root)\n b = Erf (a)\n d = Add (b, one)\n e = Mul (x, d)\n y = Mul (e, half)",
    ],
    [
      "half of the bracket first",
      "a = Mul (x, inverse)\n b = Erf (a)\n d = Add (one, b)\n e = Mul (half, d)\n y = Mul (x, e)",
    ],
    [
      "half of x first",
      "h = Mul (x, half)\n a = Div (x, root)\n b = Erf (a)\n d = Add (b, one)\n y = Mul (h, d)",
    ],
    [
      "tanh with Pow",
      "p = Pow (x, three)\n a = Mul (p, c)\n s = Add (x, a)\n m = Mul (s, k)\n t = Tanh (m)\n d = Add (t, one)\n h = Mul (x, half)\n y = Mul (h, d)",
    ],
    [
      "tanh with products",
      "q = Mul (x, x)\n p = Mul (q, x)\n a = Mul (c, p)\n s = Add (x, a)\n m = Mul (k, s)\n t = Tanh (m)\n d = Add (one, t)\n h = Mul (half, x)\n y = Mul (h, d)",
    ],
  ])("%s", async (_, body) => {
    const model = graph(body);
    const fused = fuseGelu(model);
    expect([opTypes(fused), opsetOf(fused)]).toEqual([["Gelu"], 20]);
    await expectSameOutputs(model, fused, 1e-6);
  });

  it("keeps a newer operator set", () => {
    const model = graph(
      "a = Div (x, root)\n b = Erf (a)\n d = Add (b, one)\n e = Mul (x, d)\n y = Mul (e, half)",
      21,
    );
    expect(opsetOf(fuseGelu(model))).toBe(21);
  });
});

describe("does not fire", () => {
  it.each([
    [
      "with another factor",
      "a = Div (x, root)\n b = Erf (a)\n d = Add (b, one)\n e = Mul (x, d)\n y = Mul (e, odd)",
    ],
    [
      "with another scale inside",
      "a = Div (x, odd)\n b = Erf (a)\n d = Add (b, one)\n e = Mul (x, d)\n y = Mul (e, half)",
    ],
    [
      "on the product with another value",
      "z = Neg (x)\n a = Div (x, root)\n b = Erf (a)\n d = Add (b, one)\n e = Mul (z, d)\n y = Mul (e, half)",
    ],
  ])("%s", (_, body) => {
    const model = graph(body);
    expect(fuseGelu(model)).toBe(model);
  });
});
