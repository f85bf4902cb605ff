// What a model file holds as it was written, before anything is made canonical.
import { type DataType, type Model, opsetOf, type ValueInfo } from "@snellen/graph";

/** What a model file holds as it was written. Plain data. */
export interface FileFacts {
  readonly producer: string;
  readonly irVersion: number;
  /** Of the standard operators. */
  readonly opset: number;
  readonly nodes: number;
  /** Operator (with its domain where that is not the standard one) → how often. */
  readonly operators: Readonly<Record<string, number>>;
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
}

/** An input or output as the file declares it. */
export interface DeclaredValue {
  readonly name: string;
  /** Null for sequences and the like. */
  readonly dataType: DataType | null;
  /** Numbers, symbols, or null where nothing is stated; null as a whole without a shape. */
  readonly dims: readonly (number | string | null)[] | null;
}

export function fileFacts(model: Model): FileFacts {
  const { graph } = model;
  const operators: Record<string, number> = {};
  for (const { domain, opType } of graph.nodes) {
    const name = domain === "" ? opType : `${domain}::${opType}`;
    operators[name] = (operators[name] ?? 0) + 1;
  }
  return {
    producer: model.producer,
    irVersion: model.irVersion,
    opset: opsetOf(model),
    nodes: graph.nodes.length,
    operators,
    inputs: graph.inputs.filter((v) => !graph.initializers.has(v.name)).map(declared),
    outputs: graph.outputs.map(declared),
  };
}

const declared = ({ name, dataType, dims }: ValueInfo): DeclaredValue => ({
  name,
  dataType: dataType ?? null,
  dims: dims?.map((d) => d ?? null) ?? null,
});
