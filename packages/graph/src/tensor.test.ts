// Oracles: IEEE 754 by identities over all 65 536 halves; tables of onnx/docs for the small types (checked against ml_dtypes).
import { describe, expect, it } from "vitest";
import { byteLengthOf, dataTypes } from "./data-type.ts";
import {
  floatTensor,
  floatToHalf,
  halfToFloat,
  makeTensor,
  tensorNumbers,
  tensorValues,
  toNumber,
} from "./tensor.ts";

const nan = Number.NaN;
const inf = Number.POSITIVE_INFINITY;

describe("float16", () => {
  it("comes back from every bit pattern", () => {
    const halves = Array.from({ length: 65536 }, (_, half) => half).filter(
      (half) => !Number.isNaN(halfToFloat(half)),
    );
    expect(halves).toHaveLength(65536 - 2 * 1023);
    expect(halves.filter((half) => floatToHalf(halfToFloat(half)) !== half)).toEqual([]);
    expect(halfToFloat(0x7e00)).toBeNaN();
    expect(floatToHalf(nan)).toBe(0x7e00);
  });

  it("rounds to nearest, ties to even", () => {
    const wrong: number[] = [];
    for (let half = 0; half < 0x7bff; half++) {
      const [low, high] = [halfToFloat(half), halfToFloat(half + 1)];
      const middle = (low + high) / 2;
      const above = middle + (high - low) / 1024;
      const rounded = [floatToHalf(middle), floatToHalf(above), floatToHalf(high - (above - low))];
      const expected = [half + (half % 2), half + 1, half];
      if (rounded.join() !== expected.join()) wrong.push(half);
    }
    expect(wrong).toEqual([]);
    expect(floatToHalf(65519.9)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
  });
});

it("rounds bfloat16 to nearest, ties to even", () => {
  const values = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -inf, 3.5e38, nan];
  expect(tensorNumbers(makeTensor("bfloat16", [7], values))).toEqual([
    1,
    1,
    1 + 2 ** -6,
    1 + 2 ** -7,
    -inf,
    inf,
    nan,
  ]);
});

