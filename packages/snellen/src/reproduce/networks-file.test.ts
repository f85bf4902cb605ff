// Oracle: the file by hand.
import { describe, expect, it } from "vitest";
import { parseNetworks } from "./networks-file.ts";

const parse = (value: unknown) => parseNetworks(JSON.stringify(value), "n.json");

describe("parseNetworks", () => {
  it("reads networks with the flags' fields", () => {
    const network = { model: "a.onnx", images: ["p/"], mean: [0.5], std: [0.5], dataset: "p" };
    const bare = { model: "b.onnx" };
    expect(parse({ networks: [network, bare] })).toEqual([network, bare]);
  });

  it.each([
    [{ networks: [] }, /networks: /],
    [{ networks: [{ model: "a.onnx", images: [] }] }, /networks\.0\.images: /],
    [{ networks: [{ model: "a.onnx", images: ["p"], means: [1] }] }, /means/],
    [[], /the file: /],
  ])("refuses %j and says where", (value, message) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: "bad-networks" }));
    expect(() => parse(value)).toThrow(message);
  });

  it("refuses what is no JSON", () => {
    expect(() => parseNetworks("{", "n.json")).toThrow(expect.objectContaining({ code: "bad-json" }));
  });
});
