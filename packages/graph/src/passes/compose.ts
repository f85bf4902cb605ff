// Two models as one: what the first gives, the second takes. Weights stay the references that they were.
import { InternalError, ModelError } from "../errors.ts";
import { type Graph, type Model, makeNode, type Node, type ValueInfo } from "../model.ts";
import { dataTypeOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { freshName, type Renaming, renameGraph, takenNames } from "./rename.ts";

/** A model and the shapes of its values, as from `canonicalize`. */
export interface TypedModel {
  readonly model: Model;
  readonly shapes: Shapes;
}

/**
 * Puts `first` in front of `second`; both canonical, with shapes known at the same batch sizes.
 *
 * Case 1: an output of the first that is linked takes the name of the input that it feeds.
 * Case 2: an output that is an input or a constant, or is linked again → Identity under that name.
 * Case 3: any other value or node of the first whose name the second has → a fresh name.
 *
 * Inputs of both that nothing feeds are the inputs, the first's before the second's; outputs likewise.
 *
 * @param links input of `second` → output of `first`
 * @throws ModelError `link-mismatch` where type or shape differ or a name is unknown, `name-taken` where an input or output
 *   that stays has the name of a value of the other, `opset-mismatch`
 */
export function compose(
  first: TypedModel,
  second: TypedModel,
  links: ReadonlyMap<string, string>,
): TypedModel {
  for (const [to, from] of links) requireFit(first, from, second, to);
  const [front, back] = [first.model.graph, second.model.graph];
  const linked = new Set(links.values());
  const kept = front.outputs.filter((v) => !linked.has(v.name));
  const rename = renamingFor(front, back, kept, links);
  const renamed = renameGraph({ ...front, outputs: kept }, rename);
  const handedOn = [...links].filter(([to, from]) => rename(from) !== to);
  const identities = handedOn.map(([to, from]) => makeNode("Identity", [rename(from)], [to], { name: to }));
  const graph: Graph = {
    ...back,
    inputs: [...renamed.inputs, ...back.inputs.filter((v) => !links.has(v.name))],
    outputs: [...kept, ...back.outputs],
    nodes: [...withFreshNames([...renamed.nodes, ...identities], back), ...back.nodes],
    initializers: new Map([...renamed.initializers, ...back.initializers]),
    valueInfo: [...renamed.valueInfo, ...back.valueInfo],
  };
  return {
    model: {
      ...second.model,
      opsets: mergedOpsets(first.model, second.model),
      functions: [...first.model.functions, ...second.model.functions],
      graph,
    },
    shapes: mergedShapes(first.shapes, second.shapes, rename),
  };
}

function requireFit(first: TypedModel, from: string, second: TypedModel, to: string): void {
  const gives = first.model.graph.outputs.some((v) => v.name === from);
  const takes = second.model.graph.inputs.some((v) => v.name === to);
  const [given, taken] = [typeText(first.shapes, from), typeText(second.shapes, to)];
  if (gives && takes && given === taken) return;
  const what = !gives
    ? `the first model has no output "${from}".`
    : !takes
      ? `the second model has no input "${to}".`
      : `expected ${taken}, got ${given} from "${from}".`;
  throw new ModelError("link-mismatch", what, { where: `input "${to}"`, hint: "Link values of one type." });
}

const typeText = (shapes: Shapes, name: string): string =>
  `${dataTypeOf(shapes, name) ?? "?"}[${dimsOf(shapes, name)?.join(", ") ?? "?"}]`;

function mergedOpsets(first: Model, second: Model): ReadonlyMap<string, number> {
  for (const [domain, version] of first.opsets) {
    const other = second.opsets.get(domain);
    if (other === undefined || other === version) continue;
    throw new ModelError(
      "opset-mismatch",
      `operator set "${domain}" is ${version} in one model and ${other} in the other.`,
      { hint: "Bring both to one version first (upgradeOpset)." },
    );
  }
  return new Map([...second.opsets, ...first.opsets]);
}

/** Names of the first's values in the whole: those of its inputs and kept outputs stay, the first to feed an input takes its name. */
function renamingFor(
  front: Graph,
  back: Graph,
  kept: readonly ValueInfo[],
  links: ReadonlyMap<string, string>,
): Renaming {
  const taken = takenNames(back);
  for (const { name } of [...front.inputs, ...kept]) requireFree(taken, name);
  const names = new Map([...front.inputs, ...kept].map(({ name }) => [name, name]));
  for (const name of names.keys()) taken.add(name);
  for (const [to, from] of links) if (!names.has(from) && !front.initializers.has(from)) names.set(from, to);
  return (name) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = freshName(taken, name);
    names.set(name, made);
    return made;
  };
}

/** Nodes under names that no node of the other graph has. */
function withFreshNames(nodes: readonly Node[], other: Graph): Node[] {
  const taken = takenNames(other);
  return nodes.map((node) => (node.name === "" ? node : { ...node, name: freshName(taken, node.name) }));
}

function requireFree(taken: ReadonlySet<string>, name: string): void {
  if (!taken.has(name)) return;
  throw new ModelError("name-taken", `both models have a value "${name}", and it is an input or an output.`, {
    hint: "Rename it in one of them (renameValue), or link it.",
  });
}

function mergedShapes(first: Shapes, second: Shapes, rename: Renaming): Shapes {
  if (`${first.batches}` !== `${second.batches}`)
    throw new InternalError(`shapes at batches ${first.batches} and ${second.batches} do not go together`);
  const probes = second.probes.map((probe, i) => {
    const before = [...(first.probes[i] ?? [])].map(([name, type]) => [rename(name), type] as const);
    return new Map([...before, ...probe]);
  });
  return { ...second, probes };
}
