// Oracle: the weights themselves, and a folder played by a map from names to bytes.
import { describe, expect, it } from "vitest";
import {
  checkLocation,
  externalizeWeights,
  externalTensors,
  loadExternalTensors,
  type Piece,
  type ReadRange,
} from "./external-data.ts";
import type { Model } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { parseModel, selfContainedPieces, serializeByReference, serializeModel } from "./protobuf.ts";
import { makeTensor, tensorBytes, tensorNumbers } from "./tensor.ts";

const thrown = (code: string) => expect.objectContaining({ code, userFault: true });

const concat = (pieces: readonly Uint8Array[]) => Uint8Array.from(pieces.flatMap((p) => [...p]));

const readerOf =
  (folder: Record<string, Uint8Array>): ReadRange =>
  async ({ location, offset, length }) =>
    folder[location]!.slice(offset, offset + length);

const MODEL: Model = (() => {
  const model = parseGraphText(`g (float[300] x, bool c) => (float[300] y)
    <float[1] tiny = {7}, string[1] names = {"n"}> {
      s = Mul (x, a)
      t = Add (s, b)
      y = If <then_branch = yes () => (float[300] r) { r = Add (t, tiny) }, else_branch = no () => (t) {}> (c)
    }`);
  const ramp = (from: number) =>
    makeTensor(
      "float32",
      [300],
      Float32Array.from({ length: 300 }, (_, i) => from + i),
    );
  const initializers = new Map([...model.graph.initializers, ["a", ramp(0)], ["b", ramp(1000)]] as const);
  return { ...model, graph: { ...model.graph, initializers } };
})();

/** The model as a file, and its folder. */
function externalized() {
  const { model, pieces } = externalizeWeights(MODEL, "w.bin");
  return { file: serializeModel(model), folder: { "w.bin": concat(pieces as Uint8Array[]) } };
}

describe("locations", () => {
  it.each([
    ["weights.bin", "weights.bin"],
    ["./a//b/./c.bin", "a/b/c.bin"],
    ["a/../b.bin", "b.bin"],
    ["a\\b.bin", "a/b.bin"],
    ["..bin", "..bin"],
  ])("%s is %s", (location, path) => {
    expect(checkLocation(location, "tensor")).toBe(path);
  });

  it.each([
    ["/etc/passwd", "is an absolute path"],
    ["C:\\weights.bin", "is an absolute path"],
    ["\\\\server\\share", "is an absolute path"],
    ["../w.bin", "leads out of the model's folder"],
    ["a/../../w.bin", "leads out of the model's folder"],
    ["a\\..\\..\\w.bin", "leads out of the model's folder"],
    ["", "is no path"],
    ["a/..", "is no path"],
    ["w\0.bin", "is no path"],
    ["*/_ORT_MEM_ADDR_/*", "is an address in memory"],
  ])("%j is refused: it %s", (location, why) => {
    expect(() => checkLocation(location, `tensor "w"`)).toThrow(thrown("unsafe-location"));
    expect(() => checkLocation(location, `tensor "w"`)).toThrow(
      `tensor "w": external data at ${JSON.stringify(location)} ${why}`,
    );
  });
});

describe("weights moved out", () => {
  it("are aligned, and small ones and strings stay", () => {
    const { model, pieces } = externalizeWeights(MODEL, "w.bin");
    expect(externalTensors(model).map(({ name, tensor }) => [name, tensor.data])).toEqual([
      ["a", { location: "w.bin", offset: 0, length: 1200 }],
      ["b", { location: "w.bin", offset: 1216, length: 1200 }],
    ]);
    expect(pieces.map((p) => (p as Uint8Array).byteLength)).toEqual([1200, 16, 1200]);
    expect(pieces[0]).toBe(MODEL.graph.initializers.get("a")?.data);
  });

  it("of a mebibyte and more begin at pages", () => {
    const big = makeTensor("uint8", [1 << 20], new Uint8Array(1 << 20));
    const initializers = new Map([...MODEL.graph.initializers, ["big", big] as const]);
    const { model } = externalizeWeights({ ...MODEL, graph: { ...MODEL.graph, initializers } }, "w.bin");
    expect(model.graph.initializers.get("big")?.data).toMatchObject({ offset: 4096 });
  });

  it("come back when read, and only those that are asked for", async () => {
    const { file, folder } = externalized();
    const model = parseModel(file);
    const some = await loadExternalTensors(model, readerOf(folder), (name) => name === "b");
    expect(externalTensors(some).map((t) => t.name)).toEqual(["a"]);
    const all = await loadExternalTensors(some, readerOf(folder));
    for (const name of ["a", "b"])
      expect(tensorBytes(all.graph.initializers.get(name)!)).toEqual(
        MODEL.graph.initializers.get(name)?.data,
      );
    expect(await loadExternalTensors(all, readerOf({}))).toBe(all);
  });

  it("are written as values once read, and by reference to where they were", async () => {
    const { file, folder } = externalized();
    const model = await loadExternalTensors(parseModel(file), readerOf(folder));
    const whole = parseModel(serializeModel(model));
    expect(tensorNumbers(whole.graph.initializers.get("b")!)[1]).toBe(1001);
    const small = parseModel(serializeByReference(model, "user.onnx"));
    expect(small.graph.initializers.get("b")?.data).toEqual({
      location: "w.bin",
      offset: 1216,
      length: 1200,
    });
  });

  it("can be put into the file without being read first", () => {
    const { file, folder } = externalized();
    const pieces = selfContainedPieces(parseModel(file));
    const fetch = (piece: Piece) =>
      piece instanceof Uint8Array
        ? piece
        : folder["w.bin"].subarray(piece.offset, piece.offset + piece.length);
    const whole = parseModel(concat(pieces.map(fetch)));
    expect(externalTensors(whole)).toEqual([]);
    expect(tensorNumbers(whole.graph.initializers.get("a")!)).toEqual(
      tensorNumbers(MODEL.graph.initializers.get("a")!),
    );
  });

  it("cut short are an error that names tensor and file", async () => {
    const { file, folder } = externalized();
    const short = { "w.bin": folder["w.bin"].slice(0, 2000) };
    const load = loadExternalTensors(parseModel(file), readerOf(short));
    await expect(load).rejects.toThrow(
      `tensor "b": external data "w.bin" should hold 1200 bytes at 1216, got 784.`,
    );
    await expect(load).rejects.toMatchObject({ code: "truncated-external-data" });
  });
});

it("finds external tensors in sub-graphs and attributes", async () => {
  const external = {
    dataType: "float32",
    dims: [1],
    data: { location: "w.bin", offset: 0, length: 4 },
  } as const;
  const inner = parseGraphText("t () => (r) { r = Constant () }").graph;
  const constant = {
    ...inner.nodes[0]!,
    attributes: { value: { type: "tensor", value: external } },
  } as const;
  const branch = { ...inner, nodes: [constant], initializers: new Map([["w", external]]) };
  const model = parseGraphText("g (c) => (y) { y = If (c) }");
  const nodes = model.graph.nodes.map(
    (n) => ({ ...n, attributes: { b: { type: "graph", value: branch } } }) as const,
  );
  const outer = { ...model, graph: { ...model.graph, nodes } };
  expect(externalTensors(outer).map((t) => t.name)).toEqual(["w", "r"]);
  const loaded = await loadExternalTensors(outer, readerOf({ "w.bin": new Uint8Array(4) }));
  expect(externalTensors(loaded)).toEqual([]);
});
