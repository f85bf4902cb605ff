// Oracles: the messages themselves, encoded by onnx-buf (ONNX's own schema), and typed arrays.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type TensorProtoSchema,
} from "onnx-buf";
import { describe, expect, it } from "vitest";
import type { Model } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { printGraph } from "./print.ts";
import { modelChunks, parseModel, serializeByReference, serializeModel } from "./protobuf.ts";
import { makeTensor, tensorNumbers } from "./tensor.ts";

type Init = MessageInitShape<typeof ModelProtoSchema>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;
type GraphInit = Exclude<Init["graph"], undefined>;

const thrown = (code: string) => expect.objectContaining({ code, userFault: true });
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A file whose graph is `graph`, valid but for what the test puts into it. */
const fileWith = (graph: GraphInit): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, opsetImport: [{ domain: "", version: 20n }], graph }),
  );

const fileWithTensor = (tensor: TensorInit): Uint8Array =>
  fileWith({ name: "g", initializer: [{ name: "w", ...tensor }] as never });

const weight = (file: Uint8Array) => parseModel(file).graph.initializers.get("w")!;

const SMALL = serializeModel(
  parseGraphText(`agraph (float[N,3] x) => (float[N,2] y) <float[3,2] w = {1,2,3,4,5,6}> {
    h = MatMul (x, w)
    y = LeakyRelu <alpha = 0.1> (h)
  }`),
);

