// Oracle: closed forms of the tiny models, and what onnxruntime-node says of itself.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGraphText, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { afterAll, describe, expect, it } from "vitest";
import { externalModel } from "../runtime/test-support/external-model.ts";
import { createNodeRuntime, listDevices } from "./runtime.ts";
import { coresOfCpuinfo, coresOfCpuMax, physicalCores } from "./runtime-threads.ts";

const folder = await mkdtemp(join(tmpdir(), "snellen-runtime-"));
afterAll(() => rm(folder, { recursive: true }));

const runtime = createNodeRuntime();
const x = new Tensor("float32", Float32Array.of(1, 2), [1, 2]);
const two = parseGraphText(
  "agraph (float[N,2] x) => (float[N,2] y, float[N,2] z) <float[2] w = {10, 20}> { y = Add (x, w) z = Mul (x, w) }",
);

describe("createNodeRuntime", () => {
  it("runs a model for the outputs that are asked for", async () => {
    const session = await runtime.createSession({ bytes: serializeModel(two) });
    expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y", "z"]]);
    const { z, ...others } = await session.run({ x }, ["z"]);
    expect([...(z!.data as Float32Array)]).toEqual([10, 40]);
    expect(others).toEqual({});
    expect(Object.keys(await session.run({ x }))).toEqual(["y", "z"]);
    await session.dispose();
    await session.dispose();
    await expect(session.run({ x })).rejects.toMatchObject({ code: "runtime-failed" });
  });

  it("pads by the zeros that the graph says, also in front of max-pooling", async () => {
    const padded = parseGraphText(
      `<ir_version: 9, opset_import: ["": 18]> agraph (float[1,1,2,2] v) => (float[1,1,2,2] y) <int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}>
       { p = Pad (v, pads) y = MaxPool <kernel_shape = [3, 3]> (p) }`,
    );
    const session = await runtime.createSession({ bytes: serializeModel(padded) });
    const { y } = await session.run({ v: new Tensor("float32", new Float32Array(4).fill(-1), [1, 1, 2, 2]) });
    // every window of 3x3 sees padding, which is larger than what is inside
    expect([...(y!.data as Float32Array)]).toEqual([0, 0, 0, 0]);
    await session.dispose();
  });

  it("takes weights from another ONNX file that holds them somewhere inside", async () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => i);
    const weights = `{${values.join(", ")}}`;
    const text = `agraph (float[N,8] x) => (float[N,8] y) <float[8,8] w = ${weights}> { y = MatMul (x, w) }`;
    const bytes = serializeModel(parseGraphText(text));
    await writeFile(join(folder, "user.onnx"), bytes);
    const offset = Buffer.from(bytes).indexOf(Buffer.from(values.buffer));
    const place = { location: "user.onnx", offset, length: 256 };
    const derived = { bytes: externalModel(text, "w", place), weights: { folder } };
    const session = await runtime.createSession(derived);
    const { y } = await session.run({ x: new Tensor("float32", new Float32Array(8).fill(1), [1, 8]) });
    expect([...(y!.data as Float32Array)]).toEqual([224, 232, 240, 248, 256, 264, 272, 280]);
    await session.dispose();
  });

  it("takes weights from memory", async () => {
    const values = Float32Array.of(3, 4, 5, 6);
    const text = "agraph (float[4] x) => (float[4] y) <float[4] w = {0, 0, 0, 0}> { y = Add (x, w) }";
    const bytes = externalModel(text, "w", { location: "w.bin", offset: 0, length: 16 });
    const files = new Map([["w.bin", new Uint8Array(values.buffer)]]);
    const session = await runtime.createSession({ bytes, weights: { files } });
    const { y } = await session.run({ x: new Tensor("float32", new Float32Array(4), [4]) });
    expect(y!.data).toEqual(values);
    await session.dispose();
  });

  it("knows its devices and says what there is instead of a missing one", async () => {
    const available = await listDevices();
    expect(available).toContain("cpu");
    const missing = (["coreml", "dml"] as const).find((device) => !available.includes(device))!;
    const bytes = serializeModel(two);
    await expect(runtime.createSession({ bytes }, { device: missing })).rejects.toMatchObject({
      code: "device-not-available",
      message: expect.stringContaining(
        `--device: ${missing} cannot be used: this build of ONNX Runtime has only cpu`,
      ),
    });
    await expect(runtime.createSession({ bytes }, { device: "tpu" as "cpu" })).rejects.toMatchObject({
      code: "unknown-device",
      message: '--device: unknown device "tpu". Known: cpu, cuda, coreml, dml, webgpu.',
    });
  });

  it("refuses thread counts that are none", async () => {
    const create = runtime.createSession({ bytes: serializeModel(two) }, { threads: 0 });
    await expect(create).rejects.toMatchObject({ code: "bad-threads" });
  });
});

describe("physical cores", () => {
  it("are the distinct pairs of socket and core", () => {
    const processor = (socket: number, core: number) =>
      `processor : 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
    expect(
      coresOfCpuinfo([processor(0, 0), processor(0, 1), processor(0, 0), processor(1, 0)].join("\n")),
    ).toBe(3);
    expect(coresOfCpuinfo("processor : 0\nBogoMIPS : 50\n")).toBeUndefined();
  });

  it("are bounded by the control group's quota", () => {
    expect(coresOfCpuMax("150000 100000\n")).toBe(2);
    expect(coresOfCpuMax("max 100000\n")).toBeUndefined();
    expect(coresOfCpuMax("")).toBeUndefined();
  });

  it("are at least one here", () => {
    expect(physicalCores()).toBeGreaterThanOrEqual(1);
  });
});
