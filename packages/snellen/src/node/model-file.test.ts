// Oracles: the file system, and ONNX Runtime, which opens what was written.
import { execFileSync } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  externalizeWeights,
  externalTensors,
  loadExternalTensors,
  type Model,
  makeTensor,
  modelChunks,
  parseGraphText,
  parseModel,
  serializeModel,
  tensorNumbers,
} from "@snellen/graph";
import * as ort from "onnxruntime-node";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openModelFile, writeModelFile } from "./model-file.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "snellen-model-file-")));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});
afterAll(() => rm(root, { recursive: true }));

const at = (name: string) => join(folder, name);

const MODEL: Model = (() => {
  const model = parseGraphText(`g (float[400] x) => (float[400] y) { s = Mul (x, a) y = Add (s, b) }`);
  const constant = (value: number) => makeTensor("float32", [400], new Float32Array(400).fill(value));
  const initializers = new Map([
    ["a", constant(3)],
    ["b", constant(5)],
  ]);
  return { ...model, graph: { ...model.graph, initializers } };
})();

/** Writes MODEL with its weights in `data`. */
async function writeExternal(modelName: string, data: string): Promise<void> {
  const { model, pieces } = externalizeWeights(MODEL, data);
  await writeFile(at(modelName), Buffer.concat(modelChunks(model)));
  await writeFile(at(data), Buffer.concat(pieces as Uint8Array[]));
}

async function run(path: string): Promise<number> {
  const session = await ort.InferenceSession.create(path);
  const { y } = await session.run({ x: new ort.Tensor("float32", new Float32Array(400).fill(2), [400]) });
  await session.release();
  return (y!.data as Float32Array)[399] as number;
}

describe("opening", () => {
  it("gives the model in memory of its own, with folder and name", async () => {
    await writeFile(at("m.onnx"), serializeModel(MODEL));
    const file = await openModelFile(at("m.onnx"));
    expect([file.folder, file.fileName]).toEqual([folder, "m.onnx"]);
    expect(file.model.bytes?.byteLength).toBe(file.model.bytes?.buffer.byteLength);
    expect(tensorNumbers(file.model.graph.initializers.get("b")!)[0]).toBe(5);
  });

  it("of a missing file suggests the nearest model", async () => {
    await writeFile(at("resnet50.onnx"), "");
    await writeFile(at("resnet51.txt"), "");
    const open = openModelFile(at("resnet51.onnx"));
    await expect(open).rejects.toMatchObject({ code: "no-such-file", userFault: true });
    await expect(open).rejects.toThrow(`no such file. Did you mean ${at("resnet50.onnx")}?`);
    await expect(openModelFile(at("none/m.onnx"))).rejects.toThrow(`No .onnx file lies in ${at("none")}.`);
    await expect(openModelFile(at("resnet50.onnx/m.onnx"))).rejects.toMatchObject({ code: "no-such-file" });
  });

  it("of a folder suggests a model in it", async () => {
    await mkdir(at("models"));
    await expect(openModelFile(at("models"))).rejects.toMatchObject({ code: "not-a-file" });
    await writeFile(at("models/m.onnx"), "");
    await expect(openModelFile(at("models"))).rejects.toThrow(`Did you mean ${at("models/m.onnx")}?`);
  });

  it.skipIf(process.platform === "win32")("of a pipe does not wait", async () => {
    execFileSync("mkfifo", [at("pipe.onnx")]);
    await expect(openModelFile(at("pipe.onnx"))).rejects.toMatchObject({ code: "not-a-file" });
  });

  it("of other files says how to export", async () => {
    await writeFile(at("net.pt"), "PK\x03\x04archive");
    await expect(openModelFile(at("net.pt"))).rejects.toMatchObject({ code: "not-onnx" });
    await expect(openModelFile(at("net.pt"))).rejects.toThrow(
      /net\.pt: this is a zip archive.* torch\.onnx\.export/,
    );
    await writeFile(at("empty.onnx"), "");
    await expect(openModelFile(at("empty.onnx"))).rejects.toThrow(/empty\.onnx: the file is empty/);
  });

  it("of more than 2 GiB is refused before reading", async () => {
    await writeFile(at("huge.onnx"), Uint8Array.of(8, 10));
    await truncate(at("huge.onnx"), 2 ** 31);
    await expect(openModelFile(at("huge.onnx"))).rejects.toMatchObject({ code: "too-large" });
  });
});

