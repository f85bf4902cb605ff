// Oracle: files that NumPy 2 wrote (version 1 by numpy.save, version 2 by numpy.lib.format), and NumPy's rules for headers.
import { describe, expect, it } from "vitest";
import { decodeNpy, encodeNpy } from "./npy.ts";

const matrix =
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=";
const vector =
  "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/";
const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const withHeader = (text: string, values = 0): Uint8Array => {
  const header = `{${text}, }\n`;
  return Uint8Array.of(
    ...bytes(matrix).subarray(0, 8),
    header.length,
    0,
    ...Buffer.from(header),
    ...new Uint8Array(values),
  );
};

describe("npy", () => {
  it("writes what NumPy writes", () => {
    const values = Float32Array.of(0, 1, 2, 3, 4, 5);
    expect(encodeNpy({ shape: [2, 3], values })).toEqual(bytes(matrix));
  });

  it("reads version 1 and 2", () => {
    expect(decodeNpy(bytes(matrix), "m.npy")).toEqual({
      shape: [2, 3],
      values: Float32Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(decodeNpy(bytes(vector), "v.npy")).toEqual({ shape: [1], values: Float32Array.of(1.5) });
  });

  it.each([[[]], [[0]], [[1, 2, 1]]])("comes back with shape %o", (shape) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7);
    expect(decodeNpy(encodeNpy({ shape, values }), "x.npy")).toEqual({ shape, values });
  });

  it.each([
    ["another format", Uint8Array.from(Buffer.from("PK\x03\x04 a zip archive")), "x.npy: not an .npy file."],
    ["nothing", new Uint8Array(0), "x.npy: not an .npy file."],
    ["a file cut off in the header", bytes(matrix).subarray(0, 50), "its header is cut off or too long."],
    [
      "a file cut off in the values",
      bytes(matrix).subarray(0, 150),
      "takes 152 bytes with its header, the file has 150.",
    ],
    [
      "doubles",
      withHeader("'descr': '<f8', 'fortran_order': False, 'shape': (1,)", 8),
      "holds <f8, expected float32",
    ],
    [
      "Fortran order",
      withHeader("'descr': '<f4', 'fortran_order': True, 'shape': (1,)", 4),
      "is in Fortran order.",
    ],
    [
      "a record",
      withHeader("'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)", 4),
      "a record type",
    ],
    [
      "dims beyond any file",
      withHeader("'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)"),
      "shape [99999999999, 99999999999] takes",
    ],
  ])("refuses %s", (_, file, message) => {
    expect(() => decodeNpy(file, "x.npy")).toThrow(
      expect.objectContaining({ code: "bad-npy", message: expect.stringContaining(message) }),
    );
  });
});
