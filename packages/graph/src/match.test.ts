import { describe, expect, it } from "vitest";
import {
  constant,
  either,
  explainMiss,
  findMatches,
  hasInt,
  indexGraph,
  match,
  nearestMiss,
  op,
  scalar,
  value,
} from "./match.ts";
import { parseGraphText } from "./parse-text.ts";

const indexOf = (body: string, constants = "float two = {2}, float three = {3}, float[2] w = {1, 2}") =>
  indexGraph(parseGraphText(`g (float[2] x, float[2] z) => (y) <${constants}> {\n ${body}\n}`));

/** x · σ(x). */
const silu = op("Mul", [value("x"), op("Sigmoid", [value("x")], { as: "gate" })]);

const rootOf = (index: ReturnType<typeof indexOf>, output = "y") => index.producer(output)!;

describe("match", () => {
  it.each(["y = Mul (x, s)", "y = Mul (s, x)"])("finds commutative operands in either order: %s", (last) => {
    const index = indexOf(`s = Sigmoid (x)\n ${last}`);
    const found = match(silu, index, rootOf(index));
    expect(found).toMatchObject({
      ok: true,
      values: { x: "x", gate: "s" },
      nodes: { gate: { opType: "Sigmoid" } },
    });
    expect(found.ok && found.matched.map((n) => n.opType)).toEqual(["Mul", "Sigmoid"]);
  });

  it("goes back when a first choice does not fit the rest", () => {
    const index = indexOf("a = Sigmoid (x)\n b = Sigmoid (a)\n y = Mul (a, b)");
    expect(match(silu, index, rootOf(index))).toMatchObject({ ok: true, values: { x: "a", gate: "b" } });
  });

  it("takes the alternative with which the rest fits", () => {
    const pattern = op("Add", [either(op("Relu", [value("a")]), value("a")), value("a")]);
    const index = indexOf("r = Relu (x)\n y = Add (r, r)");
    expect(match(pattern, index, rootOf(index))).toMatchObject({ ok: true, values: { a: "r" } });
  });

  it("knows operators of other domains by their full name", () => {
    const index = indexOf("y = com.microsoft.Gelu (x)");
    expect(match(op("com.microsoft::Gelu", [value()]), index, rootOf(index)).ok).toBe(true);
    expect(match(op("Gelu", [value()]), index, rootOf(index)).ok).toBe(false);
  });
});

describe("a refusal has the node and the reason", () => {
  it.each([
    ["another operator", silu, "s = Tanh (x)\n y = Mul (x, s)", 'Tanh -> "s": expected Sigmoid, found Tanh'],
    [
      "another value",
      silu,
      "s = Sigmoid (z)\n y = Mul (x, s)",
      'Sigmoid -> "s": expected "x" again as x, found "z"',
    ],
    [
      "an input in place of a node",
      op("Neg", [op("Exp")]),
      "y = Neg (x)",
      'expected Exp, found the input or constant "x"',
    ],
    [
      "another constant",
      op("Pow", [value(), scalar(2)]),
      "y = Pow (x, three)",
      'Pow -> "y": expected the constant 2, found 3',
    ],
    [
      "a vector for a scalar",
      op("Pow", [value(), scalar(2)]),
      "y = Pow (x, w)",
      'Pow -> "y": expected the constant 2, found [2]',
    ],
    [
      "a computed constant",
      op("Pow", [value(), constant()]),
      "y = Pow (x, z)",
      'Pow -> "y": expected a constant, found "z"',
    ],
    [
      "an attribute",
      op("ReduceMean", [], { where: hasInt("keepdims", 1, 1) }),
      "y = ReduceMean <keepdims = 0> (x)",
      'ReduceMean -> "y": expected keepdims = 1, found 0',
    ],
    [
      "an absent input",
      op("Clip", [value(), value()]),
      "y = Clip (x, , two)",
      'Clip -> "y": expected an input 1',
    ],
    [
      "a value that others read",
      op("Neg", [op("Exp", [], { as: "e", exclusive: true })]),
      "a = Exp (x)\n b = Abs (a)\n y = Neg (a)",
      'Exp -> "a": "a" is also read by Abs -> "b"',
    ],
  ])("%s", (_, pattern, body, reason) => {
    const index = indexOf(body);
    const found = match(pattern, index, rootOf(index));
    expect(!found.ok && explainMiss(found)).toBe(reason);
  });

  it("is that of the way that came furthest", () => {
    const pattern = either(op("Neg", [op("Exp", [op("Abs")])]), op("Neg", [op("Sin")]));
    const index = indexOf("a = Relu (x)\n b = Exp (a)\n y = Neg (b)");
    expect(match(pattern, index, rootOf(index))).toMatchObject({
      ok: false,
      reason: "expected Abs, found Relu",
      progress: 2,
    });
  });
});

it("finds all matches, and the nearest miss among the rest", () => {
  const index = indexOf(
    "s = Sigmoid (x)\n a = Mul (x, s)\n t = Sigmoid (a)\n b = Mul (a, t)\n u = Sigmoid (z)\n y = Mul (b, u)",
  );
  expect(findMatches(silu, index).map((m) => m.root.outputs[0])).toEqual(["a", "b"]);
  const miss = nearestMiss(silu, index);
  expect(miss && explainMiss(miss)).toBe('Sigmoid -> "u": expected "b" again as x, found "z"');
  expect(nearestMiss(op("Conv"), index)).toBeUndefined();
});

it("indexes readers inside sub-graphs and graph outputs", () => {
  const index = indexGraph(
    parseGraphText(`g (float[2] x, bool c) => (y, a) {
    a = Exp (x)
    y = If <then_branch = t () => (p) { p = Neg (a) }, else_branch = e () => (q) { q = Abs (x) }> (c)
  }`),
  );
  expect(index.readers("a").map((n) => n.opType)).toEqual(["If"]);
  expect([index.isOutput("a"), index.isOutput("x"), index.producer("x")]).toEqual([true, false, undefined]);
});
