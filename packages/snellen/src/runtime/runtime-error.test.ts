// Oracle: the installed onnxruntime-node, asked to load and run models that are wrong in one way each.
import { parseGraphText, SnellenError, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { createNodeRuntime } from "../node/runtime.ts";
import { runtimeError } from "./runtime-error.ts";
import { externalModel } from "./test-support/external-model.ts";

const runtime = createNodeRuntime();
const bytesOf = (text: string): Uint8Array => serializeModel(parseGraphText(text));
const relu = bytesOf("agraph (float[N,4] x) => (float[N,4] y) { y = Relu (x) }");
const external = (location: string, offset: number): Uint8Array =>
  externalModel("agraph (float[4] x) => (float[4] y) <float[4] w = {0, 0, 0, 0}> { y = Add (x, w) }", "w", {
    location,
    offset,
    length: 16,
  });

describe("errors of loading", () => {
  it.each([
    [
      "not-onnx",
      "ModelError",
      new TextEncoder().encode("hello, this is no model"),
      "is not an ONNX model, or is cut off.",
    ],
    ["not-onnx", "ModelError", relu.subarray(0, relu.length - 9), "is not an ONNX model, or is cut off."],
    ["not-onnx", "ModelError", new Uint8Array(0), "is not an ONNX model, or is cut off."],
    [
      "opset-too-new",
      "UnsupportedError",
      bytesOf('<ir_version: 9, opset_import: ["": 99]> agraph (float[4] x) => (float[4] y) { y = Relu (x) }'),
      "uses opset 99, this ONNX Runtime knows opsets up to ",
    ],
    [
      "ir-too-new",
      "UnsupportedError",
      bytesOf(
        '<ir_version: 99, opset_import: ["": 17]> agraph (float[4] x) => (float[4] y) { y = Relu (x) }',
      ),
      "has IR version 99, this ONNX Runtime knows versions up to ",
    ],
    [
      "unknown-operator",
      "UnsupportedError",
      bytesOf("agraph (float[4] x) => (float[4] y) { [frob1] y = Frobnicate (x) }"),
      'Frobnicate (node "frob1") is no operator of opset 20.',
    ],
    [
      "unknown-operator",
      "UnsupportedError",
      bytesOf(
        '<ir_version: 9, opset_import: ["": 17, "my.own": 1]> agraph (float[4] x) => (float[4] y) { y = my.own.Frobnicate (x) }',
      ),
      "my.own:Frobnicate is a custom operator",
    ],
    [
      "operator-not-implemented",
      "UnsupportedError",
      bytesOf("agraph (double[4] x) => (double[4] y) { [hard] y = Hardmax (x) }"),
      'Hardmax(13) (node "hard") has no implementation on this device for its types.',
    ],
    [
      "invalid-model",
      "ModelError",
      bytesOf("agraph (float[4] x) => (float[4] y) { y = Add (x, z) }"),
      "ONNX Runtime refuses it: Invalid model. Node input 'z' is not a graph input",
    ],
    ["missing-external-data", "ModelError", external("nowhere.bin", 0), "its weights are not at "],
    [
      "missing-external-data",
      "ModelError",
      external("files.ts", 1e9),
      "the file of its weights (for w) is missing or cut off.",
    ],
    ["missing-external-data", "ModelError", external("../../package.json", 0), "its weights are not at "],
  ])("%s", async (code, name, bytes, message) => {
    const weights = { folder: import.meta.dirname.replace(/runtime$/, "node") };
    const error = await runtime.createSession({ bytes, weights }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SnellenError);
    expect(error).toMatchObject({ code, name, message: expect.stringContaining(message) });
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe("errors of running", () => {
  it.each([
    [
      "wrong-input-shape",
      { x: new Tensor("float32", new Float32Array(6), [2, 3]) },
      'input "x" has other dimensions than the model takes: index: 1 Got: 3 Expected: 4.',
    ],
    [
      "wrong-input-shape",
      { x: new Tensor("float32", new Float32Array(4), [4]) },
      'input "x" has rank 1, the model takes 2.',
    ],
    [
      "wrong-input-type",
      { x: new Tensor("int32", new Int32Array(4), [1, 4]) },
      "an input holds int32, the model takes float.",
    ],
    ["missing-input", {}, 'no value was given for input "x".'],
  ])("%s: %o", async (code, feeds, message) => {
    const session = await runtime.createSession({ bytes: relu });
    await expect(session.run(feeds as Record<string, Tensor>)).rejects.toMatchObject({
      code,
      name: "UsageError",
      message: expect.stringContaining(message),
    });
    await session.dispose();
  });

  it("keeps the runtime's words, without the places in its source, where nothing is known", async () => {
    const text = "agraph (float[N] x) => (float[a,b] y) <int64[2] s = {7, 3}> { [rs] y = Reshape (x, s) }";
    const session = await runtime.createSession({ bytes: bytesOf(text) });
    const run = session.run({ x: new Tensor("float32", new Float32Array(8), [8]) });
    await expect(run).rejects.toMatchObject({
      code: "runtime-failed",
      message: expect.stringMatching(/^model: ONNX Runtime failed: .*cannot be reshaped.*\.$/),
    });
    await session.dispose();
  });
});

describe("runtimeError", () => {
  it("passes our own errors on and takes anything that was thrown", () => {
    const own = new SnellenError("mine", "stays.");
    expect(runtimeError(own)).toBe(own);
    expect(runtimeError("std::bad_alloc", "big.onnx")).toMatchObject({
      code: "out-of-memory",
      where: "big.onnx",
    });
    expect(runtimeError(42)).toMatchObject({
      code: "runtime-failed",
      message: "model: ONNX Runtime failed: 42.",
    });
  });
});
