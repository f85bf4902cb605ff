// What real exports hold less often, in a file's own graph. Oracle: the definition of group normalization, element by element, on what
// ONNX Runtime computes of the changed file.
import { type Model, parseGraphText, raisePrecision } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { expandFusedNormalizations, findNormalizations } from "../find-normalizations.ts";
import { byDefinition } from "../test-support/by-definition.ts";
import { constantIn, type Found, findInModel, numbers, valuesIn } from "../test-support/find-in.ts";
import { rewriteFile } from "./rewrite-file.ts";

const text = (signature: string, constants: string, body: string, opset = 18, rest = ""): Model =>
  parseGraphText(
    `<ir_version: 8, opset_import: ["" : ${opset}, "com.microsoft" : 1, "local" : 1]>\ng ${signature} <${constants}> {\n${body}\n}\n${rest}`,
  );

const GAMMA = `${numbers("gamma", [8])}, ${numbers("beta", [8], 0)}`;
const SPLIT =
  "int64[3] split = {0, 2, -1}, int64[4] whole = {0, 8, 4, 4}, float[2] ones = {1, 1}, float[2] zeros = {0, 0}";

/** What is found in a file, sums and activations that were fused taken apart. */
function findIn(original: Model): Found {
  const { model, shapes } = findInModel(original);
  const apart = expandFusedNormalizations(model, shapes);
  return { ...apart, normalizations: findNormalizations(apart.model, apart.shapes) };
}

