// What openModel finds beside a model file. Oracle: the files written here.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGraphText, serializeModel } from "@snellen/graph";
import { afterAll, expect, it } from "vitest";
import { openModel } from "./open-model.ts";

const root = await mkdtemp(join(tmpdir(), "snellen-open-model-"));
afterAll(() => rm(root, { recursive: true }));

const MODEL = serializeModel(
  parseGraphText(`g (float[N,3,8,8] x) => (float[N,3] y) { p = GlobalAveragePool (x) y = Flatten (p) }`),
);
const PROCESSOR = {
  do_normalize: true,
  image_mean: [0.1, 0.2, 0.3],
  image_std: [0.5, 0.5, 0.5],
  do_rescale: true,
};
const CONFIG = { id2label: { 0: "a", 1: "b", 2: "c" } };

async function folderWith(files: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(root, "case-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}

it("reads preprocessing and class names from the files beside the model", async () => {
  const folder = await folderWith({
    "m.onnx": MODEL,
    "preprocessor_config.json": PROCESSOR,
    "config.json": CONFIG,
  });
  await using model = await openModel(join(folder, "m.onnx"));
  expect(model.name).toBe("m.onnx");
  expect(model.info.preprocessing).toMatchObject({
    origin: "preprocessor_config.json",
    spec: { mean: [0.1, 0.2, 0.3] },
  });
  expect(model.info.labels).toEqual({ names: ["a", "b", "c"], origin: "config.json" });
});

it("looks above a folder `onnx`, as Hugging Face lays files out, and above no other", async () => {
  const files = { "onnx/m.onnx": MODEL, "other/m.onnx": MODEL, "config.json": CONFIG };
  const folder = await folderWith(files);
  await using below = await openModel(join(folder, "onnx", "m.onnx"));
  await using other = await openModel(join(folder, "other", "m.onnx"));
  expect([below.info.labels.origin, other.info.labels.origin]).toEqual(["config.json", "none"]);
});

it.skipIf(process.platform === "win32")(
  "of a link has its name, and finds configs beside it first, as in Hugging Face's cache",
  async () => {
    const folder = await folderWith({
      "blobs/0a1b": MODEL,
      "blobs/config.json": { id2label: { 0: "x", 1: "y", 2: "z" } },
      "snapshot/onnx/other.txt": {},
      "snapshot/preprocessor_config.json": PROCESSOR,
    });
    const link = join(folder, "snapshot", "onnx", "m.onnx");
    await symlink("../../blobs/0a1b", link);
    await using model = await openModel(link);
    expect(model.name).toBe("m.onnx");
    expect(model.info.preprocessing).toMatchObject({ isAssumed: false, spec: { mean: [0.1, 0.2, 0.3] } });
    expect(model.info.labels.names).toEqual(["x", "y", "z"]);
    await writeFile(join(folder, "snapshot", "config.json"), JSON.stringify(CONFIG));
    await using again = await openModel(link);
    expect(again.info.labels.names).toEqual(["a", "b", "c"]);
  },
);

it("does not fail for a config of another kind, and names one that is no JSON", async () => {
  const foreign = await folderWith({ "m.onnx": MODEL, "config.json": { compilerOptions: {} } });
  await using model = await openModel(join(foreign, "m.onnx"));
  expect(model.info.labels.origin).toBe("none");
  const broken = await folderWith({ "m.onnx": MODEL, "config.json": new TextEncoder().encode("{") });
  await expect(openModel(join(broken, "m.onnx"))).rejects.toMatchObject({
    code: "bad-json",
    where: "config.json",
  });
});

it("takes a file of class names", async () => {
  const folder = await folderWith({ "m.onnx": MODEL, "names.txt": new TextEncoder().encode("x\ny\nz\n") });
  await using model = await openModel(join(folder, "m.onnx"), { labelsFile: join(folder, "names.txt") });
  expect(model.info.labels.names).toEqual(["x", "y", "z"]);
  const missing = openModel(join(folder, "m.onnx"), { labelsFile: join(folder, "no.txt") });
  await expect(missing).rejects.toMatchObject({ code: "unreadable-file" });
});
