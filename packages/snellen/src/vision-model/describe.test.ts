// What a model says about itself. Oracle: graphs in which everything is known by construction, run by ONNX Runtime where the
// question is whether something changed.
import { type Model, makeTensor, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "./describe.ts";
import { openModelData, openTextModel, textModel } from "./test-support/text-model.ts";

const classifier = (
  input = "float[N,3,8,8] x",
  first = "c = Conv (x, w)",
  output = "float[N,6] y",
  constants = "float one = {1}",
) =>
  `g (${input}, float[6,3,3,3] w) => (${output}) <${constants}> { ${first} p = GlobalAveragePool (c) y = Flatten (p) }`;

describe("preprocessing", () => {
  const of = (text: string, options = {}, metadata = new Map<string, string>()) =>
    describeModel({ ...textModel(text), metadata }, options).preprocessing;
  const stored = new Map([
    ["snellen.preprocessing", JSON.stringify({ range: "-1..1", mean: [0], std: [1] })],
  ]);
  const sidecars = {
    preprocessing: { config: { mean: [0.1], std: [0.2] }, file: "preprocessor_config.json" },
  };

  it("is assumed to be ImageNet's where nothing tells, and says so", () => {
    expect(of(classifier())).toMatchObject({
      isAssumed: true,
      origin: expect.stringMatching(/^assumed/),
      spec: { mean: [0.485, 0.456, 0.406] },
    });
  });

  it("is the flags', then the model's own, then the config file's", () => {
    expect(of(classifier(), { sidecars })).toMatchObject({
      origin: "preprocessor_config.json",
      isAssumed: false,
      spec: { mean: [0.1] },
    });
    expect(of(classifier(), { sidecars }, stored)).toMatchObject({
      origin: "model metadata",
      spec: { range: "-1..1", mean: [0] },
    });
    expect(of(classifier(), { sidecars, mean: [0.3] }, stored)).toMatchObject({
      origin: "flags (mean), else model metadata",
      spec: { mean: [0.3], range: "-1..1" },
    });
    expect(of(classifier(), { sidecars, preset: "clip" }, stored)).toMatchObject({
      origin: "flags",
      isAssumed: false,
    });
    expect(of(classifier(), { mean: [0.5], std: [0.5] }).isAssumed).toBe(false);
    expect(of(classifier(), { resize: "squash" }).isAssumed).toBe(true);
  });

  it.each([
    ["divides by 255", "d = Div (x, k) c = Conv (d, w)", "float k = {255}", "Div by 255"],
    ["multiplies by 1/255", "d = Mul (x, k) c = Conv (d, w)", "float k = {0.00392157}", "Mul by 0.003922"],
    [
      "takes off a mean in pixels",
      "d = Sub (x, k) c = Conv (d, w)",
      "float[1,3,1,1] k = {123, 117, 104}",
      "Sub by 123, 117, 104",
    ],
    [
      "swaps axes first",
      "t = Transpose <perm = [0, 1, 3, 2]> (x) d = Div (t, k) c = Conv (d, w)",
      "float k = {255}",
      "Div by 255",
    ],
  ])("is none when the graph %s", (_, first, constants, reason) => {
    expect(of(classifier(undefined, first, undefined, constants))).toMatchObject({
      origin: `${reason} in the graph: raw pixels`,
      isAssumed: false,
      spec: { range: "0..255", mean: [0, 0, 0], std: [1, 1, 1] },
    });
  });

  it.each([
    [
      "takes off a mean and divides by a deviation",
      "d = Sub (x, m) e = Div (d, s)",
      "Sub by 0.4, 0.5, 0.6 and Div by 0.2",
    ],
    [
      "takes off a mean and multiplies",
      "d = Sub (x, m) e = Mul (d, f)",
      "Sub by 0.4, 0.5, 0.6 and Mul by 4.5",
    ],
    ["doubles and takes off 1", "d = Mul (x, two) e = Sub (d, one)", "Mul by 2 and Sub by 1"],
  ])("is a range of 0 to 1 when the graph %s", (_, first, reason) => {
    const constants =
      "float[3,1,1] m = {0.4, 0.5, 0.6}, float s = {0.2}, float f = {4.5}, float two = {2}, float one = {1}";
    expect(of(classifier(undefined, `${first} c = Conv (e, w)`, undefined, constants))).toMatchObject({
      origin: `${reason} in the graph: pixels from 0 to 1`,
      isAssumed: false,
      spec: { range: "0..1", mean: [0, 0, 0], std: [1, 1, 1] },
    });
  });

  it("is still assumed when the graph only shifts numbers around one", () => {
    expect(
      of(classifier(undefined, "d = Sub (x, k) c = Conv (d, w)", undefined, "float k = {0.5}")).isAssumed,
    ).toBe(true);
  });

  it("gives raw pixels to uint8 inputs and averages to grey ones", () => {
    const bytes = classifier("uint8[N,3,8,8] x", "f = Cast <to = 1> (x) c = Conv (f, w)");
    expect(of(bytes)).toMatchObject({
      origin: "uint8 input: raw pixels",
      spec: { dtype: "uint8", range: "0..255" },
    });
    const grey =
      "g (float[N,1,8,8] x, float[6,1,3,3] w) => (float[N,6] y) { c = Conv (x, w) p = GlobalAveragePool (c) y = Flatten (p) }";
    expect(of(grey).spec).toMatchObject({ channels: "gray", mean: [0.449] });
  });
});

describe("labels", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const of = (metadata: [string, string][], options = {}) =>
    describeModel({ ...textModel(classifier()), metadata: new Map(metadata) }, options).labels;

  it.each([
    ["labels", JSON.stringify(names)],
    ["names", "{0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e', 5: 'f'}"],
    ["id2label", JSON.stringify(Object.fromEntries(names.map((n, i) => [i, n])))],
    ["classes", "a,b,c,d,e,f"],
  ])("are read from metadata %s: %s", (key, text) => {
    expect(of([[key, text]])).toEqual({ names, origin: `model metadata "${key}"` });
  });

  it("of another count do not count, unless they were given: then they are a mistake", () => {
    expect(of([["labels", '["a","b"]']])).toEqual({ names: undefined, origin: "none" });
    expect(of([], { sidecars: { labels: { names, file: "config.json" } } })).toEqual({
      names,
      origin: "config.json",
    });
    expect(of([], { sidecars: { labels: { names: ["a"], file: "config.json" } } }).names).toBeUndefined();
    expect(() => of([], { labels: ["a"] })).toThrow(expect.objectContaining({ code: "wrong-label-count" }));
  });
});

