// ONNX files to the IR and back; `protobuf/` holds the messages, which nothing outside it and this file knows.
// Nothing is lost on a round trip: what the IR does not model stays in `source` and is written back.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { GraphProto, ModelProto } from "onnx-buf";
import { ModelError, UnsupportedError } from "./errors.ts";
import { externalOrigin, type Piece } from "./external-data.ts";
import { recognizeForeignFile } from "./file-kind.ts";
import type { Model } from "./model.ts";
import { LARGE, pieceLength, piecesOfModel } from "./protobuf/chunks.ts";
import { readModel } from "./protobuf/read.ts";
import { ModelSchema } from "./protobuf/schema.ts";
import { concat, externalPlace, writeExternalTensor, writeTensor } from "./protobuf/tensors.ts";
import { checkWire, type WireFault, type WireReport } from "./protobuf/wire.ts";
import { writeModel } from "./protobuf/write.ts";
import type { ExternalBytes } from "./tensor.ts";
import { validateModel } from "./validate.ts";

/** Protobuf's own limit for one file. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Parses an ONNX file and checks it (see `validateModel`). Weights stay views into `bytes`, which must not be changed afterwards.
 * @param name what errors about the file as a whole call it, such as its path
 * @throws ModelError `not-onnx`, `truncated`, `damaged`, `too-deep`, `too-many`, and those of tensors and of `validateModel`
 */
export function parseModel(bytes: Uint8Array, name?: string): Model {
  // A Node Buffer's slice() shares memory, a Uint8Array's copies: everything after this sees the latter.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return validateModel({ ...readModel(decode(plain, name)), bytes: plain });
}

function decode(bytes: Uint8Array, where: string | undefined): ModelProto & { graph: GraphProto } {
  const report = checkWire(ModelSchema, bytes);
  if (report.fault !== undefined) throw faultError(bytes, report, where);
  try {
    const proto = fromBinary(ModelSchema, bytes);
    if (proto.graph !== undefined) return proto as ModelProto & { graph: GraphProto };
  } catch (cause) {
    throw new ModelError("damaged", "the ONNX file is damaged.", { where, hint: EXPORT_AGAIN, cause });
  }
  throw notOnnx(bytes, "it holds no graph", where);
}

const EXPORT_AGAIN = "Copy or export it again.";

function notOnnx(bytes: Uint8Array, why: string, where: string | undefined): ModelError {
  if (bytes.length === 0)
    return new ModelError("not-onnx", "the file is empty.", { where, hint: EXPORT_AGAIN });
  const foreign = recognizeForeignFile(bytes, where);
  const what = foreign === undefined ? `this is not an ONNX model: ${why}.` : `this is ${foreign.what}.`;
  const hint = foreign?.hint ?? "Give a file written by an ONNX exporter.";
  return new ModelError("not-onnx", what, { where, hint });
}

const GRAPH_FIELD = 7;
const IR_VERSION_FIELD = 1;

const FAULTS: { readonly [fault in WireFault]: { what: string; hint: string } } = {
  truncated: { what: "the ONNX file ends early", hint: EXPORT_AGAIN },
  damaged: { what: "the ONNX file is damaged", hint: EXPORT_AGAIN },
  "too-deep": { what: "graphs are nested too deeply", hint: "ONNX Runtime refuses such a file as well." },
  "too-many": {
    what: "the graph has millions of parts",
    hint: "The file looks crafted to exhaust memory; a real network has some thousands.",
  },
};

/** Something that never was a model is told from a model that is no longer whole by what the walk saw before it stopped. */
function faultError(bytes: Uint8Array, report: WireReport, where: string | undefined): ModelError {
  const { fault, at, fields } = report;
  const isModel = fields.has(GRAPH_FIELD) || fields.has(IR_VERSION_FIELD);
  if (fault === undefined || !isModel || recognizeForeignFile(bytes) !== undefined)
    return notOnnx(bytes, "its bytes are no protobuf of one", where);
  const { what, hint } = FAULTS[fault];
  return new ModelError(fault, `${what} (byte ${at} of ${bytes.length}).`, { where, hint });
}

/**
 * The file's bytes as a list of chunks to be written one after another. Large weights are views, not copies; external ones
 * stay external.
 */
export const modelChunks = (model: Model): Uint8Array[] => piecesOfModel(writeModel(model)) as Uint8Array[];

/** As `modelChunks`, but external weights are to be read from where they lie and written into the file itself. */
export const selfContainedPieces = (model: Model): Piece[] =>
  piecesOfModel(writeModel(model), { inline: externalPlace });

/**
 * The whole file in one array; for small models and tests. Prefer `modelChunks` when weights are large.
 * @throws UnsupportedError `too-large` above 2 GiB
 */
export function serializeModel(model: Model): Uint8Array {
  const chunks = modelChunks(model);
  const length = chunks.reduce((n, c) => n + pieceLength(c), 0);
  if (length > MAX_FILE_BYTES) {
    throw new UnsupportedError("too-large", `the model takes ${length} bytes; one file holds 2 GiB.`, {
      hint: "Write it with external data.",
    });
  }
  return concat(chunks);
}

/**
 * A small file whose unchanged weights point into the user's own model file (ONNX external data is location, offset, length,
 * and a raw initializer of a file is just that) or into its external data.
 * @param location name of the user's file, relative to the folder that the runtime is told to look in
 */
export function serializeByReference(model: Model, location: string): Uint8Array {
  const proto = writeModel(model, (name, tensor) => {
    const { data } = tensor;
    if (!(data instanceof Uint8Array) || data.byteLength < LARGE) return writeTensor(name, tensor);
    const place = externalOrigin(data) ?? placeWithin(model.bytes, data, location);
    return place === undefined ? writeTensor(name, tensor) : writeExternalTensor(name, tensor, place);
  });
  return toBinary(ModelSchema, proto);
}

function placeWithin(
  home: Uint8Array | undefined,
  data: Uint8Array,
  location: string,
): ExternalBytes | undefined {
  if (home === undefined || data.buffer !== home.buffer) return undefined;
  const offset = data.byteOffset - home.byteOffset;
  // Node keeps small files in one buffer: the same buffer alone does not make it the same file.
  if (offset < 0 || offset + data.byteLength > home.byteLength) return undefined;
  return { location, offset, length: data.byteLength };
}
