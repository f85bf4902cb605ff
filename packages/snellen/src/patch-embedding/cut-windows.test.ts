// Oracle: the indices of PyTorch's im2col by its definition, window times size plus the place inside.
import { inferShapes, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { withWindowsCut } from "./cut-windows.ts";

const cut = (table: readonly (readonly number[])[], axis = 2) => {
  const model = parseGraphText(
    `g (float[N,3,8,6] x) => (y) <int64[${table.length},${table[0]?.length}] t = {${table.flat().join()}}>
     { y = Gather <axis = ${axis}> (x, t) }`,
  );
  const shapes = inferShapes(model);
  const result = withWindowsCut(model, shapes);
  return { ops: result.model.graph.nodes.map(({ opType }) => opType), result, shapes };
};

describe("windows side by side", () => {
  it.each([
    [2, 4, 2],
    [4, 2, 2],
    [3, 2, 3],
  ])("of %i cells, %i of them, along axis %i", (size, count, axis) => {
    const table = Array.from({ length: size }, (_, place) =>
      Array.from({ length: count }, (_, window) => window * size + place),
    );
    const { ops, result, shapes } = cut(table, axis);
    expect(ops).toEqual(["Reshape", "Transpose"]);
    const [split] = result.model.graph.nodes[0]?.outputs ?? [];
    const dims = [2, 3, 8, 6];
    dims.splice(axis, 1, count, size);
    expect(result.shapes.probes[0]?.get(split as string)?.dims).toEqual(dims);
    expect(result.shapes.probes[0]?.get("y")?.dims).toEqual(shapes.probes[0]?.get("y")?.dims);
  });

  it("are not seen where windows overlap, or cells are missing or out of order", () => {
    expect(
      cut([
        [0, 1, 2],
        [1, 2, 3],
      ]).ops,
    ).toEqual(["Gather"]);
    expect(
      cut([
        [0, 2, 4],
        [1, 3, 5],
      ]).ops,
    ).toEqual(["Gather"]);
    expect(
      cut([
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ]).ops,
    ).toEqual(["Gather"]);
  });
});
