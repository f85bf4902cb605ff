// snellen network from the command line. Oracles: what the file says when it is opened, and that a seed means the same bytes.
import { readFile, writeFile } from "node:fs/promises";
import { networks } from "snellen";
import { openModelFile } from "snellen/node";
import { expect, it } from "vitest";
import { failure, snellen, temporaryFolder } from "../test-support/command-line.ts";

const at = await temporaryFolder();
const SMALL = ["--set", "blocks=1", "--set", "widths=4"];

it("writes a network with its classes and its size", async () => {
  await writeFile(at("names.txt"), "ant\nbee\ncow\n");
  const path = at("net.onnx");
  const flags = ["--labels", at("names.txt"), "--size", "16x24", "--channels-in", "1", ...SMALL, "--json"];
  const { code, stdout, stderr } = await snellen("network", "resnet", "-o", path, ...flags);
  expect([code, stderr]).toEqual([0, ""]);
  // 36 + 8 of the first layer, twice 144 + 8 of the block, 15 of the head
  expect(JSON.parse(stdout)).toMatchObject({ files: [path], network: "resnet", seed: 0, parameters: 363 });
  const inspected = JSON.parse((await snellen("inspect", path, "--json")).stdout);
  expect(inspected).toMatchObject({
    logits: { classes: 3 },
    input: { size: [16, 24], channels: 1 },
    labels: { names: ["ant", "bee", "cow"] },
    preprocessing: { channels: "gray", range: "0..1", mean: [0.5], std: [0.5] },
  });
});

it("draws the same weights from the same seed, others from another", async () => {
  const bytesOf = async (name: string, seed: string) => {
    const { code } = await snellen("network", "resnet", "-o", at(name), "--seed", seed, ...SMALL, "--quiet");
    expect(code).toBe(0);
    return (await readFile(at(name))).toString("base64");
  };
  const [a, b, c] = [
    await bytesOf("a.onnx", "1"),
    await bytesOf("b.onnx", "1"),
    await bytesOf("c.onnx", "2"),
  ];
  expect(b).toBe(a);
  expect(c).not.toBe(a);
  const { model } = await openModelFile(at("a.onnx"));
  expect(model.graph.outputs).toMatchObject([{ name: "logits", dims: ["batch", 10] }]);
});

it("lists networks and their options", async () => {
  const { stdout } = await snellen("network");
  const listed = JSON.parse((await snellen("network", "--json")).stdout);
  expect(listed.networks.map(({ id }: { id: string }) => id)).toEqual(networks.map(({ id }) => id));
  for (const { id, options } of [...listed.networks, { id: "all", options: listed.common }]) {
    expect(stdout).toContain(id);
    for (const { name } of options) expect(stdout).toContain(` ${name} `);
  }
  expect(listed.networks[0].options[0]).toMatchObject({ name: "widths", default: [256, 256] });
});

it.each([
  [["resnte"], "unknown-network"],
  [["resnet"], "missing-flag"],
  [["resnet", "-o", at("x"), "--set", "depth=3"], "unknown-network-option"],
  [["resnet", "-o", at("x"), "--set", "blocks"], "bad-set"],
  [["resnet", "-o", at("x"), "--size", "8", "--set", "size=16"], "bad-set"],
  [["resnet", "-o", at("x"), "--labels", at("none.txt")], "unreadable-file"],
  [["resnet", "-o", at("x"), "--labels", at("none.txt"), "--classes", "3"], "bad-set"],
  [["resnet", "-o", at("x"), "--channels-in", "2"], "bad-network-option"],
  [["resnet", "-o", at("x"), "--set", "normalization=gn", "--set", "groups=5"], "groups-do-not-divide"],
  [["vit", "-o", at("x"), "--set", "heads=5"], "bad-network-option"],
  [["vit", "-o", at("x"), "--size", "30"], "bad-network-option"],
  [["vit", "-o", at("no", "such", "folder", "x")], "output-not-writable"],
])("refuses %j with %s", async (args, code) => {
  expect(await failure("network", ...args)).toMatchObject({ code, exitCode: 2 });
});
