// Oracle: the means themselves, in double precision.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { averageColumns, averageRows, copyColumns, reciprocalOf } from "./boxes.ts";
import { withKernelMemory } from "./kernels.ts";

const noise = (count: number): Uint8Array => Uint8Array.from(randomStream(1).uniforms(count), (u) => 256 * u);

const meanOf = (values: readonly number[]): number =>
  Math.floor(values.reduce((a, b) => a + b) / values.length + 0.5);

it("rounds means along rows, halves upwards, over one pixel to 257", () => {
  const [width, rows] = [300, 3];
  const ranges = [
    [0, 1],
    [1, 3],
    [2, 5],
    [5, 9],
    [9, 41],
    [43, 300],
    [299, 300],
  ] as const;
  const data = noise(3 * width * rows);
  const made = withKernelMemory(10_000, (memory) => {
    const rgb = memory.bytes(data.length);
    rgb.set(data);
    const boxes = memory.addresses(3 * ranges.length);
    boxes.set(ranges.flatMap(([start, end]) => [3 * start, 3 * end, reciprocalOf(end - start)]));
    const out = memory.bytes(3 * ranges.length * rows);
    averageColumns(rgb, rows, 3 * width, boxes, out);
    return [...out];
  });
  const expected = [0, 1, 2].flatMap((y) =>
    ranges.flatMap(([start, end]) =>
      [0, 1, 2].map((c) =>
        meanOf(Array.from({ length: end - start }, (_, i) => data[3 * (y * width + start + i) + c]!)),
      ),
    ),
  );
  expect(made).toEqual(expected);
});

describe.each([1, 2, 3, 4, 32, 257])("over %i rows", (count) => {
  it.each([3, 8, 33])("rounds %i means, halves upwards", (length) => {
    const data = noise(count * length);
    const made = withKernelMemory(10_000, (memory) => {
      const rows = memory.bytes(data.length);
      rows.set(data);
      const out = memory.bytes(length);
      averageRows(rows, count, out);
      return [...out];
    });
    const column = (i: number) => Array.from({ length: count }, (_, y) => data[y * length + i]!);
    expect(made).toEqual(Array.from({ length }, (_, i) => meanOf(column(i))));
  });
});

it("copies whole pixels", () => {
  const made = withKernelMemory(1000, (memory) => {
    const row = memory.bytes(9);
    row.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const sources = memory.addresses(4);
    sources.set([0, 0, 3, 6]);
    const out = memory.bytes(12);
    copyColumns(row, sources, out);
    return [...out];
  });
  expect(made).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
