// Models for tests whose weights lie elsewhere.
import { type ExternalBytes, parseGraphText, serializeModel } from "@snellen/graph";

/** The bytes of a model in text form, after its initializer `name` was replaced by a pointer. */
export function externalModel(text: string, name: string, data: ExternalBytes): Uint8Array {
  const model = parseGraphText(text);
  const tensor = { ...model.graph.initializers.get(name)!, data };
  const initializers = new Map(model.graph.initializers).set(name, tensor);
  return serializeModel({ ...model, graph: { ...model.graph, initializers } });
}
