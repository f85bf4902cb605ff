// Which floating type each value of a file's own graph has. Shapes are inferred of the graph in single precision, so that they do
// not tell. Derived here.
import { type DataType, dataTypeOfCode, type Model, type Node } from "@snellen/graph";

const FLOATS: ReadonlySet<DataType | undefined> = new Set(["float32", "float16", "bfloat16", "float64"]);

/**
 * As declared, or that of the first floating value that it is computed from, which is right for all operators but Cast.
 * @returns types by value; values without a floating one are left out, or have the one of what they are about (Shape)
 */
export function floatTypes({ graph }: Model): ReadonlyMap<string, DataType> {
  const types = new Map<string, DataType>();
  const add = (name: string, type: DataType | undefined): void => {
    if (type !== undefined && FLOATS.has(type) && !types.has(name)) types.set(name, type);
  };
  for (const { name, dataType } of [...graph.valueInfo, ...graph.inputs]) add(name, dataType);
  for (const [name, { dataType }] of graph.initializers) add(name, dataType);
  for (const node of graph.nodes) {
    const type = castType(node) ?? node.inputs.map((name) => types.get(name)).find((found) => found);
    for (const name of node.outputs) add(name, type);
  }
  return types;
}

/** The type that a node says itself: that of a Cast, or of the tensor of a Constant. */
function castType({ opType, attributes: { to, value } }: Node): DataType | undefined {
  if (opType === "Cast" && to?.type === "int") return dataTypeOfCode(Number(to.value));
  return value?.type === "tensor" ? value.value.dataType : undefined;
}
