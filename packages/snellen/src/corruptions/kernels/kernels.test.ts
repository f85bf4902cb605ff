// Oracle: the sums themselves, in double precision.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { addressOf, fromBytes, toBytes, weightedSum, withKernelMemory } from "./kernels.ts";

// vectors of sixteen, and what is left behind them
const COUNTS = [1, 15, 16, 17, 33, 160];

describe("weightedSum", () => {
  it.each(COUNTS)("adds %i values of shifted rows", (count) => {
    const taps = 5;
    withKernelMemory(10_000, (memory) => {
      const values = memory.floats(count + taps);
      values.set(randomStream(1).uniforms(values.length));
      const out = memory.floats(count);
      const weighted = { rows: memory.addresses(taps), weights: memory.floats(taps) };
      weighted.weights.set(randomStream(2).uniforms(taps));
      for (let k = 0; k < taps; k++) weighted.rows[k] = addressOf(values, k);
      weightedSum(out, weighted);
      for (const [i, sum] of out.entries()) {
        const expected = weighted.weights.reduce((a, w, k) => a + w * values[i + k]!, 0);
        expect(sum).toBeCloseTo(expected, 5);
      }
    });
  });
});

describe("bytes", () => {
  it.each(COUNTS)("%i of them become numbers and bytes again", (count) =>
    withKernelMemory(10_000, (memory) => {
      const bytes = memory.bytes(count);
      bytes.set(bytes.map((_, i) => (i * 37) % 256));
      const floats = memory.floats(count);
      fromBytes(bytes, floats);
      expect([...floats]).toEqual([...bytes]);
      const again = memory.bytes(count);
      toBytes(floats, again);
      expect([...again]).toEqual([...bytes]);
    }),
  );

  it.each([1, 16])("are cut off and towards zero, with a little slack (%i at a time)", (each) =>
    withKernelMemory(10_000, (memory) => {
      for (const [value, expected] of [
        [-3, 0],
        [-0.2, 0],
        [0.99, 0],
        [126.9999, 127],
        [127.5, 127],
        [255.7, 255],
        [3e9, 255],
      ] as const) {
        const floats = memory.floats(each).fill(value);
        const bytes = memory.bytes(each);
        toBytes(floats, bytes);
        expect([...bytes]).toEqual(Array(each).fill(expected));
      }
    }),
  );
});

describe("the kernels' memory", () => {
  it("grows, is laid out anew for each piece of work, and refuses more than was asked for", () => {
    withKernelMemory(4_000_000, (memory) => expect(memory.floats(1_000_000)).toHaveLength(1_000_000));
    const first = withKernelMemory(100, (memory) => memory.floats(4).byteOffset);
    expect(withKernelMemory(100, (memory) => memory.floats(4).byteOffset)).toBe(first);
    expect(() => withKernelMemory(100, (memory) => memory.floats(1_000_000))).toThrow(/asked for/);
  });

  it("is for one piece of work at a time, whatever is thrown", () => {
    expect(() => withKernelMemory(1, () => withKernelMemory(1, () => 0))).toThrow(/in use/);
    expect(withKernelMemory(1, () => 7)).toBe(7);
  });
});
