// Random small ONNX files for property tests: valid where our reader looks (names, tensors), anything that the schema allows
// elsewhere, with unknown fields in every message.
import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
} from "onnx-buf";

type Fields = { readonly [field: string]: fc.Arbitrary<unknown> };

const text = fc.string({ maxLength: 5, unit: fc.constantFrom("a", "é", "/", "0", " ") });
const bytes = fc.uint8Array({ maxLength: 4 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const SCALARS: { readonly [scalar: number]: fc.Arbitrary<unknown> } = {
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: bytes,
  [ScalarType.INT32]: fc.integer(),
  [ScalarType.INT64]: int64,
  [ScalarType.UINT64]: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  [ScalarType.FLOAT]: fc.float(),
  [ScalarType.DOUBLE]: fc.double(),
};

/** As a newer ONNX might add. */
const unknownField = fc.oneof(
  fc.record({
    no: fc.integer({ min: 900, max: 905 }),
    wireType: fc.constant(0),
    data: fc.constant(Uint8Array.of(0xac, 2)),
  }),
  fc.record({
    no: fc.constant(1000),
    wireType: fc.constant(5),
    data: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
  fc.record({ no: fc.constant(1001), wireType: fc.constant(2), data: fc.constant(Uint8Array.of(2, 7, 9)) }),
);

/** A message of `schema`: `required` fields from the given arbitraries, all others at random, nested messages to `depth`. */
function message(schema: DescMessage, depth: number, required: Fields = {}): fc.Arbitrary<Message> {
  const others: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of schema.members) {
    if (member.localName in required) continue;
    if (member.kind === "oneof") others[member.localName] = oneof(member.fields, depth);
    else if (member.message === undefined || depth > 0) others[member.localName] = fieldValue(member, depth);
  }
  const init = fc
    .tuple(fc.record({ ...required } as Fields), fc.record(others, { requiredKeys: [] }))
    .map(([own, rest]) => Object.assign({}, rest, own));
  return fc.tuple(init, fc.array(unknownField, { maxLength: 1 })).map(([fields, unknown]) => {
    const made = create(schema, fields as never) as Message;
    if (unknown.length > 0) made.$unknown = unknown as Message["$unknown"];
    return made;
  });
}

function oneof(fields: readonly DescField[], depth: number): fc.Arbitrary<unknown> {
  const usable = fields.filter((f) => f.message === undefined || depth > 0);
  if (usable.length === 0) return fc.constant({ case: undefined });
  return fc.oneof(...usable.map((f) => fieldValue(f, depth).map((value) => ({ case: f.localName, value }))));
}

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = (): fc.Arbitrary<unknown> => {
    if (field.message !== undefined) return message(field.message, depth - 1);
    if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map((v) => v.number));
    return SCALARS[field.scalar as number] as fc.Arbitrary<unknown>;
  };
  return field.fieldKind === "list" ? fc.array(one(), { maxLength: 2 }) : one();
}

const none = fc.constant([]);
const noTyped = { floatData: none, int32Data: none, int64Data: none, doubleData: none, uint64Data: none };
const emptyTensor = {
  ...noTyped,
  stringData: none,
  externalData: none,
  rawData: fc.constant(undefined),
  segment: fc.constant(undefined),
  dataLocation: fc.constant(undefined),
};

/** A tensor in one of the ways that files hold them; 300 elements are enough to be written as a chunk of their own. */
function tensor(named?: string): fc.Arbitrary<Message> {
  const name: Fields = named === undefined ? {} : { name: fc.constant(named) };
  const of = (dims: bigint[], fields: Record<string, unknown>) =>
    message(TensorProtoSchema, 1, {
      ...emptyTensor,
      ...name,
      dims: fc.constant(dims),
      ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fc.constant(value)])),
    });
  const external = [
    { key: "location", value: "w.bin" },
    { key: "offset", value: "64" },
    { key: "checksum", value: "x" },
  ];
  return fc
    .constantFrom(0, 1, 3, 300)
    .chain((n) =>
      fc.oneof(
        of([BigInt(n)], { dataType: 1, rawData: new Uint8Array(4 * n).fill(1) }),
        of([BigInt(n)], { dataType: 1, floatData: Array(n).fill(0.5) }),
        of([1n, BigInt(n)], { dataType: 7, int64Data: Array(n).fill(-3n) }),
        of([BigInt(n)], { dataType: 10, int32Data: Array(n).fill(0x3c00) }),
        of([BigInt(n)], { dataType: 22, rawData: new Uint8Array(Math.ceil(n / 2)) }),
        of([BigInt(n)], { dataType: 8, stringData: Array(n).fill(Uint8Array.of(97)) }),
        of([BigInt(n)], { dataType: 1, dataLocation: 1, externalData: external }),
        of([], { dataType: 11, doubleData: [1.5] }),
      ),
    );
}

