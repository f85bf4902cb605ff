// Oracle: bytes put together by hand from the format's description.
import { tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { parseParameterList, parseSafetensors } from "./training-parameters.ts";

function safetensors(header: object | string, data: Float32Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(new Uint8Array(data.buffer), 8 + json.length);
  return bytes;
}

describe("safetensors", () => {
  const header = {
    __metadata__: { format: "pt" },
    "bn.weight": { dtype: "F32", shape: [2], data_offsets: [4, 12] },
    steps: { dtype: "I64", shape: [], data_offsets: [0, 4] },
  };
  it("gives names, shapes and numbers, which are in no order of the code's", () => {
    const { parameters, isOrdered } = parseSafetensors(safetensors(header, Float32Array.of(0, 1.5, -2)));
    expect(isOrdered).toBe(false);
    expect(parameters.map(({ name, shape }) => [name, shape])).toEqual([["bn.weight", [2]]]);
    expect(parameters[0]?.tensor && tensorNumbers(parameters[0].tensor)).toEqual([1.5, -2]);
  });

  it.each([
    ["nothing", new Uint8Array(3), "shorter than its header"],
    ["a header beyond the end", new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 1]), "longer than the file"],
    ["text", safetensors("not json", new Float32Array()), "no JSON"],
    ["a tensor beyond the end", safetensors(header, Float32Array.of(1)), '"bn.weight" lies outside'],
  ])("refuses %s", (_, bytes, why) => {
    expect(() => parseSafetensors(bytes, "w.safetensors")).toThrow(why);
  });
});

describe("a list", () => {
  const expected = {
    parameters: [
      { name: "b.weight", shape: [4] },
      { name: "a.weight", shape: [2, 3] },
    ],
    isOrdered: true,
  };
  it.each([
    ["an object", '{"b.weight": [4], "a.weight": [2, 3]}'],
    ["pairs", '[["b.weight", [4]], ["a.weight", [2, 3]]]'],
    ["records", '[{"name": "b.weight", "shape": [4]}, {"name": "a.weight", "shape": [2, 3]}]'],
  ])("may be %s, and keeps its order", (_, text) => {
    expect(parseParameterList(text)).toEqual(expected);
  });

  it.each(["nonsense", "{}", "[]", '{"a": "b"}', '[["a.weight"]]', "3"])("refuses %s", (text) => {
    expect(() => parseParameterList(text, "--parameters")).toThrow("no list of parameters");
  });
});
