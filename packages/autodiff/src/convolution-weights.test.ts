// Oracle: the plain form, a convolution with batch and channels swapped, which finite differences check in rules/conv.test.ts.
// Every form that is chosen by shape gives its numbers, at batch sizes other than those that shapes are probed with.
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { convWeightGradient, swappedConvolution } from "./convolution-weights.ts";
import { normal, seededRandom } from "./test-support/random.ts";
import { openModel } from "./test-support/run-model.ts";
import { windowsOf } from "./window.ts";

/** Operators that tell the forms apart. */
type Form = "Conv" | "Gemm" | "MatMul";
type Row = readonly [name: string, form: Form, x: string, w: string, attributes?: string];

const SAME = "pads = [1,1,1,1]";

const ROWS: readonly Row[] = [
  ["3×3, large maps: a product for each image", "MatMul", "4,20,20", "5,4,3,3", SAME],
  ["3×3, small maps: one product", "Gemm", "8,5,4", "9,8,3,3", SAME],
  ["few channels in", "MatMul", "1,24,24", "8,1,3,3", SAME],
  ["few channels out", "MatMul", "8,24,24", "1,8,3,3", SAME],
  ["few channels in, small maps", "Gemm", "2,4,4", "12,2,3,3", SAME],
  ["few channels out, small maps", "Gemm", "12,4,4", "2,12,3,3", SAME],
  ["asymmetric pads, uneven kernel", "MatMul", "3,22,19", "4,3,3,2", "pads = [0,1,2,0]"],
  ["asymmetric pads, one product", "Gemm", "6,5,7", "7,6,2,3", "pads = [1,0,0,2]"],
  ["dilated", "MatMul", "3,26,24", "4,3,3,3", "dilations = [2,3], pads = [1,3,2,3]"],
  [
    "dilated so that some elements only see padding",
    "Conv",
    "3,5,9",
    "4,3,3,3",
    "dilations = [6,1], pads = [6,1,6,1]",
  ],
  ["5×5", "MatMul", "2,30,30", "3,2,5,5", "pads = [2,2,2,2]"],
  ["1×1", "MatMul", "6,9,9", "5,6,1,1"],
  ["1×1, small maps", "Gemm", "12,3,3", "10,12,1,1"],
  ["1×1 with pads", "MatMul", "3,9,9", "2,3,1,1", SAME],
  ["1×1, stride 2, a row left over", "MatMul", "4,20,20", "3,4,1,1", "strides = [2,2]"],
  ["1×1, stride 2, small maps", "Gemm", "12,5,5", "10,12,1,1", "strides = [2,2]"],
  ["2×2, stride 2, a column left over", "MatMul", "3,26,27", "4,3,2,2", "strides = [2,2]"],
  ["4×4 patches", "Gemm", "3,12,16", "5,3,4,4", "strides = [4,4]"],
  [
    "4×4 patches with pads, input left over",
    "Gemm",
    "2,10,13",
    "5,2,4,4",
    "strides = [4,4], pads = [1,2,0,0]",
  ],
  ["3×3, stride 2", "Conv", "3,9,9", "4,3,3,3", `strides = [2,2], ${SAME}`],
  ["3×3, stride 2, many channels", "Gemm", "2,5,6", "192,2,3,3", `strides = [2,2], ${SAME}`],
  [
    "3×3, strides 2 and 1, dilated, many channels",
    "Gemm",
    "2,9,6",
    "192,2,3,3",
    `strides = [2,1], dilations = [1,2], ${SAME}`,
  ],
  ["groups", "MatMul", "6,7,7", "9,2,3,3", `group = 3, ${SAME}`],
  ["groups of 1×1", "MatMul", "6,7,7", "9,2,1,1", "group = 3"],
  ["groups, stride 2", "Conv", "6,7,7", "9,2,3,3", `group = 3, strides = [2,2], ${SAME}`],
  ["depthwise", "MatMul", "5,9,8", "5,1,3,3", `group = 5, ${SAME}`],
  ["depthwise 5×5", "MatMul", "3,14,13", "3,1,5,5", "group = 3, pads = [2,2,2,2]"],
  ["depthwise, small maps", "Conv", "5,7,7", "5,1,3,3", `group = 5, ${SAME}`],
  ["depthwise with multiplier", "MatMul", "3,9,8", "6,1,3,3", `group = 3, ${SAME}`],
  ["1-D", "MatMul", "3,50", "4,3,5", "pads = [1,3]"],
  ["1-D, one product", "Gemm", "7,9", "8,7,3", "pads = [2,0], dilations = [2]"],
  ["1-D patches", "Gemm", "3,22", "4,3,5", "strides = [5]"],
  ["3-D", "MatMul", "2,8,7,9", "3,2,3,2,3", "pads = [1,0,1,1,1,1]"],
  ["3-D, stride 2, many channels", "Gemm", "1,4,5,4", "192,1,2,3,2", "strides = [2,2,2]"],
];

/** The gradient by the form that is chosen and by the plain one, in one graph. */
function bothForms(x: string, w: string, attributes: string) {
  const model = parseGraphText(
    `g (float[N,${x}] x, float[${w}] w) => (y) { y = Conv <${attributes}> (x, w) }`,
  );
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, inferShapes(model));
  const node = b.producer("y");
  if (node === undefined) throw new Error("no node");
  const windows = windowsOf(b, node, b.dims("w").slice(2), { big: "x", small: "y" });
  const group = Number(/group = (\d+)/.exec(attributes)?.[1] ?? 1);
  const dy = b.inputLike("dy", "y");
  const before = b.build().graph.nodes.length;
  const chosen = b.scoped("chosen", () => convWeightGradient(b, "x", dy, windows, group));
  const used = new Set(
    b
      .build()
      .graph.nodes.slice(before)
      .map((n) => n.opType),
  );
  b.output(chosen, "chosen");
  b.output(
    b.scoped("plain", () => swappedConvolution({ b, x: "x", dy, windows, group })),
    "plain",
  );
  return { model: b.build(), used, sizes: windows.output };
}

describe("gradient by the weights of a convolution", () => {
  it.each(ROWS)("%s", async (...row) => {
    const [, form, x, w, attributes = ""] = row as unknown as Row;
    const { model, used, sizes } = bothForms(x, w, attributes);
    expect((["Conv", "Gemm", "MatMul"] as const).filter((op) => used.has(op))).toEqual([form]);
    const random = seededRandom(1);
    const weights = w.split(",").map(Number);
    const runnable = await openModel(model);
    for (const batch of [1, 5]) {
      const filled = (dims: readonly number[]) => ({
        dataType: "float32" as const,
        dims,
        data: normal(dims, random),
      });
      const outputs = await runnable.run({
        x: filled([batch, ...x.split(",").map(Number)]),
        w: filled(weights),
        dy: filled([batch, weights[0] as number, ...sizes]),
      });
      const [chosen, plain] = [outputs.chosen, outputs.plain];
      expect(chosen?.dims).toEqual(weights);
      const errors = plain?.data.map((v, i) => Math.abs(v - (chosen?.data[i] ?? Number.NaN))) ?? [];
      const scale = Math.max(...(plain?.data.map(Math.abs) ?? []));
      expect(Math.max(...errors) / scale).toBeLessThan(1e-5);
    }
    await runnable.release();
  });
});
