// Oracle: names and shapes as they were written into the files.
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTensor } from "@snellen/graph";
import { afterAll, expect, it } from "vitest";
import { writeSafetensors } from "./safetensors.ts";
import { readTrainingParameters } from "./training-parameters.ts";

const folder = await mkdtemp(join(tmpdir(), "snellen-parameters-"));
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

it("takes a JSON list in the code's order, and a safetensors file in any", async () => {
  const shapes = { "z.weight": [4], "a.weight": [2, 2] };
  await writeFile(at("names.json"), JSON.stringify(shapes));
  const tensors = Object.entries(shapes).map(
    ([name, dims]) => [name, makeTensor("float32", dims, [1, 2, 3, 4])] as const,
  );
  await writeSafetensors(at("net.SafeTensors"), new Map(tensors));
  for (const [file, isOrdered] of [
    ["names.json", true],
    ["net.SafeTensors", false],
  ] as const) {
    const found = await readTrainingParameters(at(file));
    expect(found.isOrdered).toBe(isOrdered);
    expect(Object.fromEntries(found.parameters.map(({ name, shape }) => [name, shape]))).toEqual(shapes);
  }
});

it("says what is wrong with a file, and which", async () => {
  await mkdir(at("folder"));
  await writeFile(at("weights.pth"), "");
  await truncate(at("weights.pth"), 2 ** 33); // larger than any list: it is not read
  for (const [name, code] of [
    ["no.json", "unreadable-file"],
    ["folder", "unreadable-file"],
    ["weights.pth", "bad-parameter-list"],
  ] as const)
    await expect(readTrainingParameters(at(name))).rejects.toMatchObject({ code, where: at(name) });
});