/** Gives every normalization of a file these numbers of groups, and compares each with the definition. */
async function expectGroups(original: Model, groups: readonly number[], tolerance = 1e-5): Promise<Model> {
  const { model, shapes, normalizations } = findIn(original);
  expect(normalizations).toHaveLength(groups.length);
  const edits = normalizations.map((normalization, i) => ({ normalization, groups: groups[i] as number }));
  const changed = rewriteFile(original, shapes, edits);
  for (const { normalization, groups: wished } of edits) {
    const values = await valuesIn(changed, [normalization.input, normalization.output]);
    const [scale, bias] = await Promise.all(
      [normalization.scale, normalization.bias].map((name) => constantIn(model, name)),
    );
    const [x, got] = [normalization.input, normalization.output].map((name) => values.get(name));
    const own = { ...normalization, kind: "group" as const, groups: wished, scale, bias };
    const wanted = byDefinition(x?.numbers ?? [], x?.dims ?? [], own);
    const apart = wanted.map((w, i) => Math.abs(w - (got?.numbers[i] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThan(tolerance);
  }
  expect(findIn(changed).normalizations.map((n) => n.groups)).toEqual(groups);
  return changed;
}

describe("rewrites", () => {
  it("scales a group in a file of operator set 11", async () => {
    const constants = `${SPLIT}, ${numbers("g", [2])}, ${numbers("b", [2], 0)}`;
    const body = "r = Reshape (x, split) i = InstanceNormalization (r, g, b) y = Reshape (i, whole)";
    await expectGroups(text("(float[N,8,4,4] x) => (float[N,8,4,4] y)", constants, body, 11), [4]);
  });

  it("a scale that Constant nodes give, on a map as wide as it has channels", async () => {
    const body = `g = Constant <value = float[4] {0.5, 1, 1.5, 2}> () b = Constant <value = float[4] {0.1, 0.2, 0.3, 0.4}> ()
      y = InstanceNormalization (x, g, b)`;
    await expectGroups(text("(float[N,4,5,4] x) => (float[N,4,5,4] y)", "", body), [2]);
  });

  it("the last value of a model, and one that is read twice", async () => {
    const body = `y = InstanceNormalization (x, gamma, beta) s = InstanceNormalization (y, gamma, beta)
      t = Relu (s) z = Add (s, t)`;
    const signature = "(float[N,8,4,4] x) => (float[N,8,4,4] y, float[N,8,4,4] z)";
    const changed = await expectGroups(text(signature, GAMMA, body), [2, 4]);
    expect(changed.graph.outputs.map(({ name }) => name)).toEqual(["y", "z"]);
  });

  it("one statistic with two scales into two", async () => {
    const constants = `int64[2] axes = {1, 2}, float e = {0.00001}, ${numbers("g", [8])}, ${numbers("h", [8], 2)}`;
    const body = `m = ReduceMean (x, axes) d = Sub (x, m) q = Mul (d, d) v = ReduceMean (q, axes) w = Add (v, e)
      s = Sqrt (w) n = Div (d, s) a = Mul (n, g) b = Mul (n, h) p = Relu (a) r = Sigmoid (b) y = Mul (p, r)`;
    await expectGroups(text("(float[N,4,4,8] x) => (y)", constants, body), [2, 4]);
  });

  it("groups of channels at each position", async () => {
    const constants = `int64[4] heads = {0, 5, 2, 4}, int64[3] whole = {0, 5, 8}, int64[1] last = {-1}, float e = {0.00001}, ${GAMMA}`;
    const body = `r = Reshape (x, heads) m = ReduceMean (r, last) d = Sub (r, m) q = Mul (d, d) v = ReduceMean (q, last)
      w = Add (v, e) s = Sqrt (w) n = Div (d, s) u = Reshape (n, whole) a = Mul (u, gamma) y = Add (a, beta)`;
    // two numbers may lie as near to each other as ε
    await expectGroups(text("(float[N,5,8] x) => (float[N,5,8] y)", constants, body), [4], 1e-4);
  });

  it("the groups of a linear layer", async () => {
    const constants = `int64[3] split = {0, 4, 2}, int64[2] whole = {0, 8}, ${numbers("ones", [4]).replace(/\{.*\}/, "{1, 1, 1, 1}")}, float[4] zeros = {0, 0, 0, 0}, ${GAMMA}`;
    const body = `r = Reshape (x, split) i = InstanceNormalization (r, ones, zeros) n = Reshape (i, whole)
      s = Mul (n, gamma) y = Add (s, beta)`;
    await expectGroups(text("(float[N,8] x) => (float[N,8] y)", constants, body), [2]);
  });

  it("a GroupNorm of ONNX Runtime with channels last and an activation inside", async () => {
    const body =
      "y = com.microsoft.GroupNorm <groups = 2, activation = 1, channels_last = 1> (x, gamma, beta)";
    const original = text("(float[N,4,4,8] x) => (float[N,4,4,8] y)", GAMMA, body);
    const changed = await expectGroups(original, [4]);
    expect(changed.graph.nodes.map(({ opType }) => opType)).not.toContain("GroupNorm");
  });

  it("what a local function holds", async () => {
    const body = "n = local.norm (x, gamma, beta) y = Relu (n)";
    const rest = `<domain: "local", opset_import: ["" : 18]>
      norm (x, g, b) => (y) { y = InstanceNormalization <epsilon = 0.001> (x, g, b) }`;
    await expectGroups(text("(float[N,8,4,4] x) => (y)", GAMMA, body, 18, rest), [2]);
  });
});

describe("half precision", () => {
  const half = (name: string) => `h${name} = Cast <to = 10> (${name})`;
  const y = async (model: Model) => (await valuesIn(model, ["y"])).get("y")?.numbers as readonly number[];

  it.each([
    ["without a scale", "i = InstanceNormalization (hr, hones, hzeros) n = Reshape (i, whole) v = Relu (n)"],
    [
      "with statistics and scale in single precision",
      `f = Cast <to = 1> (hr) i = InstanceNormalization (f, ones, zeros) n = Reshape (i, whole)
       s = Mul (n, g) t = Add (s, b) k = Cast <to = 10> (t) v = Relu (k)`,
    ],
  ])("keeps its types %s", async (_, norm) => {
    const constants = `${SPLIT}, ${numbers("g", [8, 1, 1])}, ${numbers("b", [8, 1, 1], 0)}`;
    const body = `${half("x")} ${half("ones")} ${half("zeros")} hr = Reshape (hx, split) ${norm} y = Cast <to = 1> (v)`;
    const original = text("(float[N,8,4,4] x) => (float[N,8,4,4] y)", constants, body);
    const { shapes, normalizations } = findInModel(original);
    const [normalization] = normalizations;
    const changed = rewriteFile(original, shapes, [{ normalization: normalization!, groups: 4 }]);
    expect(findInModel(changed).normalizations[0]?.groups).toBe(4);
    // ONNX Runtime refuses a graph whose types do not fit; three digits are what half precision has
    const [found, wanted] = [await y(changed), await y(raisePrecision(changed))];
    expect(Math.max(...found.map((v, i) => Math.abs(v - (wanted[i] as number))))).toBeLessThan(5e-3);
  });
});

describe("refuses", () => {
  it("what lies in a branch", () => {
    const body = `c = Constant <value = bool {1}> ()
      y = If <then_branch = t () => (float[N,8,4,4] a) { n = InstanceNormalization (x, gamma, beta) a = Relu (n) },
              else_branch = e () => (float[N,8,4,4] b) { b = Relu (x) }> (c)`;
    const original = text("(float[N,8,4,4] x) => (float[N,8,4,4] y)", GAMMA, body);
    const { shapes, normalizations } = findInModel(original);
    const edits = normalizations.map((normalization) => ({ normalization, groups: 2 }));
    expect(edits).toHaveLength(1);
    expect(() => rewriteFile(original, shapes, edits)).toThrow(/lies inside a branch/);
  });
});