describe("external data", () => {
  it("is read on demand", async () => {
    await writeExternal("m.onnx", "w.bin");
    const { model, readExternal } = await openModelFile(at("m.onnx"));
    expect(externalTensors(model).map((t) => t.name)).toEqual(["a", "b"]);
    const loaded = await loadExternalTensors(model, readExternal, (name) => name === "b");
    expect(tensorNumbers(loaded.graph.initializers.get("b")!)[399]).toBe(5);
  });

  it("that is missing is named with its tensor", async () => {
    await writeExternal("m.onnx", "w.bin");
    await rm(at("w.bin"));
    const open = openModelFile(at("m.onnx"));
    await expect(open).rejects.toMatchObject({ code: "missing-external-data", userFault: true });
    await expect(open).rejects.toThrow(
      `tensor "a": external data "w.bin" is missing. Put that file at ${at("w.bin")}`,
    );
  });

  it("that is too short is named with its tensor", async () => {
    await writeExternal("m.onnx", "w.bin");
    await truncate(at("w.bin"), 2000);
    const open = openModelFile(at("m.onnx"));
    await expect(open).rejects.toMatchObject({ code: "truncated-external-data" });
    await expect(open).rejects.toThrow(
      `tensor "b": external data "w.bin" should hold 1600 bytes at 1600, got 400.`,
    );
  });

  it.skipIf(process.platform === "win32")(
    "may be a link only into the folder the model is a link into",
    async () => {
      await mkdir(at("blobs"));
      await mkdir(at("snapshot"));
      await writeExternal("blobs/one", "w.bin");
      await rm(at("w.bin"));
      await writeFile(
        at("blobs/two"),
        Buffer.concat(externalizeWeights(MODEL, "w.bin").pieces as Uint8Array[]),
      );
      await symlink(at("blobs/one"), at("snapshot/m.onnx"));
      await symlink(at("blobs/two"), at("snapshot/w.bin"));
      const { model, folder, fileName, readExternal } = await openModelFile(at("snapshot/m.onnx"));
      expect([folder, fileName, externalTensors(model)[0]?.tensor.data.location]).toEqual([
        at("blobs"),
        "one",
        "two",
      ]);
      const loaded = await loadExternalTensors(model, readExternal);
      expect(tensorNumbers(loaded.graph.initializers.get("b")!)[399]).toBe(5);
      await rm(at("snapshot/m.onnx"));
      await writeFile(at("snapshot/m.onnx"), await readFile(at("blobs/one")));
      await expect(openModelFile(at("snapshot/m.onnx"))).rejects.toMatchObject({ code: "unsafe-location" });
    },
  );
});

describe("writing", () => {
  it("gives one file that ONNX Runtime runs", async () => {
    expect(await writeModelFile(at("out.onnx"), MODEL)).toEqual([at("out.onnx")]);
    expect(await run(at("out.onnx"))).toBe(11);
    expect(await readdir(folder)).toEqual(["out.onnx"]);
  });

  it("puts external data into the file where it fits", async () => {
    await writeExternal("m.onnx", "w.bin");
    const { model, readExternal } = await openModelFile(at("m.onnx"));
    await mkdir(at("elsewhere"));
    await writeModelFile(at("elsewhere/out.onnx"), model, { readExternal });
    expect(externalTensors(parseModel(await readFile(at("elsewhere/out.onnx"))))).toEqual([]);
    expect(await run(at("elsewhere/out.onnx"))).toBe(11);
  });

  it("moves weights beside the file where they do not fit, from external data too", async () => {
    expect(await writeModelFile(at("a.onnx"), MODEL, { maxBytes: 1000 })).toEqual([
      at("a.onnx"),
      at("a.onnx.data"),
    ]);
    expect(await run(at("a.onnx"))).toBe(11);
    const { model, readExternal } = await openModelFile(at("a.onnx"));
    await mkdir(at("elsewhere"));
    await writeModelFile(at("elsewhere/b.onnx"), model, { readExternal, maxBytes: 1000 });
    expect(await run(at("elsewhere/b.onnx"))).toBe(11);
    expect((await readdir(at("elsewhere"))).toSorted()).toEqual(["b.onnx", "b.onnx.data"]);
  });

  it("replaces the very files that are being read", async () => {
    await writeModelFile(at("a.onnx"), MODEL, { maxBytes: 1000 });
    const { model, readExternal } = await openModelFile(at("a.onnx"));
    await writeModelFile(at("a.onnx"), model, { readExternal, maxBytes: 1000 });
    expect(await run(at("a.onnx"))).toBe(11);
  });

  it("into a folder that is not there is the user's to know", async () => {
    const write = writeModelFile(at("none/out.onnx"), MODEL);
    await expect(write).rejects.toMatchObject({ code: "output-not-writable", userFault: true });
  });

  it("of external data without a way to read it leaves no file", async () => {
    await writeExternal("m.onnx", "w.bin");
    const { model } = await openModelFile(at("m.onnx"));
    await expect(writeModelFile(at("out.onnx"), model)).rejects.toMatchObject({ code: "internal" });
    expect((await readdir(folder)).toSorted()).toEqual(["m.onnx", "w.bin"]);
  });
});
