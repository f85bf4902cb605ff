// Slices that skip pixels. Oracle: brute force, the cells that slices take by Python's rule, marked one by one.
import { canonicalize, parseGraphText } from "@snellen/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sparseReads } from "./sparse-reads.ts";

interface Cut {
  readonly start: number;
  readonly step: number;
  readonly axis?: number;
}

/** Names of the slices that are found in a network with all these slices of one map's rows. */
function found(cuts: readonly Cut[], size: number | undefined): string[] {
  const numbers = new Map<string, readonly number[]>([["e", [9999]]]);
  for (const [i, { start, step, axis = 2 }] of cuts.entries())
    numbers.set(`s${i}`, [start]).set(`a${i}`, [axis]).set(`t${i}`, [step]);
  const constants = [...numbers].map(([name, [value]]) => `int64[1] ${name} = {${value}}`);
  const nodes = cuts.map((_, i) => `y${i} = Slice (x, s${i}, e, a${i}, t${i})`);
  const model = parseGraphText(`<ir_version: 8, opset_import: ["" : 17]>
    g (float[1,2,${size ?? "H"},4] x) => (${cuts.map((_, i) => `y${i}`).join(", ")}) <${constants.join(", ")}> { ${nodes.join(" ")} }`);
  const shapes = size === undefined ? undefined : canonicalize(model).shapes;
  return sparseReads(model.graph.nodes, (value) => numbers.get(value), shapes).map(
    ({ node }) => node.outputs[0] as string,
  );
}

/** Whether some of the slices takes each cell. */
function takesAll(cuts: readonly Cut[], size: number): boolean {
  const taken = new Set<number>();
  for (const { start, step } of cuts)
    for (let cell = start < 0 ? start + size : start; cell < size; cell += step) taken.add(cell);
  return taken.size === size;
}

describe("sparseReads", () => {
  it("finds slices unless they together take all cells, starts counted from either end", () => {
    const cases = fc.tuple(
      fc.integer({ min: 8, max: 13 }),
      fc.constantFrom(2, 4),
      fc.array(fc.record({ phase: fc.integer({ min: 0, max: 3 }), isFromEnd: fc.boolean() }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    const property = fc.property(cases, ([size, step, slices]) => {
      const cuts = slices.map(({ phase, isFromEnd }) => ({
        start: (phase % step) - (isFromEnd ? size : 0),
        step,
      }));
      const expected = takesAll(cuts, size) ? [] : cuts.map((_, i) => `y${i}`);
      expect(found(cuts, size)).toEqual(expected);
    });
    fc.assert(property, { seed: 20261126, numRuns: 60 });
  });

  it("takes -1 and 1 for the same cells of an even size, and for all cells of an odd one", () => {
    const cuts = [
      { start: 1, step: 2 },
      { start: -1, step: 2 },
    ];
    expect(found(cuts, 8)).toEqual(["y0", "y1"]);
    expect(found(cuts, 9)).toEqual([]);
  });

  it("takes an open size for a multiple of the step", () => {
    const of = (start: number) =>
      found(
        [1, start].map((s) => ({ start: s, step: 2 })),
        undefined,
      );
    expect([of(-1), of(-2)]).toEqual([["y0", "y1"], []]);
  });

  it("knows an axis by its number from either end", () => {
    const cuts = [
      { start: 0, step: 2, axis: 2 },
      { start: 1, step: 2, axis: -2 },
    ];
    expect([found(cuts, 8), found(cuts, undefined)]).toEqual([[], []]);
  });
});
