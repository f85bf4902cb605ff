// Oracle: ONNX Runtime; a head and a tail, run one after the other, give what the whole model gives.
import { describe, expect, it } from "vitest";
import { canonicalize } from "../canonicalize.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { addOutputs, takeHead, takeTail } from "./extract.ts";
import { expectClose, graphAt, opTypes, randomFeeds, run } from "./test-support/compare.ts";

const MODEL = graphAt(
  18,
  `g (float[batch,3,4] x) => (float[batch,2] y) <float[4,2] w = {1,2,3,4,5,6,7,8}, float[1,1,4] token = {1,2,3,4}, int64[1] one = {1}, int64[2] rest = {1, 4}, int64 zero = {0}> {
  a = Relu (x)
  n = Shape <end = 1> (x)
  s = Concat <axis = 0> (n, rest)
  t = Expand (token, s)
  c = Concat <axis = 1> (t, a)
  m = MatMul (c, w)
  e = Exp (m)
  y = Gather <axis = 1> (e, zero)
}`,
);
const { model, shapes } = canonicalize(MODEL);

describe("takeHead", () => {
  it("gives the values, typed, and drops what they do not need", async () => {
    const head = takeHead(model, ["m", "a"], shapes);
    expect(head.graph.outputs.map((v) => [v.name, v.dims])).toEqual([
      ["m", ["batch", 4, 2]],
      ["a", ["batch", 3, 4]],
    ]);
    expect(opTypes(head)).not.toContain("Exp");
    const feeds = randomFeeds(model, 2);
    const whole = await run(addOutputs(model, ["m"]), feeds);
    expectClose((await run(head, feeds)).get("m"), whole.get("m")!, 0);
  });

  it("works without shapes", async () => {
    const found = await run(takeHead(model, ["c"]), randomFeeds(model, 3));
    expect(found.get("c")?.dims).toEqual([3, 4, 4]);
  });
});

describe("takeTail", () => {
  it.each([["e"], ["m"], ["c"]])("from %s gives what the model gives", async (value) => {
    const tail = takeTail(model, shapes, [value]);
    expect(tail.graph.inputs.map((v) => v.name)).toEqual([value]);
    const feeds = randomFeeds(model, 3);
    const cut = await run(takeHead(model, [value]), feeds);
    expectClose((await run(tail, cut)).get("y"), (await run(model, feeds)).get("y")!, 0);
  });

  it("takes the batch size from its own input where the model took it from what is cut off", async () => {
    const tail = takeTail(model, shapes, ["a"]);
    expect(tail.graph.inputs.map((v) => [v.name, v.dims])).toEqual([["a", ["batch", 3, 4]]]);
    const feeds = randomFeeds(model, 3);
    const cut = await run(takeHead(model, ["a"]), feeds);
    expectClose((await run(tail, cut)).get("y"), (await run(model, feeds)).get("y")!, 0);
  });

  it("keeps an input that reaches the outputs another way", () => {
    const skip = graphAt(18, "g (float[N,4] x) => (y) {\n a = Relu (x)\n b = Exp (a)\n y = Add (b, x)\n}");
    expect(takeTail(skip, inferShapes(skip), ["a"]).graph.inputs.map((v) => v.name)).toEqual(["a", "x"]);
  });

  it("cuts one of several outputs of a node, and ends at other values", async () => {
    const split = graphAt(
      18,
      "g (float[N,4] x) => (y) {\n a, b = Split <axis = 1, num_outputs = 2> (x)\n c = Exp (a)\n d = Add (c, b)\n y = Neg (d)\n}",
    );
    const tail = takeTail(split, inferShapes(split), ["a"], ["d"]);
    expect([tail.graph.inputs.map((v) => v.name), tail.graph.outputs.map((v) => v.name)]).toEqual([
      ["a", "x"],
      ["d"],
    ]);
    expect(opTypes(tail)).toEqual(["Split", "Exp", "Add"]);
    const feeds = new Map([
      ...randomFeeds(split, 2),
      ...(await run(takeHead(split, ["a"]), randomFeeds(split, 2))),
    ]);
    expectClose(
      (await run(tail, feeds)).get("d"),
      (await run(addOutputs(split, ["d"]), randomFeeds(split, 2))).get("d")!,
      0,
    );
  });
});

describe("addOutputs", () => {
  it("appends each value once", () => {
    const more = addOutputs(model, ["m", "y", "m"], shapes);
    expect(more.graph.outputs.map((v) => v.name)).toEqual(["y", "m"]);
    expect(addOutputs(model, ["y"])).toBe(model);
  });
});

it("names the nearest value when there is none", () => {
  expect(() => takeHead(model, ["tt"])).toThrow('the model has no value "tt". Did you mean "t"?');
  expect(() => takeTail(model, shapes, ["zz"])).toThrow(expect.objectContaining({ code: "unknown-value" }));
  const untyped = graphAt(18, "g (float[N] x) => (y) {\n a = NonZero (x)\n y = Cast <to = 1> (a)\n}");
  expect(() => takeTail(untyped, inferShapes(untyped), ["a"])).toThrow(
    expect.objectContaining({ code: "untyped-value" }),
  );
});