describe("batch", () => {
  it("is any where the file leaves it open, and freed where it fixes one", () => {
    expect(describeModel(textModel(classifier())).batch).toEqual({
      fixed: undefined,
      freedFrom: undefined,
      refusal: undefined,
    });
    const freed = describeModel(textModel(classifier("float[1,3,8,8] x", undefined, "float[1,6] y")));
    expect(freed.batch).toEqual({ fixed: undefined, freedFrom: 1, refusal: undefined });
  });

  it("stays fixed where pictures would see one another, which one picture does not show", () => {
    const norm = classifier(
      "float[1,3,8,8] x",
      "d = Conv (x, w) m = ReduceMean <keepdims = 0> (d) c = Sub (d, m)",
      "float[1,6] y",
    );
    expect(describeModel(textModel(norm)).batch).toMatchObject({
      fixed: 1,
      refusal: 'ReduceMean -> "m": "m" is one value for all pictures of a batch',
    });
  });

  it("is one where pictures of an open batch would be rounded by the range of all", async () => {
    const dynamic = classifier(
      "float[N,3,8,8] x",
      "q, s, z = DynamicQuantizeLinear (x) d = DequantizeLinear (q, s, z) c = Conv (d, w)",
    );
    await using model = openTextModel(dynamic);
    expect(model.info.batch).toMatchObject({ fixed: 1, refusal: expect.stringContaining("one range") });
    const picture = (seed: number) => ({
      width: 8,
      height: 8,
      data: Uint8Array.from({ length: 192 }, (_, i) => (i * 7 + seed) % (40 * seed)),
      source: `${seed}`,
    });
    const [together] = await model.predict([picture(1), picture(6)]);
    const [alone] = await model.predict([picture(1)]);
    expect(together?.logits).toEqual(alone?.logits);
  });

  it("stays fixed where values depend on it, and short batches are filled up", async () => {
    const stuck = classifier(
      "float[4,3,8,8] x",
      "d = Conv (x, w) m = ReduceMean <keepdims = 1> (d, first) c = Sub (d, m)",
      "float[4,6] y",
      "int64[1] first = {0}",
    );
    await using model = openTextModel(stuck);
    expect(model.info.batch).toMatchObject({ fixed: 4, refusal: expect.stringContaining("ReduceMean") });
    const picture = (seed: number) => ({
      width: 8,
      height: 8,
      data: new Uint8Array(192).fill(40 * seed),
      source: `${seed}`,
    });
    expect(await model.predict([1, 2, 3, 4, 5].map(picture))).toHaveLength(5);
    expect(await model.cam([1, 2, 3, 4, 5].map(picture), { layer: "c" })).toHaveLength(5);
  });
});

