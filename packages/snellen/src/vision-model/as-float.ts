// What derived graphs compute with is float32, whatever type a network keeps its values in.
import { codeOfDataType, type GraphBuilder } from "@snellen/graph";

/** The value as float32; itself where it is. */
export const asFloat = (b: GraphBuilder, value: string): string =>
  b.dataType(value) === "float32" ? value : b.op("Cast", [value], { to: codeOfDataType("float32") });
