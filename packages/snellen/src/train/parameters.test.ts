// What counts as trained, on small graphs; real exports beside PyTorch's own list are in `recorded-parameters.test.ts`.
import { makeTensor, withGraph } from "@snellen/graph";
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { findTrainable } from "./parameters.ts";

/** `role name` of every parameter, `stay name` of what is left. */
function rolesOf(body: string, inputs = "", constants: Record<string, readonly number[]> = {}): string[] {
  const made = textModel(
    `g (float[N,3,8,8] image, float[4,3,3,3] w, float[4,3] fc${inputs}) => (float[N,?] y) { x = Conv (image, w) ${body} p = GlobalAveragePool (h) f = Flatten (p) y = MatMul (f, fc) }`,
  );
  const initializers = new Map(made.graph.initializers);
  for (const [name, values] of Object.entries(constants))
    initializers.set(name, makeTensor("float32", initializers.get(name)?.dims ?? [], values));
  const { model, shapes, logits } = describeModel(withGraph(made, { initializers }));
  const found = findTrainable(model, shapes, logits.value);
  return [
    ...found.parameters.map(({ role, name }) => `${role} ${name}`),
    ...found.left.map(({ name }) => `stay ${name}`),
    ...found.statistics.flatMap(({ mean, variance, channels }) => [`${mean} ${variance} of ${channels}`]),
  ].filter((line) => !["weight w", "weight fc"].includes(line));
}

it("tells normalizations' scales, shifts and kept statistics", () => {
  expect(
    rolesOf("h = BatchNormalization (x, g, b, m, v)", ", float[4] g, float[4] b, float[4] m, float[4] v"),
  ).toEqual(["scale g", "shift b", "m v of 4"]);
  expect(rolesOf("h = LayerNormalization <axis = 3> (x, g, b)", ", float[6] g, float[6] b")).toEqual([
    "scale g",
    "shift b",
  ]);
  expect(rolesOf("h = PRelu (x, g)", ", float[4,1,1] g")).toEqual(["scale g"]);
});

it("tells biases, and layer scales and positions beside weighed values", () => {
  expect(rolesOf("h = Conv (x, w2, b2)", ", float[4,4,1,1] w2, float[4] b2")).toEqual([
    "weight w2",
    "bias b2",
  ]);
  expect(rolesOf("s = Mul (x, g) h = Add (s, e)", ", float[4,1,1] g, float[4,6,6] e")).toEqual([
    "scale g",
    "shift e",
  ]);
});

it("leaves preprocessing in front of the first weights, and one number of a formula", () => {
  const inputs = ", float[3,1,1] mean, float[1] half, float[4,3,1,1] w2";
  const body =
    "z = Sub (image, mean) s = Add (z, mean) u = Mul (s, mean) t = Conv (u, w2) a = GlobalAveragePool (t) c = Mul (x, half) h = Add (c, a)";
  expect(rolesOf(body, inputs)).toEqual(["weight w2", "stay half"]);
});

it("leaves what masks an attention", () => {
  const mask = { e: [0, -100, 0, -100] };
  expect(rolesOf("h = Add (x, e)", ", float[4,1,1] e", mask)).toEqual(["stay e"]);
  expect(rolesOf("h = Add (x, e)", ", float[4,1,1] e", { e: [0, -1, 0, -1] })).toEqual(["shift e"]);
});

it("takes a group normalization's γ and β, and not the ones and zeros inside", () => {
  const body = `
    s = Constant <value_ints = [0, 2, -1]> ()
    r = Reshape (x, s)
    n = InstanceNormalization (r, one, zero)
    d = Shape (x)
    i = Reshape (n, d)
    q = Mul (i, g)
    h = Add (q, b)`;
  const inputs = ", float[2] one, float[2] zero, float[4,1,1] g, float[4,1,1] b";
  const constants = { one: [1, 1], zero: [0, 0] };
  expect(rolesOf(body, inputs, constants)).toEqual(["scale g", "shift b", "stay one", "stay zero"]);
  // an instance normalization on the map itself has both of its own
  expect(
    rolesOf("h = InstanceNormalization (x, g, b)", ", float[4] g, float[4] b", { g: [1, 1, 1, 1] }),
  ).toEqual(["scale g", "shift b"]);
});

it("takes no zero that becomes a convolution's bias by its shape", () => {
  // PyTorch's newer exporter writes so what has no bias, where it is told not to optimize
  const body =
    "d = Shape (w2) i = Constant <value_ints = [0]> () o = Gather (d, i) e = Expand (z, o) h = Conv (x, w2, e)";
  const roles = rolesOf(body, ", float[4,4,1,1] w2, float[1] z", { z: [0] });
  expect(roles.filter((line) => / z$/.test(line) && !line.startsWith("stay"))).toEqual([]);
});

it("follows a class token that is expanded, and a transposed weight", () => {
  const body =
    "f0 = Constant <value_ints = [0, 4, -1]> () r = Reshape (x, f0) t = Transpose <perm = [0, 2, 1]> (r) d = Shape <end = 1> (t) o = Constant <value_ints = [1, 4]> () s = Concat <axis = 0> (d, o) e = Expand (cls, s) c = Concat <axis = 1> (e, t) w3 = Transpose <perm = [1, 0]> (w2) m = MatMul (c, w3) u = Transpose <perm = [0, 2, 1]> (m) k = Constant <value_ints = [3]> () h = Unsqueeze (u, k)";
  const roles = rolesOf(body, ", float[1,1,4] cls, float[4,4] w2");
  expect(roles).toContain("embedding cls");
  expect(roles.some((line) => /^weight w[23]$/.test(line))).toBe(true);
});

it("takes nothing that the scores do not depend on", () => {
  expect(rolesOf("o = Conv (x, w2) h = Relu (x)", ", float[4,4,1,1] w2")).toEqual([]);
});