const KINDS: readonly (readonly [AttributeType, string])[] = [
  [AttributeType.INT, "i"],
  [AttributeType.INTS, "ints"],
  [AttributeType.FLOAT, "f"],
  [AttributeType.FLOATS, "floats"],
  [AttributeType.STRING, "s"],
  [AttributeType.STRINGS, "strings"],
  [AttributeType.TYPE_PROTO, "tp"],
  [AttributeType.TYPE_PROTOS, "typeProtos"],
  [AttributeType.SPARSE_TENSOR, "sparseTensor"],
  [AttributeType.TENSORS, "tensors"],
  [AttributeType.GRAPHS, "graphs"],
];

/** An attribute of each kind; graphs read values of the graphs around them. */
function attribute(
  name: string,
  scope: readonly string[],
  prefix: string,
  depth: number,
): fc.Arbitrary<Message> {
  const schema = AttributeProtoSchema;
  const empty = Object.fromEntries(
    schema.fields.map((f) => [f.localName, f.fieldKind === "list" ? none : fc.constant(undefined)]),
  );
  const own = { ...empty, name: fc.constant(name), docString: text };
  const of = (type: AttributeType, field: string, value: fc.Arbitrary<unknown>) =>
    message(schema, 1, { ...own, type: fc.constant(type), [field]: value });
  const plain = KINDS.map(([type, field]) =>
    of(type, field, fieldValue(schema.fields.find((f) => f.localName === field) as DescField, 2)),
  );
  const reference = message(schema, 0, {
    ...own,
    type: fc.constant(AttributeType.INT),
    refAttrName: fc.constant("r"),
  });
  const held = of(AttributeType.TENSOR, "t", tensor());
  if (depth === 0) return fc.oneof(...plain, reference, held);
  const inner = graph(scope, `${prefix}${name}/`, depth - 1);
  return fc.oneof(...plain, reference, held, of(AttributeType.GRAPH, "g", inner));
}

/** Nodes in order, each reading what was defined before it; gives them with the names they define. */
function nodes(
  scope: readonly string[],
  prefix: string,
  depth: number,
): { names: string[]; nodes: fc.Arbitrary<unknown> } {
  const names = ["v0", "v1", "v2"].map((v) => prefix + v);
  const made = names.map((output, i) => {
    const known = [...scope, ...names.slice(0, i), ""];
    return message(NodeProtoSchema, 2, {
      name: fc.constantFrom("", `${prefix}n${i}`),
      opType: fc.constantFrom("Relu", "If"),
      domain: fc.constantFrom("", "ai.onnx", "com.microsoft"),
      input: fc.array(fc.constantFrom(...known), { maxLength: 3 }),
      output: fc.constant([output, ""]),
      attribute: fc.tuple(attribute("a", known, `${output}/`, depth), attribute("b", known, `${output}/`, 0)),
    });
  });
  return { names, nodes: fc.tuple(...made) };
}

function graph(scope: readonly string[], prefix: string, depth: number): fc.Arbitrary<Message> {
  const given = [`${prefix}x`, `${prefix}w`];
  const inside = nodes([...scope, ...given], prefix, depth);
  const value = (name: string) =>
    message(GraphProtoSchema.field.input!.message!, 5, { name: fc.constant(name) });
  return message(GraphProtoSchema, 2, {
    node: inside.nodes,
    sparseInitializer: none,
    initializer: fc.tuple(tensor(`${prefix}w`), tensor(`${prefix}w2`)),
    input: fc.tuple(value(`${prefix}x`)),
    output: fc.tuple(...inside.names.slice(0, 2).map(value)),
  });
}

const opset = (domain: fc.Arbitrary<string>) =>
  message(OperatorSetIdProtoSchema, 0, { domain, version: fc.bigInt({ min: 1n, max: 26n }) });

const localFunction = (name: string): fc.Arbitrary<Message> => {
  const inside = nodes(["x"], "", 1);
  return message(FunctionProtoSchema, 2, {
    name: fc.constant(name),
    input: fc.constant(["x"]),
    output: fc.constant([inside.names[2]]),
    attributeProto: fc.tuple(attribute("d", [], "", 0)),
    opsetImport: fc.tuple(opset(fc.constantFrom("", "ai.onnx"))),
    node: inside.nodes,
  });
};

/** Bytes of a model that `parseModel` takes. */
export const arbitraryModel: fc.Arbitrary<Uint8Array<ArrayBuffer>> = message(ModelProtoSchema, 4, {
  irVersion: fc.bigInt({ min: 3n, max: 13n }),
  opsetImport: fc.tuple(opset(fc.constantFrom("", "ai.onnx")), opset(fc.constant("com.microsoft"))),
  graph: graph([], "", 2),
  functions: fc.oneof(none, fc.tuple(localFunction("f"), localFunction("g"))),
}).map((model) => toBinary(ModelProtoSchema, model as never));
