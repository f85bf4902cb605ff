// Activations by how exporters write them. Oracle: the texts say what they are.
import { parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { findActivations } from "./activation-nodes.ts";

const found = (body: string) =>
  findActivations(
    parseGraphText(`<ir_version: 10, opset_import: ["": 20]> g (float[N,4] v, float[N,4] other) => (float[N,4] y)
      <float zero = {0}, float three = {3}, float six = {6}, float half = {0.5}, float one = {1}, float root2 = {1.41421356}> { ${body} }`),
  ).get("v");

describe("findActivations", () => {
  it.each([
    ["relu", "y = Relu (v)"],
    ["relu", "y = Max (v, zero)"],
    ["relu6", "y = Clip (v, zero, six)"],
    ["leaky-relu", "y = LeakyRelu <alpha = 0.2> (v)"],
    ["gelu", "y = Gelu (v)"],
    ["gelu", "a = Div (v, root2) b = Erf (a) c = Add (b, one) d = Mul (v, c) y = Mul (d, half)"],
    ["gelu-tanh", `y = Gelu <approximate = "tanh"> (v)`],
    ["silu", "s = Sigmoid (v) y = Mul (v, s)"],
    ["silu", "s = Sigmoid (v) y = Mul (s, v)"],
    ["hard-swish", "y = HardSwish (v)"],
    ["hard-swish", "s = HardSigmoid <alpha = 0.1666667, beta = 0.5> (v) y = Mul (v, s)"],
    ["hard-swish", "a = Add (v, three) c = Clip (a, zero, six) m = Mul (v, c) y = Div (m, six)"],
    ["hard-swish", "a = Add (v, three) c = Clip (a, zero, six) d = Div (c, six) y = Mul (v, d)"],
    ["mish", "p = Softplus (v) t = Tanh (p) y = Mul (v, t)"],
    ["tanh", "y = Tanh (v)"],
    ["sigmoid", "y = Sigmoid (v)"],
  ])("reads %s of %s", (id, body) => {
    expect(found(body)).toMatchObject({ id, output: "y" });
  });

  it.each([
    ["Softsign", "y = Softsign (v)"],
    ["Clip", "y = Clip (v, zero, one)"],
    ["Abs, Add, Div", "a = Abs (v) b = Add (a, one) y = Div (v, b)"],
    ["Mul, Sigmoid, Mul", "a = Mul (v, three) s = Sigmoid (a) y = Mul (v, s)"],
    ["Mul", "y = Mul (v, v)"],
    ["Div", "y = Div (one, v)"],
    ["Relu, Add", "r = Relu (v) y = Add (r, v)"],
  ])("names one that the registry does not hold: %s", (title, body) => {
    expect(found(body)).toEqual({ id: undefined, title, output: "y" });
  });

  it.each([
    ["a gate, whose product is with another value", "s = Sigmoid (v) m = Mul (other, s) y = Add (m, v)"],
    ["an activation beside another reader", "r = Relu (v) y = Concat <axis = 0> (r, v)"],
    ["a sum with a constant before an activation", "a = Add (v, one) y = Relu (a)"],
    ["products and sums with constants", "a = Mul (v, three) b = Add (a, one) y = Div (b, six)"],
    ["arithmetic", "y = Add (v, other)"],
  ])("does not take %s for one", (_, body) => {
    expect(found(body)).toBeUndefined();
  });
});