describe("what is not ONNX", () => {
  it.each([
    ["empty", new Uint8Array(), "the file is empty"],
    [
      "random bytes",
      Uint8Array.from({ length: 999 }, (_, i) => (i * i * 31 + i * 7 + 0xf7) & 0xff),
      "no protobuf of one",
    ],
    ["text", ascii("not a model\n"), "no protobuf of one"],
    [
      "a JPEG",
      ascii("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"),
      "a JPEG image. Give the .onnx file; images go to --images.",
    ],
    ["a PNG", ascii("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a PNG image"],
    ["a web page", ascii("\n<!DOCTYPE html><html>"), "a web page. The download failed"],
    ["a .pt file", ascii("PK\x03\x04\0\0\x08\x08archive/data.pkl"), "torch.onnx.export"],
    ["a .pth file", ascii("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), "a Python pickle"],
    ["TFLite", ascii("\x1c\0\0\0TFL3\x14\0 \0"), "tf2onnx.convert --tflite"],
    ["HDF5", ascii("\x89HDF\r\n\x1a\n"), "tf2onnx.convert.from_keras"],
    ["safetensors", ascii('\x98\x26\0\0\0\0\0\0{"conv1.weight":{"dtype":"F32"'), "weights without a network"],
    [
      "a Git LFS pointer",
      ascii("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"),
      "git lfs pull",
    ],
    ["an ORT model", ascii("\x20\0\0\0ORTM\0\0\0\0"), "ONNX Runtime's own format"],
    ["JSON", ascii('{"model": 1}'), "a JSON file"],
    ["another protobuf", Uint8Array.of(0x08, 0x01, 0x12, 0x03, 0x61, 0x62, 0x63), "it holds no graph"],
  ])("%s", (_, bytes, message) => {
    expect(() => parseModel(bytes)).toThrow(thrown("not-onnx"));
    expect(() => parseModel(bytes)).toThrow(message);
  });

  it("is named, and told by its ending where its bytes do not tell", () => {
    const savedModel = Uint8Array.of(0x08, 0x01, 0x12, 0x03, 0x61, 0x62, 0x63);
    expect(() => parseModel(savedModel, "zoo/saved_model.pb")).toThrow(
      "zoo/saved_model.pb: this is no ONNX model; TensorFlow graphs end in .pb. Convert it: python -m tf2onnx",
    );
  });
});

describe("what is no longer whole", () => {
  it("is truncated, wherever the file was cut after its first field", () => {
    const codes = new Set<string>();
    for (let length = 2; length < SMALL.length; length++) {
      try {
        parseModel(SMALL.subarray(0, length));
        codes.add("none");
      } catch (error) {
        codes.add((error as { code: string }).code);
      }
    }
    // "no graph" where the cut falls between two fields before the graph; no opset where it falls before the last field.
    expect([...codes].toSorted()).toEqual(["no-opset", "not-onnx", "truncated"]);
    expect(() => parseModel(SMALL.subarray(0, SMALL.length - 40), "m.onnx")).toThrow(
      `m.onnx: the ONNX file ends early`,
    );
  });

  it("is damaged when a message ends after the one around it", () => {
    const bytes = SMALL.slice();
    const at = bytes.indexOf(0x0a, bytes.indexOf(0x3a) + 1) + 1;
    bytes[at] = 0x7f;
    expect(() => parseModel(bytes)).toThrow(thrown("damaged"));
  });

  it("is damaged when a field has the wire type of another", () => {
    expect(() => parseModel(Uint8Array.of(0x08, 0x0a, 0x3d, 0, 0, 0, 0))).toThrow(thrown("damaged"));
  });
});

describe("crafted files", () => {
  it("with graphs in graphs in graphs are refused", () => {
    const nested = (depth: number): GraphInit =>
      depth === 0
        ? { name: "g" }
        : {
            name: "g",
            node: [
              {
                opType: "If",
                attribute: [{ name: "b", type: AttributeType.GRAPH, g: nested(depth - 1) as never }],
              },
            ],
          };
    expect(() => parseModel(fileWith(nested(40)))).toThrow(thrown("too-deep"));
    expect(parseModel(fileWith(nested(20))).graph.nodes).toHaveLength(1);
  });

  it("with millions of empty parts are refused before they become objects", () => {
    const emptyNodes = new Uint8Array(new Uint16Array(3_000_001).fill(0x000a).buffer);
    const start = Uint8Array.of(0x08, 0x0a, 0x3a, ...varint(emptyNodes.length));
    const whole = new Uint8Array(start.length + emptyNodes.length);
    whole.set(start);
    whole.set(emptyNodes, start.length);
    expect(() => parseModel(whole)).toThrow(thrown("too-many"));
  });

  it.each([
    ["negative dims", { dims: [-1n], dataType: 1, rawData: new Uint8Array(4) }, "bad-dims"],
    ["dims beyond every memory", { dims: [2n ** 40n, 2n ** 40n], dataType: 1 }, "bad-dims"],
    ["huge dims without bytes", { dims: [100_000n, 100_000n], dataType: 1 }, "truncated-tensor"],
    ["too few bytes", { dims: [2n], dataType: 1, rawData: new Uint8Array(7) }, "truncated-tensor"],
    ["too many bytes", { dims: [2n], dataType: 1, rawData: new Uint8Array(12) }, "truncated-tensor"],
    ["too few floats", { dims: [3n], dataType: 1, floatData: [1, 2] }, "truncated-tensor"],
    ["too many integers", { dims: [1n], dataType: 7, int64Data: [1n, 2n] }, "truncated-tensor"],
    ["too few strings", { dims: [2n], dataType: 8, stringData: [ascii("a")] }, "truncated-tensor"],
    ["a type of the future", { dims: [1n], dataType: 99, rawData: new Uint8Array(4) }, "unknown-data-type"],
    ["no type", { dims: [1n], rawData: new Uint8Array(4) }, "unknown-data-type"],
    ["segments", { dims: [1n], dataType: 1, segment: { begin: 0n, end: 1n } }, "segmented-tensor"],
  ] as const)("with %s in a tensor are refused", (_, tensor, code) => {
    const file = fileWithTensor(tensor as unknown as TensorInit);
    expect(() => parseModel(file)).toThrow(thrown(code));
    expect(() => parseModel(file)).toThrow(`tensor "w"`);
  });

  it.each([
    [{ location: "/etc/passwd" }, "unsafe-location"],
    [{ location: "../weights.bin" }, "unsafe-location"],
    [{ location: "*/_ORT_MEM_ADDR_/*", offset: "4096" }, "unsafe-location"],
    [{ location: "w.bin", offset: "-4" }, "bad-external-data"],
    [{ location: "w.bin", offset: "0x10" }, "bad-external-data"],
    [{ location: "w.bin", length: "99999999999999999999" }, "bad-external-data"],
    [{ location: "w.bin", length: "8" }, "truncated-tensor"],
    [{ offset: "0" }, "bad-external-data"],
  ])("with external data %j are refused", (entries, code) => {
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    const file = fileWithTensor({ dims: [1n], dataType: 1, dataLocation: 1, externalData });
    expect(() => parseModel(file)).toThrow(thrown(code));
  });

  it("with an attribute given twice are refused", () => {
    const attribute = ["a", "b", "a"].map((name) => ({ name, type: AttributeType.INT, i: 1n }));
    const file = fileWith({ name: "g", node: [{ opType: "Op", name: "n", attribute }] });
    expect(() => parseModel(file)).toThrow(thrown("duplicate-name"));
    expect(() => parseModel(file)).toThrow(`node "n" (Op): attribute "a" is given twice.`);
  });

  it("with sparse weights are refused with the reason", () => {
    const file = fileWith({ name: "g", sparseInitializer: [{ dims: [4n] }] });
    expect(() => parseModel(file)).toThrow(thrown("sparse-initializer"));
  });
});

describe("tensors", () => {
  it.each([
    ["float_data", { dataType: 1, dims: [2n], floatData: [0.5, -2] }, [0.5, -2]],
    ["double_data", { dataType: 11, dims: [1n], doubleData: [1e300] }, [1e300]],
    ["int64_data", { dataType: 7, dims: [3n], int64Data: [-1n, 300n, 2n ** 40n] }, [-1, 300, 2 ** 40]],
    ["uint64_data", { dataType: 13, dims: [1n], uint64Data: [2n ** 52n] }, [2 ** 52]],
    ["uint32 in uint64_data", { dataType: 12, dims: [1n], uint64Data: [2n ** 32n - 1n] }, [2 ** 32 - 1]],
    ["int32_data", { dataType: 6, dims: [2n], int32Data: [-5, 1 << 20] }, [-5, 1 << 20]],
    ["int8 in int32_data", { dataType: 3, dims: [2n], int32Data: [-128, 127] }, [-128, 127]],
    ["uint8 in int32_data", { dataType: 2, dims: [2n], int32Data: [200, 0] }, [200, 0]],
    ["uint16 in int32_data", { dataType: 4, dims: [1n], int32Data: [65535] }, [65535]],
    ["int16 in int32_data", { dataType: 5, dims: [1n], int32Data: [-300] }, [-300]],
    ["bool in int32_data", { dataType: 9, dims: [3n], int32Data: [1, 0, 1] }, [1, 0, 1]],
    ["float16 in int32_data", { dataType: 10, dims: [2n], int32Data: [0x3800, 0xc000] }, [0.5, -2]],
    ["bfloat16 in int32_data", { dataType: 16, dims: [1n], int32Data: [0x3f80] }, [1]],
    ["int4 in int32_data", { dataType: 22, dims: [3n], int32Data: [0x2f, 0x07] }, [-1, 2, 7]],
    ["raw_data", { dataType: 6, dims: [1n], rawData: Uint8Array.of(0xfe, 0xff, 0xff, 0xff) }, [-2]],
    ["a scalar", { dataType: 1, dims: [], floatData: [3] }, [3]],
    ["nothing", { dataType: 1, dims: [0n, 7n] }, []],
  ] as const)("in %s are read", (_, tensor, values) => {
    expect(tensorNumbers(weight(fileWithTensor(tensor as unknown as TensorInit)))).toEqual([...values]);
  });

  it("keep complex numbers and strings as they are", () => {
    const complex = weight(fileWithTensor({ dataType: 14, dims: [1n], floatData: [1, 2] }));
    expect(complex.data).toEqual(new Uint8Array(Float32Array.of(1, 2).buffer));
    const strings = weight(fileWithTensor({ dataType: 8, dims: [2n], stringData: [ascii("a"), ascii("")] }));
    expect(strings.strings?.map((s) => new TextDecoder().decode(s))).toEqual(["a", ""]);
  });

  it("are views into the file, from raw_data and float_data", () => {
    const raw = fileWithTensor({ dataType: 1, dims: [1n], rawData: new Uint8Array(4) });
    expect((weight(raw).data as Uint8Array).buffer).toBe(raw.buffer);
    const typed = fileWithTensor({ dataType: 1, dims: [1n], floatData: [1] });
    expect((weight(typed).data as Uint8Array).buffer).toBe(typed.buffer);
  });

  it("take the last of two with one name, as ONNX Runtime does", () => {
    const initializer = [1, 2].map((v) => ({ name: "w", dims: [1n], dataType: 1, floatData: [v] }));
    expect(tensorNumbers(weight(fileWith({ name: "g", initializer })))).toEqual([2]);
  });
});

describe("writing", () => {
  const big = (first: number) =>
    makeTensor(
      "float32",
      [512],
      Float32Array.from({ length: 512 }, (_, i) => first + i),
    );
  const text = `agraph (float[512] x) => (float[512] y) <float[1] small = {7}, float[512] a = {...}, float[1] small2 = {8}> {
    k = Constant <value = float[512] {...}> ()
    s = Add (x, a)
    y = Add (s, k)
  }`;
  const model: Model = (() => {
    const zeros = Array(512).fill(0).join();
    const small = parseGraphText(text.replaceAll("...", zeros));
    const initializers = new Map(small.graph.initializers).set("a", big(1));
    const nodes = small.graph.nodes.map((n) =>
      n.opType === "Constant"
        ? { ...n, attributes: { value: { type: "tensor", value: big(1000) } as const } }
        : n,
    );
    return { ...small, graph: { ...small.graph, initializers, nodes } };
  })();

  it("gives what was read, in the same order", () => {
    const back = parseModel(serializeModel(model));
    expect(printGraph(back, { maxValues: 1e4 })).toBe(
      printGraph({ ...model, producer: "snellen" }, { maxValues: 1e4 }),
    );
    expect([...back.graph.initializers.keys()]).toEqual(["small", "a", "small2"]);
  });

  it("leaves large weights where they are, attributes' too", () => {
    const chunks = modelChunks(model);
    const weights = [model.graph.initializers.get("a")?.data, model.graph.nodes[0]?.attributes.value];
    expect(chunks).toContain(weights[0]);
    expect(chunks).toContain((weights[1] as { value: { data: Uint8Array } }).value.data);
    const rest = chunks.filter((c) => c.byteLength < 2048).reduce((n, c) => n + c.byteLength, 0);
    expect(rest).toBeLessThan(400);
  });

  it("writes one graph field, for readers that do not merge repeated ones", () => {
    const proto = fromBinary(ModelProtoSchema, serializeModel(model));
    const again = toBinary(ModelProtoSchema, proto);
    expect(again.byteLength).toBe(serializeModel(model).byteLength);
  });

  it("points by reference into the file that the weights came from", () => {
    const file = serializeModel(model);
    const parsed = parseModel(file);
    const small = serializeByReference(parsed, "user.onnx");
    const external = parseModel(small).graph.initializers.get("a")?.data as {
      offset: number;
      length: number;
    };
    expect(external).toMatchObject({ location: "user.onnx", length: 2048 });
    expect(file.subarray(external.offset, external.offset + 2048)).toEqual(big(1).data);
    expect(tensorNumbers(parseModel(small).graph.initializers.get("small")!)).toEqual([7]);
  });

  it("follows changes of tensors, values and names, and drops nothing else", () => {
    const file = fileWith({
      name: "g",
      input: [
        { name: "x", docString: "doc", type: { value: { case: "tensorType", value: { elemType: 1 } } } },
      ],
      initializer: [{ name: "w", dims: [2n], dataType: 1, floatData: [1, 2], docString: "weights" }],
    });
    const { graph, ...rest } = parseModel(file);
    const w = graph.initializers.get("w")!;
    const changed = {
      ...rest,
      graph: {
        ...graph,
        inputs: graph.inputs.map((i) => ({ ...i, name: "z", dims: ["N", 3] })),
        initializers: new Map([
          ["renamed", w],
          ["reshaped", { ...w, dims: [1, 2] }],
          ["new", { ...w, data: makeTensor("float32", [2], [3, 4]).data }],
        ]),
      },
    };
    const written = fromBinary(ModelProtoSchema, serializeModel(changed)).graph!;
    expect(written.initializer.map((t) => [t.name, t.dims, t.docString])).toEqual([
      ["renamed", [2n], "weights"],
      ["reshaped", [1n, 2n], "weights"],
      ["new", [2n], "weights"],
    ]);
    const back = parseModel(serializeModel(changed)).graph;
    expect([...back.initializers.values()].map(tensorNumbers)).toEqual([
      [1, 2],
      [1, 2],
      [3, 4],
    ]);
    expect(back.inputs[0]).toMatchObject({ name: "z", dims: ["N", 3] });
    expect(written.input[0]?.docString).toBe("doc");
  });

  it("takes local functions and references made by hand", () => {
    const text = `<ir_version: 10, opset_import: ["" : 20, "local" : 1], producer_name: "p">
g (float[2] x) => (float[2] y)
{
   y = local.f <beta = 0.5> (x)
}
<domain: "local", opset_import: ["" : 20]>
f <k, beta = 1.0> (a) => (b)
{
   b = LeakyRelu <alpha: float = @beta> (a)
}`;
    expect(printGraph(parseModel(serializeModel(parseGraphText(text))))).toBe(text);
  });
});

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
