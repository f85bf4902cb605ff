// Oracle: ONNX Runtime; the freed model, run on a batch, must give for each image what the fixed model gives for it alone.
import { describe, expect, it } from "vitest";
import { canonicalize } from "../canonicalize.ts";
import type { Model } from "../model.ts";
import { makeTensor, type Tensor, tensorNumbers } from "../tensor.ts";
import { makeBatchDynamic } from "./dynamic-batch.ts";
import { expectClose, graphAt, randomFeeds, run } from "./test-support/compare.ts";

const fixed = (x: string, body: string, constants = "int64 zero = {0}"): Model =>
  canonicalize(graphAt(18, `g (float[${x}] x) => (y) <${constants}> {\n ${body}\n}`)).model;

function freed(model: Model): Model {
  const result = makeBatchDynamic(model);
  if ("refused" in result) throw new Error(result.refused);
  expect(result.changed).toBe(true);
  return result.model;
}

/** Runs one image after another through the fixed model, and all together through the other. */
async function expectSamePerImage(model: Model, dynamic: Model): Promise<void> {
  const batch = 3;
  const [[name, all]] = [...randomFeeds(dynamic, batch)] as [[string, Tensor]];
  const together = (await run(dynamic, new Map([[name, all]]))).get("y")!;
  const values = tensorNumbers(all);
  const size = values.length / batch;
  const alone: number[] = [];
  for (let i = 0; i < batch; i++) {
    const one = makeTensor("float32", [1, ...all.dims.slice(1)], values.slice(i * size, (i + 1) * size));
    alone.push(...tensorNumbers((await run(model, new Map([[name, one]]))).get("y")!));
  }
  expectClose(together, makeTensor("float32", together.dims, alone), 1e-6, "y");
}

const TOKEN = "float[1,1,4] token = {1,2,3,4}";

describe("frees the batch of", () => {
  it.each<[string, string, string, string?]>([
    [
      "convolutions",
      "1,2,5,5",
      "a = Conv (x, w)\n p = GlobalAveragePool (a)\n y = Flatten (p)",
      "float[3,2,1,1] w = {1,2,3,4,5,6}",
    ],
    [
      "a Reshape with the batch written in",
      "1,2,6",
      "a = Reshape (x, s)\n y = Exp (a)",
      "int64[2] s = {1, 12}",
    ],
    [
      "a Reshape with the batch and a -1",
      "1,2,6",
      "a = Reshape (x, s)\n y = Exp (a)",
      "int64[3] s = {1, -1, 3}",
    ],
    [
      "heads split and merged",
      "1,3,4",
      "a = Reshape (x, s)\n b = Transpose <perm = [0,2,1,3]> (a)\n c = Transpose <perm = [0,2,1,3]> (b)\n d = Reshape (c, t)\n y = Exp (d)",
      "int64[4] s = {1, 3, 2, 2}, int64[3] t = {1, 3, 4}",
    ],
    [
      "windows that join the batch",
      "1,4,2",
      "a = Reshape (x, s)\n b = Softmax <axis = 1> (a)\n c = Reshape (b, t)\n y = Exp (c)",
      "int64[3] s = {2, 2, 2}, int64[3] t = {1, 4, 2}",
    ],
    ["a class token", "1,3,4", "a = Concat <axis = 1> (token, x)\n y = Exp (a)", TOKEN],
    [
      "tokens before batches",
      "1,3,4",
      "a = Transpose <perm = [1,0,2]> (x)\n b = Reshape (a, s)\n c = Transpose <perm = [1,0,2]> (b)\n y = Exp (c)",
      "int64[3] s = {3, 1, 4}",
    ],
    ["Resize to sizes", "1,1,2,2", "a = Resize (x, , , s)\n y = Exp (a)", "int64[4] s = {1, 1, 4, 4}"],
    ["Expand to a shape", "1,1,4", "a = Expand (x, s)\n y = Exp (a)", "int64[3] s = {1, 3, 4}"],
  ])("%s", async (_, x, body, constants) => {
    const model = fixed(x, body, constants);
    const dynamic = freed(model);
    expect(dynamic.graph.inputs[0]?.dims?.[0]).toBe("batch");
    await expectSamePerImage(model, dynamic);
  });

  it("a recurrent layer with a constant initial state", async () => {
    const w = Array.from({ length: 24 }, (_, i) => Math.sin(i).toFixed(3));
    const r = Array.from({ length: 36 }, (_, i) => Math.cos(i).toFixed(3));
    const model = fixed(
      "1,4,2",
      "s = Transpose <perm = [1,0,2]> (x)\n h, l, c = LSTM <hidden_size = 3> (s, w, r, , , z, z)\n q = Squeeze (h, one)\n y = Transpose <perm = [1,0,2]> (q)",
      `float[1,12,2] w = {${w}}, float[1,12,3] r = {${r}}, float[1,1,3] z = {0.1, 0.2, 0.3}, int64[1] one = {1}`,
    );
    await expectSamePerImage(model, freed(model));
  });
});

it("leaves a symbolic batch alone", () => {
  const model = canonicalize(graphAt(18, "g (float[N,2] x) => (y) {\n y = Exp (x)\n}")).model;
  expect(makeBatchDynamic(model)).toEqual({ model, changed: false });
});

it("declares outputs whose leading axis is a multiple of the batch as open", () => {
  const model = fixed("1,4,2", "a = Reshape (x, s)\n y = Exp (a)", "int64[2] s = {4, 2}");
  expect(freed(model).graph.outputs[0]?.dims).toEqual([undefined, 2]);
});

describe("refuses, with the node and the reason,", () => {
  it.each<[string, string, string, string, string?]>([
    [
      "a batch that is dropped",
      "1,4",
      "y = Gather <axis = 0> (x, zero)",
      'output "y" does not follow the batch',
    ],
    [
      "a Squeeze of the batch",
      "1,4",
      "a = Squeeze (x, axes)\n y = Exp (a)",
      'Squeeze -> "a": it would not fit another batch size',
      "int64[1] axes = {0}",
    ],
    [
      "Softmax over the batch",
      "1,4",
      "y = Softmax <axis = 0> (x)",
      'Softmax -> "y": it works along the batch axis',
    ],
    [
      "an output that is a mean over the batch",
      "1,4",
      "y = ReduceMean (x, axes)",
      'output "y" does not',
      "int64[1] axes = {0}",
    ],
    [
      "a shape that nobody knows",
      "1,4",
      "a = NonZero (x)\n y = Cast <to = 1> (a)",
      'NonZero -> "a": the shape of "a" is not known',
    ],
    [
      "a product with the transposed batch",
      "1,4",
      "a = Transpose (x)\n y = MatMul (x, a)",
      'MatMul -> "y": at batch 1 it gives [1, 1], at batch 2 [2, 2]',
    ],
  ])("%s", (_, x, body, reason, constants) => {
    const result = makeBatchDynamic(fixed(x, body, constants));
    expect("refused" in result && result.refused).toContain(reason);
  });
});
