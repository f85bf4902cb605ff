// Oracle: closed forms of the tiny models; onnxruntime-web's WebAssembly build runs in Node as it does in a page.
import { parseGraphText, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { externalModel } from "../runtime/test-support/external-model.ts";
import { createWebRuntime } from "./runtime.ts";

const runtime = createWebRuntime({ threads: 1 });
const text =
  "agraph (float[N,2] x) => (float[N,2] y, float[N,2] z) <float[2] w = {10, 20}> { y = Add (x, w) z = Mul (x, w) }";
const x = new Tensor("float32", Float32Array.of(1, 2), [1, 2]);

describe("createWebRuntime", () => {
  it("runs a model, also when runs overlap and the session is disposed meanwhile", async () => {
    const session = await runtime.createSession({ bytes: serializeModel(parseGraphText(text)) });
    const runs = [session.run({ x }), session.run({ x }, ["z"])];
    await session.dispose();
    const [both, one] = await Promise.all(runs);
    expect([both!.y!.data, both!.z!.data]).toEqual([Float32Array.of(11, 22), Float32Array.of(10, 40)]);
    expect(Object.keys(one!)).toEqual(["z"]);
  });

  it("takes weights from the bytes of the user's file", async () => {
    const bytes = externalModel(text, "w", { location: "user.onnx", offset: 5, length: 8 });
    const file = new Uint8Array(13);
    file.set(new Uint8Array(Float32Array.of(3, 4).buffer), 5);
    const session = await runtime.createSession({
      bytes,
      weights: { files: new Map([["user.onnx", file]]) },
    });
    expect((await session.run({ x })).y!.data).toEqual(Float32Array.of(4, 6));
    await session.dispose();
  });

  it("gives the errors that Node gives", async () => {
    const missing = externalModel(text, "w", { location: "user.onnx", offset: 5, length: 8 });
    const cases = [
      [new TextEncoder().encode("no model"), "not-onnx"],
      [serializeModel(parseGraphText(`<ir_version: 9, opset_import: ["": 99]> ${text}`)), "opset-too-new"],
      [
        serializeModel(parseGraphText("agraph (float[4] x) => (float[4] y) { y = Frobnicate (x) }")),
        "unknown-operator",
      ],
      [missing, "missing-external-data"],
    ] as const;
    for (const [bytes, code] of cases)
      await expect(runtime.createSession({ bytes })).rejects.toMatchObject({ code });
    const session = await runtime.createSession({ bytes: serializeModel(parseGraphText(text)) });
    const wide = new Tensor("float32", new Float32Array(3), [1, 3]);
    await expect(session.run({ x: wide })).rejects.toMatchObject({ code: "wrong-input-shape" });
    await expect(session.run({})).rejects.toMatchObject({ code: "missing-input" });
    await session.dispose();
  });

  it("says that 4 GiB in one tensor do not fit, for WebAssembly cannot address them", async () => {
    const large = `agraph (float[1,1] x) => (float y) <int64[2] s = {1073741824, 1}>
      { wide = Expand (x, s) y = ReduceSum <keepdims = 0> (wide) }`;
    const session = await runtime.createSession({ bytes: serializeModel(parseGraphText(large)) });
    const one = new Tensor("float32", Float32Array.of(1), [1, 1]);
    await expect(session.run({ x: one })).rejects.toMatchObject({ code: "out-of-memory" });
    await session.dispose();
  });

  it("refuses devices that no browser has", async () => {
    const bytes = serializeModel(parseGraphText(text));
    await expect(runtime.createSession({ bytes }, { device: "cuda" })).rejects.toMatchObject({
      code: "device-not-available",
      message: "device: cuda cannot be used: browsers have cpu and webgpu.",
    });
  });
});
