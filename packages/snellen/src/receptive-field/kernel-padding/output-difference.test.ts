// How far outputs are apart. Oracles: tensors with differences written out by hand.
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { outputDifference } from "./output-difference.ts";

const real = (...values: number[]): Tensor =>
  new Tensor("float32", Float32Array.from(values), [values.length]);
const whole = (...values: number[]): Tensor => new Tensor("int32", Int32Array.from(values), [values.length]);

const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;

describe("outputDifference", () => {
  it("is the largest one, in parts of the output's largest number in all runs", () => {
    const before = [
      { y: real(1, -2), z: real(10, 0) },
      { y: real(0, 4), z: real(-8, 0) },
    ];
    const after = [
      { y: real(1.5, -2), z: real(10, 1) },
      { y: real(0, 3), z: real(-8, 2) },
    ];
    expect(outputDifference(before, after)).toEqual({ output: "y", relative: 0.25, uncompared: [] });
    expect(outputDifference(before, before)).toEqual({ output: "y", relative: 0, uncompared: [] });
  });

  it("is of integers only where there are no reals", () => {
    const [before, after] = [{ i: whole(4, 2) }, { i: whole(4, 3) }];
    expect(outputDifference([before], [after])).toMatchObject({ output: "i", relative: 0.25 });
    const both = outputDifference([{ ...before, y: real(1) }], [{ ...after, y: real(1) }]);
    expect(both).toMatchObject({ output: "y", relative: 0 });
  });

  it("leaves out NaN and infinity that both have", () => {
    const [before, after] = [real(nan, infinite, 2), real(nan, infinite, 1)];
    expect(outputDifference([{ y: before }], [{ y: after }])).toEqual({
      output: "y",
      relative: 0.5,
      uncompared: [],
    });
  });

  it.each([
    ["NaN against a number", real(1, 2), real(1, nan), "is NaN or infinite"],
    ["a number against NaN", real(nan, nan), real(1, nan), "is NaN or infinite"],
    ["infinity", real(1, 2), real(1, infinite), "is NaN or infinite"],
    ["infinities of both signs", real(1, infinite), real(1, -infinite), "is NaN or infinite"],
    ["zeros against numbers", real(0, 0), real(0, 1e-9), "is zero everywhere"],
    ["another number of values", real(1, 2), real(1), "another number of values"],
  ])("is infinite, with the reason in words: %s", (_, before, after, reason) => {
    expect(outputDifference([{ y: before }], [{ y: after }])).toEqual({
      output: "y",
      relative: infinite,
      reason: expect.stringContaining(reason),
      uncompared: [],
    });
  });

  it.each([
    ["NaN", real(nan, nan)],
    ["infinity", real(infinite, -infinite)],
    ["nothing at all", real()],
  ])("is NaN, not 0, where both models give only %s", (_, values) => {
    expect(outputDifference([{ y: values }], [{ y: values }])).toEqual({
      output: "y",
      relative: nan,
      reason: "holds no finite number",
      uncompared: ["y"],
    });
    const beside = { z: real(1), y: values };
    const found = outputDifference([beside], [{ ...beside, z: real(2) }]);
    expect(found).toEqual({ output: "z", relative: 1, uncompared: ["y"] });
  });
});
