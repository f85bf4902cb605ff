// snellen dataset from the command line. Oracle: the annotations, and that a seed means the same pixels.
import { readdir, readFile } from "node:fs/promises";
import { decodeImage } from "snellen/node";
import { expect, it } from "vitest";
import { failure, snellen, temporaryFolder } from "./test-support/command-line.ts";

const at = await temporaryFolder();
const make = (out: string, ...flags: string[]) =>
  snellen("dataset", "optotypes", "--out", at(out), "--count", "4", "--json", ...flags);

it("writes images in class folders, masks of their size and annotations of all of them", async () => {
  const { code, stdout } = await make("made", "--size", "72", "--seed", "7");
  expect([code, JSON.parse(stdout)]).toEqual([0, { out: at("made"), count: 4, size: 72, seed: 7 }]);
  const { images } = JSON.parse(await readFile(at("made", "annotations.json"), "utf8"));
  expect(images).toHaveLength(4);
  for (const { file, class: name, mask, box } of images) {
    expect(file.split("/").at(-2)).toBe(name);
    for (const path of [file, mask])
      expect(await decodeImage(at("made", path), path)).toMatchObject({ width: 72, height: 72 });
    expect(box).toHaveLength(4);
  }
});

it("makes the same images from the same seed, others from another", async () => {
  const bytesOf = async (out: string, ...flags: string[]) => {
    expect((await make(out, ...flags)).code).toBe(0);
    const files = (await readdir(at(out), { recursive: true }))
      .filter((name) => name.endsWith(".png"))
      .sort();
    return Promise.all(files.map(async (name) => [name, (await readFile(at(out, name))).toString("base64")]));
  };
  const [a, b, c] = [
    await bytesOf("a"),
    await bytesOf("b", "--seed", "0"),
    await bytesOf("c", "--seed", "-1"),
  ];
  expect(b).toEqual(a);
  expect(c).not.toEqual(a);
});

it.each([
  [["--count", "0"], "bad-count"],
  [["--seed", "1.5"], "bad-seed"],
  [["--size", "many"], "bad-size"],
])("refuses %j with %s", async (flags, code) => {
  expect(await failure("dataset", "optotypes", "--out", at("x"), ...flags)).toMatchObject({
    code,
    exitCode: 2,
  });
});
