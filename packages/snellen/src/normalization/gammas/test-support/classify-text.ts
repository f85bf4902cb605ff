// Classifies the γ of a small network written as text, and finds its residual Adds.
import { type Model, makeTensor, withGraph } from "@snellen/graph";
import { describeModel } from "../../../vision-model/describe.ts";
import { textModel } from "../../../vision-model/test-support/text-model.ts";
import { findNormalizations } from "../../find-normalizations.ts";
import { createFlow, type Flow } from "../../flow.ts";
import { classifyGammas } from "../classify-gammas.ts";

/**
 * A network from a picture over `x` [N, 4, 8, 8], four channels of it, to `y`. A weight is declared where it is used: `{name: 4,4,1,1}`. Batch normalization is written
 * `BN(name, value)`: γ is `name.weight`, and its node is called `name`.
 */
export function networkText(body: string, output = "N,?"): string {
  const weights = new Map<string, string>();
  const declared = body.replace(/\{(\S+): ([\d,]+)\}/g, (_, name: string, dims: string) => {
    weights.set(name, dims);
    return `"${name}"`;
  });
  const expanded = declared.replace(
    /(\S+) = BN\((\S+), (\S+)\)/g,
    (_, to: string, name: string, from: string) => {
      const parts = ["weight", "bias", "running_mean", "running_var"].map((part) => `${name}.${part}`);
      for (const part of parts) weights.set(part, "4");
      return `["${name}"] ${to} = BatchNormalization (${from}, ${parts.map((part) => `"${part}"`).join(", ")})`;
    },
  );
  const inputs = [...weights].map(([name, dims]) => `, float[${dims}] "${name}"`).join("");
  return `g (float[N,3,8,8] image${inputs}, float[4,3,1,1] "in") => (float[${output}] y) { x = Conv (image, "in")  ${expanded} }`;
}

/** Head behind the last map `h`. */
export const HEAD = "p = GlobalAveragePool (h)  f = Flatten (p)  y = MatMul (f, {fc.weight: 4,3})";

/** Convolutions that keep the shape. */
export const conv = (to: string, from: string, name: string): string =>
  `["${name}"] ${to} = Conv <pads=[1,1,1,1]> (${from}, {${name}.weight: 4,4,3,3})`;

/** The network with seeded weights, and kept variances that may be ones. */
export function networkModel(body: string, output?: string): Model {
  const model = textModel(networkText(body, output));
  const initializers = new Map(model.graph.initializers);
  for (const [name, { dims }] of initializers)
    if (name.endsWith(".running_var"))
      initializers.set(name, makeTensor("float32", dims, new Array(dims[0]).fill(1)));
  return withGraph(model, { initializers });
}

export const classifyText = (body: string, output?: string) =>
  classifyGammas(describeModel(networkModel(body, output)));

/** `name.weight` → category, with `~` for nearly, `>` for a stream's start, `?` for open ones. */
export const summaryOf = (body: string, output?: string): Record<string, string> =>
  Object.fromEntries(
    classifyText(body, output).gammas.map(({ name, category, isNearly, isStream, open }) => [
      name.name,
      `${category}${isNearly ? "~" : ""}${isStream ? ">" : ""}${open === undefined ? "" : "?"}`,
    ]),
  );

export function flowOfText(body: string, output?: string): Flow {
  const { model, shapes, input } = describeModel(networkModel(body, output));
  return createFlow(model, shapes, input.name, findNormalizations(model, shapes));
}
