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

describe("a file read and written again", () => {
  it("loses nothing, whatever the schema allows", () => {
    fc.assert(
      fc.property(arbitraryModel, (file) => {
        const model = parseModel(file);
        expect(canonical(serializeModel(model))).toEqual(canonical(file));
        expect(printGraph(model)).not.toBe("");
      }),
      { seed: 20261123, numRuns: 50 },
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
        expect(canonical(serializeModel(again))).toEqual(canonical(file));
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  const shared = new URL("../../../../shared/models/", import.meta.url);
  const files = existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith(".onnx")) : [];
  it.skipIf(files.length === 0).each(files)("%s", (name) => {
    const bytes = readFileSync(new URL(name, shared));
    const written = serializeModel(parseModel(bytes));
    expect(written.byteLength).toBe(bytes.byteLength);
    expect(Buffer.compare(canonical(written), canonical(bytes))).toBe(0);
  });
});
