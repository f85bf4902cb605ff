// PyTorch's `Unfold` is exported as a Gather whose table of indices cuts an axis into windows side by side. As a Reshape and a
// Transpose, which say the same, rows and columns can be followed through it. Derived here.
import {
  attr,
  constantOf,
  copyShapes,
  dimsOf,
  freshName,
  type Model,
  makeNode,
  type Node,
  type Shapes,
  valueNames,
  withGraph,
} from "@snellen/graph";

/** For looking at only: what Reshapes take their dimensions from is left open. Values keep their names. */
export function withWindowsCut(model: Model, shapes: Shapes): { model: Model; shapes: Shapes } {
  const cuts = new Map(
    model.graph.nodes.flatMap((node) => {
      const cut = cutOf(shapes, node);
      return cut === undefined ? [] : [[node, cut] as const];
    }),
  );
  if (cuts.size === 0) return { model, shapes };
  const own = copyShapes(shapes);
  const taken = valueNames(model.graph);
  const nodes = model.graph.nodes.flatMap((node) => {
    const cut = cuts.get(node);
    if (cut === undefined) return [node];
    const [data = "", output = ""] = [node.inputs[0], node.outputs[0]];
    const split = freshName(taken, `${output}/split`);
    for (const probe of own.probes) {
      const type = probe.get(data);
      if (type === undefined) continue;
      const dims = [...type.dims.slice(0, cut.axis), cut.count, cut.size, ...type.dims.slice(cut.axis + 1)];
      probe.set(split, { dataType: type.dataType, dims });
    }
    const rank = (dimsOf(own, split) ?? []).length;
    const perm = Array.from({ length: rank }, (_, i) =>
      i === cut.axis ? i + 1 : i === cut.axis + 1 ? i - 1 : i,
    );
    return [
      makeNode("Reshape", [data, ""], [split]),
      makeNode("Transpose", [split], [output], { attributes: { perm } }),
    ];
  });
  return { model: withGraph(model, { nodes }), shapes: own };
}

/** Windows of `size` cells, `count` of them, side by side along an axis. */
interface Cut {
  readonly axis: number;
  readonly size: number;
  readonly count: number;
}

/** Of a Gather whose indices are [place in the window, window], none missing and none twice. */
function cutOf(shapes: Shapes, node: Node): Cut | undefined {
  const [data = "", table = ""] = node.inputs;
  const dims = dimsOf(shapes, data);
  const [size, count, ...more] = dimsOf(shapes, table) ?? [];
  const indices = node.opType === "Gather" ? constantOf(shapes, table) : undefined;
  if (dims === undefined || indices === undefined) return undefined;
  if (size === undefined || count === undefined || more.length > 0) return undefined;
  const given = attr.int(node, "axis", 0);
  const axis = given < 0 ? given + dims.length : given;
  const isCut = indices.every((index, i) => index === (i % count) * size + Math.floor(i / count));
  return isCut && size * count === dims[axis] ? { axis, size, count } : undefined;
}
