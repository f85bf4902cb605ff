// Shapes of constants, of If (the taken branch when its condition is known, else what both branches agree on) and of Scan.
// ONNX: Constant 13, If 21, Scan 9.
import { attr, type Graph, type Node } from "../../model.ts";
import { type ShapeFunction, typeOfTensor, type ValueType } from "../value-type.ts";
import { frontAxis, type ShapeTable, UNKNOWN } from "./support.ts";

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

/** Final states, then what the body gives at each step, stacked. */
const scan: ShapeFunction = ({ node, inputs, inferSubgraph }) => {
  if (inputs.includes(undefined)) return UNKNOWN;
  const types = inputs as readonly ValueType[];
  const states = types.length - attr.int(node, "num_scan_inputs");
  const inputAxes = attr.ints(node, "scan_input_axes") ?? [];
  const outputAxes = attr.ints(node, "scan_output_axes") ?? [];
  const steps = types.slice(states).map(({ dataType, dims }, i) => {
    const axis = frontAxis(node, inputAxes[i] ?? 0, dims.length);
    return { dataType, dims: dims.toSpliced(axis, 1), length: dims[axis] as number };
  });
  const before = types.slice(0, states).map(({ dataType, dims }) => ({ dataType, dims }));
  return inferSubgraph(attr.graph(node, "body"), [...before, ...steps]).map((type, i) => {
    if (type === undefined || i < states) return type && { dataType: type.dataType, dims: type.dims };
    const axis = frontAxis(node, outputAxes[i - states] ?? 0, type.dims.length + 1);
    return { dataType: type.dataType, dims: type.dims.toSpliced(axis, 0, steps[0]?.length ?? 0) };
  });
};

export const control: ShapeTable = { Constant: constant, If: conditional, Scan: scan };
