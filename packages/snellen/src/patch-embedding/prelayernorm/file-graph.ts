// The file's own graph in a form in which values of the canonical one can be worked on: values keep their names on the way.
import { inlineFunctions, type Model, opsetOf, UnsupportedError } from "@snellen/graph";

/**
 * The file as it was read where all values stand in it, else with its local functions inlined.
 * @throws UnsupportedError `hidden-patch-embedding` where a value was made while the model was read, or lies in a branch
 */
export function fileWithValues(original: Model, values: readonly string[]): Model {
  const missing = (model: Model) => values.find((name) => !topLevelNames(model).has(name));
  if (missing(original) === undefined) return original;
  const inlined = inlineFunctions(original);
  const name = missing(inlined);
  if (name === undefined) return inlined;
  throw hiddenIn(original, `value "${name}"`);
}

export const hiddenIn = (file: Model, what: string): UnsupportedError =>
  new UnsupportedError("hidden-patch-embedding", `the file has no ${what} to work on.`, {
    where: `operator set ${opsetOf(file)}`,
    hint: "It is made while the model is read, or lies inside a branch (If): export the model with a newer operator set, or without branches.",
  });

const topLevelNames = ({ graph }: Model): ReadonlySet<string> =>
  new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
