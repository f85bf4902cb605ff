// Oracle: ONNX Runtime; two models joined give what the second gives of what the first gave.
import { describe, expect, it } from "vitest";
import { createBuilder } from "../builder.ts";
import { canonicalize } from "../canonicalize.ts";
import { printGraph } from "../print.ts";
import { type Tensor, tensorNumbers } from "../tensor.ts";
import { compose, type TypedModel } from "./compose.ts";
import { expectClose, graphAt, opTypes, randomFeeds, run } from "./test-support/compare.ts";

const typed = (text: string, opset = 18): TypedModel => canonicalize(graphAt(opset, text));

const SECOND = typed(
  "g (float[N,4] x) => (float[N,2] y) <float[4,2] w = {1,2,3,4,5,6,7,8}> {\n a = Exp (x)\n y = MatMul (a, w)\n}",
);

/** Both in turn: the second is fed what the first gave. */
async function expectInTurn(first: TypedModel, links: ReadonlyMap<string, string>): Promise<TypedModel> {
  const whole = compose(first, SECOND, links);
  const feeds = randomFeeds(whole.model, 3);
  const given = await run(first.model, feeds);
  const expected = await run(SECOND.model, new Map([["x", given.get(links.get("x") ?? "")!]]));
  expectClose((await run(whole.model, feeds)).get("y"), expected.get("y")!, 0);
  return whole;
}

describe("compose", () => {
  it("feeds an output to an input, whose name it takes, and renames what clashes", async () => {
    const first = typed(
      "g (float[N,4] p) => (float[N,4] y) <float[4] w = {4,3,2,1}> {\n a = Mul (p, w)\n y = Neg (a)\n}",
    );
    const whole = await expectInTurn(first, new Map([["x", "y"]]));
    expect(printGraph(whole.model.graph)).toMatchInlineSnapshot(`
      "g (float[N,4] p) => (float[N,2] y)
      <float[4] w_2 = {4, 3, 2, 1}, float[4,2] w = {1, 2, 3, 4, 5, 6, 7, 8}>
      {
         a_2 = Mul (p, w_2)
         x = Neg (a_2)
         a = Exp (x)
         y = MatMul (a, w)
      }"
    `);
    expect(whole.model.graph.initializers.get("w")).toBe(SECOND.model.graph.initializers.get("w"));
    expect(whole.model.graph.initializers.get("w_2")).toBe(first.model.graph.initializers.get("w"));
  });

  it("hands on what is an input or a constant, or feeds two inputs, by Identity", async () => {
    const through = typed("g (float[N,4] p) => (float[N,4] p) { unused = Neg (p) }");
    expect(opTypes((await expectInTurn(through, new Map([["x", "p"]]))).model)).toContain("Identity");
    const two = typed("g (float[N,4] l, float[N,4] r) => (y) { y = Sub (l, r) }");
    const first = typed("g (float[N,4] p) => (float[N,4] q) { q = Neg (p) }");
    const links = new Map([
      ["l", "q"],
      ["r", "q"],
    ]);
    const { model } = compose(first, two, links);
    const y = (await run(model, randomFeeds(model, 2))).get("y") as Tensor;
    expect([...tensorNumbers(y)].every((v) => v === 0)).toBe(true);
  });

  it("keeps inputs and outputs that are not linked, the first's in front", () => {
    const first = typed("g (float[N,4] p, float[N] q) => (u, v) {\n u = Neg (p)\n v = Exp (q)\n}");
    const { model } = compose(first, SECOND, new Map([["x", "u"]]));
    expect(model.graph.inputs.map((v) => v.name)).toEqual(["p", "q"]);
    expect(model.graph.outputs.map((v) => v.name)).toEqual(["v", "y"]);
    const apart = compose(first, SECOND, new Map());
    expect(apart.model.graph.inputs.map((v) => v.name)).toEqual(["p", "q", "x"]);
  });

  it("knows the shapes of both, so that a builder may go on", async () => {
    const first = typed("g (float[N,4] p) => (float[N,4] a) { a = Neg (p) }");
    const { model, shapes } = compose(first, SECOND, new Map([["x", "a"]]));
    const b = createBuilder(model, shapes);
    b.output(b.op("Sub", ["x", "a"]), "d");
    expect(b.dims("d")).toEqual([-1, 4]);
    expect((await run(b.build(), randomFeeds(model, 2))).get("d")?.dims).toEqual([2, 4]);
  });

  it("refuses what does not fit", () => {
    const first = typed("g (float[N,3] p) => (float[N,3] q) { q = Neg (p) }");
    const refuses = (links: [string, string][], what: string, of = first) =>
      expect(() => compose(of, SECOND, new Map(links))).toThrow(what);
    refuses([["x", "q"]], 'input "x": expected float32[-1, 4], got float32[-1, 3] from "q".');
    refuses([["z", "q"]], 'input "z": the second model has no input "z".');
    refuses([["x", "r"]], 'input "x": the first model has no output "r".');
    refuses([], 'both models have a value "x"', typed("g (float[N,4] x) => (q) { q = Neg (x) }"));
    refuses(
      [],
      'operator set "" is 20 in one model and 18 in the other.',
      typed("g (float[N,4] p) => (q) { q = Neg (p) }", 20),
    );
  });
});
