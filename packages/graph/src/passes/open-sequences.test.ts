// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { expect, it } from "vitest";
import { inferShapes } from "../shapes/shapes.ts";
import { openSequences } from "./open-sequences.ts";
import { removeDead } from "./remove-dead.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const graph = (body: string) =>
  graphAt(
    18,
    `g (float[N,5,2] x) => (y) <int64[3] sizes = {1, 3, 1}, int64 two = {2}, int64[1] twos = {2}, int64 first = {0}, int64 second = {1},
      int64 third = {2}, int64 last = {-1}> {\n ${body}\n}`,
  );

it.each([
  [
    "sizes of their own",
    "s = SplitToSequence <axis = 1> (x, sizes) a = SequenceAt (s, first) b = SequenceAt (s, second) y = Mul (a, b)",
    ["Slice", "Slice", "Mul"],
  ],
  ["a place from the end", "s = SplitToSequence <axis = -2> (x, sizes) y = SequenceAt (s, last)", ["Slice"]],
  [
    "equal parts, the last one smaller",
    "s = SplitToSequence <axis = 1> (x, two) a = SequenceAt (s, first) b = SequenceAt (s, third) y = Mul (a, b)",
    ["Slice", "Slice", "Mul"],
  ],
  [
    "a single size in a list",
    "s = SplitToSequence <axis = 2> (x, twos) y = SequenceAt (s, first)",
    ["Slice"],
  ],
  ["single places", "s = SplitToSequence <axis = 1> (x) y = SequenceAt (s, third)", ["Slice"]],
  [
    "single places, axis not kept",
    "s = SplitToSequence <axis = 1, keepdims = 0> (x) y = SequenceAt (s, last)",
    ["Gather"],
  ],
])("cuts at once what was split by %s", async (_, body, operators) => {
  const model = graph(body);
  const opened = removeDead(openSequences(model, inferShapes(model)));
  expect(opTypes(opened)).toEqual(operators);
  await expectSameOutputs(model, opened);
});

it("leaves other sequences alone", () => {
  for (const body of [
    "s = SplitToSequence <axis = 1> (x, two) y = SequenceAt (s, last)",
    "s = SplitToSequence <axis = 1> (x, two) y = ConcatFromSequence <axis = 1> (s)",
    "s = SequenceConstruct (x, x) y = SequenceAt (s, first)",
  ]) {
    const model = graph(body);
    expect(openSequences(model, inferShapes(model))).toBe(model);
  }
});