describe("half precision", () => {
  it("is computed in single precision, from rounded weights", async () => {
    const text = (type: string) =>
      `g (${type}[N,3,8,8] x) => (${type}[N,6] y) <${type}[6,3,1,1] w = {${Array.from({ length: 18 }, (_, i) => (i - 9) / 16).join()}}>
       { c = Conv (x, w) p = GlobalAveragePool (c) y = Flatten (p) }`;
    const image = {
      width: 8,
      height: 8,
      data: Uint8Array.from({ length: 192 }, (_, i) => (i * 7) % 256),
      source: "image",
    };
    const found: Float32Array[] = [];
    for (const type of ["float16", "float"]) {
      await using model = openModelData(parseGraphText(text(type)));
      expect(model.info.input.dataType).toBe("float32");
      found.push((await model.predict([image]))[0]?.logits as Float32Array);
    }
    expect(found[0]).toEqual(found[1]);
  });
});

describe("what is refused", () => {
  const withInput = (dims: (number | string)[]): Model => {
    const model = textModel(classifier());
    const [x] = model.graph.inputs;
    return { ...model, graph: { ...model.graph, inputs: [x!, { name: "z", dataType: "float32", dims }] } };
  };

  it("are further inputs, unless they are constants that old files list as inputs", () => {
    expect(() => describeModel(withInput(["N", 4]))).toThrow("the model needs further inputs: z.");
    const constant = withInput([4]);
    const initializers = new Map(constant.graph.initializers).set(
      "z",
      makeTensor("float32", [4], [1, 2, 3, 4]),
    );
    expect(describeModel({ ...constant, graph: { ...constant.graph, initializers } }).input.name).toBe("x");
  });

  it("are pictures and values that no machine could hold", () => {
    const huge = classifier("float[N,3,20000,20000] x");
    expect(() => describeModel(textModel(huge))).toThrow(
      'input "x": asks for pictures of 20000x20000 pixels.',
    );
    const grown = classifier(
      undefined,
      "t = Tile (x, r) c = Conv (t, w)",
      undefined,
      "int64[4] r = {1, 1, 9000, 9000}",
    );
    expect(() => describeModel(textModel(grown))).toThrow(
      /^Tile -> "t": its output would be \[2, 3, 72000, 72000\] for 2 images\./,
    );
  });
});
