import { expect, it } from "vitest";
import { createBuilder } from "../builder.ts";
import { parseGraphText } from "../parse-text.ts";
import { inferShapes } from "./shapes.ts";

const extended = (x: string) => {
  const model = parseGraphText(`g (${x}) => (y) { y = Relu (x) }`);
  const b = createBuilder(model, inferShapes(model));
  const map = b.op("Reshape", ["y", b.ints([-1, 2, 2, 3])]);
  b.op("Reshape", ["y", b.ints([-1, 1, 1, 3])]);
  b.op("Shape", [map]);
  return b.build().graph.valueInfo;
};

// Of the values below, one has four times the batch and one is no map.
it("declares maps with the batch's symbol, in the model and in what a builder adds", () => {
  expect(extended("float[images,4,1,3] x")).toEqual([
    { name: "y", dataType: "float32", dims: ["images", 4, 1, 3] },
    { name: "Reshape", dataType: "float32", dims: ["images", 2, 2, 3] },
  ]);
});

it("declares nothing where the batch is fixed", () => {
  expect(extended("float[2,4,1,3] x")).toEqual([]);
});
