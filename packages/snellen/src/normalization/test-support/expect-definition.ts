// Asserts that what a found normalization says is what its part of the graph computes.
import { attr, type Node } from "@snellen/graph";
import { expect } from "vitest";
import { byDefinition, type Definition } from "./by-definition.ts";
import { constantIn, type Found, valuesIn } from "./find-in.ts";

/**
 * Runs the graph in ONNX Runtime and compares the normalization's output, and its value before scale and bias, with the
 * definition applied to its input.
 * @param tolerance of the largest difference, outputs being of order 1
 */
export async function expectDefinition(
  { model, normalizations }: Found,
  { tolerance = 2e-5, outside = false }: { readonly tolerance?: number; readonly outside?: boolean } = {},
): Promise<void> {
  for (const found of normalizations) {
    // with kept statistics it is an affine map, which its own operator says
    if (found.kind === "batch" && found.node.opType === "BatchNormalization" && !isTraining(found.node))
      continue;
    const values = await valuesIn(model, [found.input, found.normalized, found.output]);
    const [scale, bias] = await Promise.all([found.scale, found.bias].map((name) => constantIn(model, name)));
    const x = values.get(found.input);
    if (x === undefined) throw new Error(`no value "${found.input}"`);
    const check = (value: string, affine: Pick<Definition, "scale" | "bias">): void => {
      const { scale: _, bias: __, ...rest } = found;
      const wanted = byDefinition(x.numbers, x.dims, { ...rest, ...affine, outside });
      const got = values.get(value);
      expect(got?.dims, value).toEqual(x.dims);
      const apart = Math.max(...wanted.map((w, i) => Math.abs(w - (got?.numbers[i] as number))));
      expect(apart, `${value}: ${wanted.slice(0, 4)} against ${got?.numbers.slice(0, 4)}`).toBeLessThan(
        tolerance,
      );
    };
    check(found.output, { scale, bias });
    if (found.normalized !== found.output) check(found.normalized, { scale: undefined, bias: undefined });
  }
}

const isTraining = (node: Node): boolean => attr.int(node, "training_mode", 0) === 1;