describe("values", () => {
  it.each([
    ["float32", [0.5, -0, inf]],
    ["float64", [1e300, nan]],
    ["int64", [-1n, 2n ** 62n]],
    ["uint64", [2n ** 63n]],
    ["int32", [-(2 ** 31)]],
    ["uint32", [2 ** 32 - 1]],
    ["int16", [-32768]],
    ["uint16", [65535]],
    ["int8", [-128, 127]],
    ["uint8", [255]],
    ["bool", [0, 1]],
    ["float16", [0.5, -2]],
    ["bfloat16", [0.5, -2]],
    ["uint4", [0, 15, 7]],
    ["int4", [-8, 7, -1]],
    ["uint2", [0, 1, 2, 3, 1]],
    ["int2", [-2, -1, 0, 1, -1]],
  ] as const)("of %s come back", (type, values: readonly (number | bigint)[]) => {
    const tensor = makeTensor(type, [values.length], values);
    expect(tensor.data).toHaveLength(byteLengthOf(type, values.length));
    expect([...(tensorValues(tensor) as Iterable<number | bigint>)]).toEqual(values);
  });

  it("packs four bits with the first element in the lower half", () => {
    expect(makeTensor("uint4", [3], [1, 2, 3]).data).toEqual(Uint8Array.of(0x21, 0x03));
    expect(makeTensor("uint2", [5], [1, 2, 3, 0, 1]).data).toEqual(Uint8Array.of(0b00111001, 0b01));
  });

  it.each([
    [
      "float8e4m3fn",
      [0x00, 0x01, 0x08, 0x38, 0x7e, 0x7f, 0xff, 0xb8],
      [0, 2 ** -9, 2 ** -6, 1, 448, nan, nan, -1],
    ],
    ["float8e4m3fnuz", [0x01, 0x40, 0x7f, 0x80, 0xc0], [2 ** -10, 1, 240, nan, -1]],
    ["float8e5m2", [0x01, 0x3c, 0x7b, 0x7c, 0xfc, 0x7d], [2 ** -16, 1, 57344, inf, -inf, nan]],
    ["float8e5m2fnuz", [0x01, 0x40, 0x7f, 0x80], [2 ** -17, 1, 57344, nan]],
    ["float8e8m0", [0, 127, 254, 255], [2 ** -127, 1, 2 ** 127, nan]],
  ] as const)("of %s", (dataType, codes, values) => {
    expect(tensorNumbers({ dataType, dims: [codes.length], data: Uint8Array.from(codes) })).toEqual([
      ...values,
    ]);
  });

  it("of float4e2m1", () => {
    const data = Uint8Array.of(0x10, 0x32, 0x54, 0x76, 0x9f);
    const values = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -6, -0.5];
    expect(tensorNumbers({ dataType: "float4e2m1", dims: [10], data })).toEqual(values);
  });

  it("reads scalars and empty tensors", () => {
    expect(tensorNumbers(makeTensor("int64", [], [7]))).toEqual([7]);
    expect(tensorNumbers(makeTensor("float32", [0, 3], []))).toEqual([]);
    expect(tensorNumbers(makeTensor("int4", [0], []))).toEqual([]);
  });

  it("copies only what is not aligned, Node buffers included", () => {
    const floats = floatTensor([2], Float32Array.of(1, 2));
    expect(tensorValues(floats).buffer).toBe((floats.data as Uint8Array).buffer);
    const odd = Buffer.alloc(9);
    odd.writeFloatLE(1.5, 1);
    odd.writeFloatLE(-2, 5);
    expect(tensorNumbers({ dataType: "float32", dims: [2], data: odd.subarray(1) })).toEqual([1.5, -2]);
  });

  it("saturates integers that a double cannot hold", () => {
    expect(toNumber(2n ** 63n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(toNumber(-(2n ** 63n))).toBe(Number.MIN_SAFE_INTEGER);
  });
});

describe("refusals", () => {
  const thrown = (code: string) => expect.objectContaining({ code });

  it("of too few bytes", () => {
    const short = { dataType: "float32", dims: [2], data: new Uint8Array(7) } as const;
    expect(() => tensorValues(short)).toThrow(thrown("truncated-tensor"));
  });

  it("of types without numbers", () => {
    for (const dataType of ["string", "complex64", "complex128"] as const) {
      const tensor = { dataType, dims: [1], data: new Uint8Array(16) };
      expect(() => tensorValues(tensor)).toThrow(thrown("unreadable-tensor"));
    }
  });

  it("of external bytes before they are read, and of wrong counts, as faults of ours", () => {
    const external = {
      dataType: "float32",
      dims: [1],
      data: { location: "w", offset: 0, length: 4 },
    } as const;
    expect(() => tensorValues(external)).toThrow(thrown("internal"));
    expect(() => makeTensor("float32", [2], [1])).toThrow(thrown("internal"));
    expect(() => floatTensor([2], new Float32Array(3))).toThrow(thrown("internal"));
    expect(() => makeTensor("float8e5m2", [1], [1])).toThrow(thrown("internal"));
  });
});

it("knows a size for every element type", () => {
  const sizes = dataTypes.map((type) => `${type} ${byteLengthOf(type, 3)}`);
  expect(sizes.join(", ")).toMatchInlineSnapshot(
    `"float32 12, uint8 3, int8 3, uint16 6, int16 6, int32 12, int64 24, string 0, bool 3, float16 6, float64 24, uint32 12, uint64 24, complex64 24, complex128 48, bfloat16 6, float8e4m3fn 3, float8e4m3fnuz 3, float8e5m2 3, float8e5m2fnuz 3, uint4 2, int4 2, float4e2m1 2, float8e8m0 3, uint2 1, int2 1"`,
  );
});
