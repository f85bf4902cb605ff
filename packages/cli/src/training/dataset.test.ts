// snellen dataset from the command line. Oracle: the annotations, and that a seed means the same pixels.
import { readdir, readFile } from "node:fs/promises";
import { decodeImage } from "snellen/node";
import { expect, it } from "vitest";
import { failure, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
const makeSet = (set: string, out: string, ...flags: string[]) =>
  snellen("dataset", set, "--out", at(out), "--count", "4", "--json", ...flags);
const make = (out: string, ...flags: string[]) => makeSet("optotypes", out, ...flags);

it.each(["optotypes", "micro-objects"])(
  "writes images of %s in class folders, masks of their size and annotations of all of them",
  async (set) => {
    const { code, stdout } = await makeSet(set, set, "--size", "72", "--seed", "7");
    expect([code, JSON.parse(stdout)]).toEqual([0, { out: at(set), count: 4, size: 72, seed: 7 }]);
    const { labels, images } = JSON.parse(await readFile(at(set, "annotations.json"), "utf8"));
    expect(images).toHaveLength(4);
    for (const { file, class: name, classIndex, mask, box } of images) {
      expect(file.split("/").at(-2)).toBe(name);
      expect(labels[classIndex]).toBe(name);
      for (const path of [file, mask])
        expect(await decodeImage(at(set, path), path)).toMatchObject({ width: 72, height: 72 });
      const masked = (await decodeImage(at(set, mask), mask)).data;
      const covered = [...Array(72 * 72).keys()].filter((p) => masked[3 * p] !== 0);
      const [columns, rows] = [covered.map((p) => p % 72), covered.map((p) => Math.floor(p / 72))];
      const [x, y, right, bottom] = [
        Math.min(...columns),
        Math.min(...rows),
        Math.max(...columns) + 1,
        Math.max(...rows) + 1,
      ];
      expect(box).toEqual([x, y, right - x, bottom - y]);
    }
  },
);

it("knows its sets by name", async () => {
  expect(await failure("dataset", "micro", "--out", at("x"))).toMatchObject({
    code: "unknown-dataset",
    exitCode: 2,
    hint: expect.stringContaining('"micro-objects"'),
  });
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
