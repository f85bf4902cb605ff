// Declares which dimensions follow the batch, for ONNX Runtime's optimizer: it keeps a convolutional network in its blocked
// layout only where it can prove that two maps have one shape, and its own inference loses the batch's symbol at every Reshape
// to -1, Expand to a computed shape and Resize. (MobileNetV2's gradient: 102 changes of layout without, 16 with.)
import { isFloating } from "../data-type.ts";
import type { DeclaredDim, Graph, ValueInfo } from "../model.ts";
import type { Shapes } from "./shapes.ts";

/** Channels, height, width and batch: the values that have a blocked layout. */
const MAP_RANK = 4;

/**
 * Declared types of the maps that a graph computes, the batch under its symbol; what was declared of other values stays.
 * Nothing is added where the batch is fixed.
 */
export function declareMaps(graph: Graph, shapes: Shapes, symbol: string): readonly ValueInfo[] {
  if (shapes.batches.length < 2) return graph.valueInfo;
  const declared = new Map(graph.valueInfo.map((v) => [v.name, v]));
  for (const { outputs } of graph.nodes) {
    for (const name of outputs) {
      const type = shapes.probes[0]?.get(name);
      if (type?.dims.length !== MAP_RANK || !isFloating(type.dataType)) continue;
      const dims = type.dims.map((_, axis) => declaredDim(shapes, name, axis, symbol));
      if (dims.includes(symbol)) declared.set(name, { name, dataType: type.dataType, dims });
    }
  }
  return [...declared.values()];
}

/** A number where all probes agree, the symbol where they are the batch, else nothing. */
function declaredDim(shapes: Shapes, name: string, axis: number, symbol: string): DeclaredDim {
  const sizes = shapes.probes.map((probe) => probe.get(name)?.dims[axis]);
  if (sizes.every((size) => size === sizes[0])) return sizes[0];
  return sizes.every((size, i) => size === shapes.batches[i]) ? symbol : undefined;
}
