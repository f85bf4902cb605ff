// Read and written again, a file says the same: random files, and the networks of ../shared where that folder is there.
// Oracle: the messages as onnx-buf decodes them, unknown fields included, in one canonical encoding.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { printGraph } from "./print.ts";
import { parseModel, serializeModel } from "./protobuf.ts";
import { arbitraryModel } from "./test-support/arbitrary-model.ts";

const canonical = (bytes: Uint8Array) => toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes));

/** Element by element, as `toEqual` compares arrays, would take longer than all the rest. */
const expectSame = (written: Uint8Array, read: Uint8Array) =>
  expect(Buffer.compare(canonical(written), canonical(read))).toBe(0);

describe("a file read and written again", () => {
  it("loses nothing, whatever the schema allows", () => {
    fc.assert(
      fc.property(arbitraryModel, (file) => {
        const model = parseModel(file);
        expectSame(serializeModel(model), file);
        expect(printGraph(model)).not.toBe("");
      }),
      { seed: 20261123, numRuns: 40 },
    );
  });

  it("loses nothing when every object of the IR was made anew", () => {
    fc.assert(
      fc.property(arbitraryModel, (file) => {
        const { graph, ...model } = parseModel(file);
        const nodes = graph.nodes.map((n) => ({
          ...n,
          inputs: [...n.inputs],
          attributes: { ...n.attributes },
        }));
        const initializers = new Map(
          [...graph.initializers].map(([name, t]) => [name, { ...t, dims: [...t.dims] }]),
        );
        const inputs = graph.inputs.map((i) => ({ ...i }));
        const again = { ...model, graph: { ...graph, nodes, initializers, inputs } };
        expectSame(serializeModel(again), file);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  const shared = new URL("../../../../shared/models/", import.meta.url);
  const files = existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith(".onnx")) : [];
  it.skipIf(files.length === 0).each(files)("%s", (name) => {
    const bytes = readFileSync(new URL(name, shared));
    const written = serializeModel(parseModel(bytes));
    expect(written.byteLength).toBe(bytes.byteLength);
    expectSame(written, bytes);
  });
});
