// The reader under damaged files, a short seeded run; tools/fuzz/graph-reader.ts goes on for as long as one likes.
// Oracle: every outcome is a model or an error for the user.
import fc from "fast-check";
import { expect, it } from "vitest";
import { arbitraryModel } from "./test-support/arbitrary-model.ts";
import { damaged, scrambled, survive } from "./test-support/mutations.ts";

/** Making random models costs more than reading them: a handful serves many files. */
const models = fc.constantFrom(...fc.sample(arbitraryModel, { seed: 6, numRuns: 15 }));

/** Outcomes of reading many such files, each kind once. */
function outcomesOf(files: fc.Arbitrary<Uint8Array>, seed: number): string[] {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(files, (file) => {
      outcomes.add(survive(file));
    }),
    { seed, numRuns: 120 },
  );
  return [...outcomes];
}

it("survives files with damaged bytes", () => {
  const outcomes = outcomesOf(damaged(models), 7);
  expect(outcomes).toEqual(expect.arrayContaining(["read", "damaged", "truncated"]));
});

it("survives files with exchanged fields", () => {
  const outcomes = outcomesOf(scrambled(models), 9);
  expect(outcomes).toEqual(expect.arrayContaining(["read", "truncated-tensor", "undefined-value"]));
});

it("survives random bytes behind a beginning that looks like a model", () => {
  const file = fc
    .uint8Array({ maxLength: 200 })
    .map((rest) => Uint8Array.of(0x08, 0x0a, 0x3a, rest.length, ...rest));
  fc.assert(
    fc.property(file, (bytes) => {
      expect(survive(bytes)).not.toBe("");
    }),
    { seed: 8, numRuns: 300 },
  );
});
