// Shapes of constants and of If: the taken branch when its condition is known, else what both branches agree on.
// ONNX: Constant 13, If 21.
import { attr, type Graph, type Node } from "../../model.ts";
import { type ShapeFunction, typeOfTensor, type ValueType } from "../value-type.ts";
import { type ShapeTable, UNKNOWN } from "./support.ts";

const constant: ShapeFunction = ({ node }) => {
  const [entry] = Object.entries(node.attributes);
  if (entry === undefined) return UNKNOWN;
  const [name, attribute] = entry;
  switch (attribute.type) {
    case "tensor":
      return [typeOfTensor(attribute.value)];
    case "int":
      return [{ dataType: "int64", dims: [], value: [attr.int(node, name)] }];
    case "ints":
      return [list("int64", attr.ints(node, name) ?? [])];
    case "float":
      return [{ dataType: "float32", dims: [], value: [attribute.value] }];
    case "floats":
      return [list("float32", attribute.value)];
    case "string":
      return [{ dataType: "string", dims: [] }];
    case "strings":
      return [{ dataType: "string", dims: [attribute.value.length] }];
    default:
      return UNKNOWN;
  }
};

const list = (dataType: "int64" | "float32", value: readonly number[]): ValueType => ({
  dataType,
  dims: [value.length],
  value,
});

const conditional: ShapeFunction = ({ node, inputs, inferSubgraph }) => {
  const taken = inputs[0]?.value?.[0];
  if (taken !== undefined) return inferSubgraph(branch(node, taken !== 0));
  const otherwise = inferSubgraph(branch(node, false));
  return inferSubgraph(branch(node, true)).map((type, i) =>
    type !== undefined && sameType(type, otherwise[i])
      ? { dataType: type.dataType, dims: type.dims }
      : undefined,
  );
};

const branch = (node: Node, taken: boolean): Graph => attr.graph(node, taken ? "then_branch" : "else_branch");

const sameType = (a: ValueType, b: ValueType | undefined): boolean =>
  a.dataType === b?.dataType && a.dims.length === b.dims.length && a.dims.every((d, i) => d === b.dims[i]);

export const control: ShapeTable = { Constant: constant, If: conditional };
