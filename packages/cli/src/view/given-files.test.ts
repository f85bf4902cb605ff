// Which files the app gets of a model. Oracle: the files written here, as a model in one folder without links would name them.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { externalizeWeights, modelChunks } from "@snellen/graph";
import { writeFileAtomic } from "snellen/node";
import { expect, it } from "vitest";
import { temporaryFolder, textModel } from "../test-support/command-line.ts";
import { givenFiles } from "./given-files.ts";

const at = await temporaryFolder();

const LINEAR =
  "g (float[N,3,16,16] x, float[3,400] w) => (float[N,400] y) { p = GlobalAveragePool (x) f = Flatten (p) y = Gemm (f, w) }";

it.skipIf(process.platform === "win32")(
  "of a link and its data come under the names by which they were given, with the configs of both folders",
  async () => {
    for (const folder of ["blobs", "snapshot"]) await mkdir(at(folder));
    const { model, pieces } = externalizeWeights(textModel(LINEAR), "m.onnx.data");
    await writeFileAtomic(at("blobs", "one"), modelChunks(model));
    await writeFile(at("blobs", "two"), Buffer.concat(pieces as Uint8Array[]));
    await symlink(at("blobs", "one"), at("snapshot", "m.onnx"));
    await symlink(at("blobs", "two"), at("snapshot", "m.onnx.data"));
    await writeFile(at("snapshot", "config.json"), "{}");
    for (const name of ["config.json", "preprocessor_config.json"]) await writeFile(at("blobs", name), "{}");
    expect(Object.fromEntries(await givenFiles(at("snapshot", "m.onnx"), []))).toEqual({
      "m.onnx": at("blobs", "one"),
      "m.onnx.data": at("blobs", "two"),
      "config.json": at("snapshot", "config.json"),
      "preprocessor_config.json": at("blobs", "preprocessor_config.json"),
    });
  },
);
