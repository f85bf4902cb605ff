// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { describe, expect, it } from "vitest";
import { attr } from "../model.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { fuseLayerNormalization } from "./fuse-layer-normalization.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const CONSTANTS =
  "int64[1] axes = {-1}, int64[2] two_axes = {2, 1}, int64[1] one_axis = {1}, float two = {2}, float one = {1}, float eps = {0.001}, float[4] g = {1, 2, 3, 4}, float[4] b = {0.5, 0, -1, 2}, float[3,4] G = {1,2,3,4,5,6,7,8,9,10,11,12}";
const graph = (body: string, opset = 18) =>
  graphAt(opset, `g (float[N,3,4] x) => (y) <${CONSTANTS}> {\n ${body}\n}`);

const STATISTICS =
  "m = ReduceMean (x, axes)\n d = Sub (x, m)\n q = Pow (d, two)\n v = ReduceMean (q, axes)\n e = Add (v, eps)\n s = Sqrt (e)";

describe("fires", () => {
  it.each([
    ["PyTorch's form", `${STATISTICS}\n n = Div (d, s)\n w = Mul (n, g)\n y = Add (w, b)`],
    ["operands the other way round", `${STATISTICS}\n n = Div (d, s)\n w = Mul (g, n)\n y = Add (b, w)`],
    ["without bias", `${STATISTICS}\n n = Div (d, s)\n y = Mul (n, g)`],
    ["without scale and bias", `${STATISTICS}\n y = Div (d, s)`],
    [
      "a product as the square, a reciprocal",
      `${STATISTICS.replace("Pow (d, two)", "Mul (d, d)")}\n r = Reciprocal (s)\n y = Mul (d, r)`,
    ],
    ["one over the deviation", `${STATISTICS}\n r = Div (one, s)\n n = Mul (r, d)\n y = Mul (n, g)`],
    ["two axes", `${STATISTICS.replaceAll("axes", "two_axes")}\n n = Div (d, s)\n y = Mul (n, G)`],
  ])("%s", async (_, body) => {
    const model = graph(body);
    const fused = fuseLayerNormalization(model, inferShapes(model));
    expect(opTypes(fused)).toEqual(["LayerNormalization"]);
    await expectSameOutputs(model, fused, 1e-5);
  });

  it("once for each normalization, in a row", async () => {
    const again = STATISTICS.replaceAll(/\b([mdqves])\b/g, "$1_2")
      .replaceAll("(x", "(a")
      .replace("Sub (x", "Sub (a");
    const model = graph(
      `${STATISTICS}\n n = Div (d, s)\n w = Mul (n, g)\n a = Add (w, b)\n ${again}\n y = Div (d_2, s_2)`,
    );
    const fused = fuseLayerNormalization(model, inferShapes(model));
    expect(opTypes(fused)).toEqual(["LayerNormalization", "LayerNormalization"]);
    expect(attr.float(fused.graph.nodes[0]!, "epsilon")).toBeCloseTo(0.001, 9);
    await expectSameOutputs(model, fused, 1e-5);
  });
});

describe("does not fire", () => {
  it.each([
    ["over an axis that is not the last", `${STATISTICS.replaceAll("axes", "one_axis")}\n y = Div (d, s)`],
    ["when the two means differ", `${STATISTICS.replace("(q, axes)", "(q, two_axes)")}\n y = Div (d, s)`],
    ["on a cube", `${STATISTICS.replace("Pow (d, two)", "Pow (d, eps)")}\n y = Div (d, s)`],
    ["when the deviation divides something else", `${STATISTICS}\n y = Div (x, s)`],
    [
      "below opset 17",
      STATISTICS.replaceAll(/ReduceMean \(([xq]), axes\)/g, "ReduceMean <axes = [-1]> ($1)").concat(
        "\n y = Div (d, s)",
      ),
      13,
    ],
  ])("%s", (_, body, opset = 18) => {
    const model = graph(body as string, opset as number);
    expect(fuseLayerNormalization(model, inferShapes(model))).toBe(model);
  });

  it("takes the scale in only when it has the dimensions of the normalized axes", async () => {
    const model = graph(`${STATISTICS}\n n = Div (d, s)\n y = Mul (n, G)`);
    const fused = fuseLayerNormalization(model, inferShapes(model));
    expect(opTypes(fused)).toEqual(["LayerNormalization", "Mul"]);
    await expectSameOutputs(model, fused, 1e-5);
  });
});
