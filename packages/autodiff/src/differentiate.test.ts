// Oracle: derivatives by hand, of graphs small enough for it. The calculus of operators is checked in rules/*.test.ts.
import { inferShapes, type Model, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { differentiate } from "./differentiate.ts";
import { openModel } from "./test-support/run-model.ts";

const open = (text: string) => {
  const model = parseGraphText(text);
  return { model, shapes: inferShapes(model) };
};

async function run(model: Model, feeds: Readonly<Record<string, readonly number[]>>, output: string) {
  const runnable = await openModel(model);
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => [
      name,
      { dataType: "float32" as const, dims: [data.length], data },
    ]),
  );
  const outputs = await runnable.run(tensors);
  await runnable.release();
  return outputs[output]?.data;
}

it("adds up what flows back from several readers", async () => {
  const { model, shapes } = open(
    "g (float[2] x) => (float[2] y) { a = Mul (x, x)  c = Add (a, x)  y = Add (c, a) }",
  );
  const { model: derived } = differentiate(model, shapes, { of: ["y"], wrt: ["x"] });
  expect(await run(derived, { x: [1, 2], seed_y: [1, 10] }, "grad_x")).toEqual([5, 90]);
});

it("sums over several differentiated values", async () => {
  const { model, shapes } = open(
    "g (float[2] x) => (float[2] y, float[2] z) { y = Mul (x, x)  z = Neg (x) }",
  );
  const { model: derived, seeds } = differentiate(model, shapes, { of: ["y", "z"], wrt: ["x"] });
  expect([...seeds]).toEqual([
    ["y", "seed_y"],
    ["z", "seed_z"],
  ]);
  expect(await run(derived, { x: [1, 2], seed_y: [1, 1], seed_z: [0, 1] }, "grad_x")).toEqual([2, 3]);
});

it("differentiates by an intermediate value without going past it", async () => {
  const { model, shapes } = open(
    "g (float[2] x) => (float[2] y) { a = NonExistent (x)  h = Identity (x)  y = Mul (h, h) }",
  );
  const { model: derived } = differentiate(model, shapes, { of: ["y"], wrt: ["h"] });
  const needed = derived.graph.nodes.filter((node) => node.opType !== "NonExistent");
  const runnable: Model = { ...derived, graph: { ...derived.graph, nodes: needed } };
  expect(await run(runnable, { x: [3, 4], seed_y: [1, 1] }, "grad_h")).toEqual([6, 8]);
});

it("differentiates by a weight", async () => {
  const { model, shapes } = open("g (float[2] x) => (float[2] y) <float w = {3}> { y = Mul (x, w) }");
  const { model: derived, gradients } = differentiate(model, shapes, { of: ["y"], wrt: ["w"] });
  expect(gradients.get("w")).toBe("grad_w");
  expect(await run(derived, { x: [3, 4], seed_y: [1, 2] }, "grad_w")).toEqual([11]);
});

it("takes seeds of ones without an input", async () => {
  const { model, shapes } = open("g (float[2] x) => (float[2] y) { y = Mul (x, x) }");
  const { model: derived, seeds } = differentiate(model, shapes, { of: ["y"], wrt: ["x"], seed: "ones" });
  expect(seeds.size).toBe(0);
  expect(await run(derived, { x: [3, 4] }, "grad_x")).toEqual([6, 8]);
});

it("leaves the model and its shapes as they were", () => {
  const { model, shapes } = open("g (float[2] x) => (float[2] y) { y = Mul (x, x) }");
  const before = JSON.stringify([
    model.graph.nodes,
    model.graph.outputs,
    [...(shapes.probes[0]?.keys() ?? [])],
  ]);
  differentiate(model, shapes, { of: ["y"], wrt: ["x"] });
  expect(
    JSON.stringify([model.graph.nodes, model.graph.outputs, [...(shapes.probes[0]?.keys() ?? [])]]),
  ).toBe(before);
});

it("gives gradients by half-precision inputs in single precision, where they do not underflow", () => {
  const { model, shapes } = open(
    "g (float16[2] x) => (float16[2] y) { f = Cast <to = 1> (x)  s = Mul (f, f)  y = Cast <to = 10> (s) }",
  );
  const { inputs, outputs } = differentiate(model, shapes, { of: ["y"], wrt: ["x"] }).model.graph;
  expect([...inputs, ...outputs].map((v) => [v.name, v.dataType])).toEqual([
    ["x", "float16"],
    ["seed_y", "float16"],
    ["y", "float16"],
    ["grad_x", "float32"],
  ]);
});

it.each([
  ["a value that the graph lacks", "y = Neg (x)", "unknown-value", /no value "nowhere"/, "nowhere"],
  [
    "integers only in between",
    "i = Cast <to = 7> (x)  y = Cast <to = 1> (i)",
    "no-gradient-path",
    /no gradient reaches "x"/,
    "x",
  ],
  [
    "integers as what is differentiated",
    "i = Cast <to = 7> (x)  y = Cast <to = 1> (i)",
    "not-floating",
    /"i" holds int64.*such as "x"/,
    "x",
    "i",
  ],
  ["an operator without a rule", "d = Det (x)  y = Neg (d)", "no-gradient-rule", /Det .*opset 20/, "x"],
])("refuses %s", (_, nodes, code, message, wrt, of = "y") => {
  const { model, shapes } = open(`g (float[2,2] x) => (float y) { ${nodes} }`);
  const act = () => differentiate(model, shapes, { of: [of], wrt: [wrt] });
  expect(act).toThrow(message);
  expect(act).toThrow(expect.objectContaining({ code }));
});
