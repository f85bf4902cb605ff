// snellen gammas by its contract. Oracles: categories read off the texts by hand (arXiv:2205.07260's guidelines), invariance to the
// scale of what a normalization follows, and a γ that cannot reach the scores. What the Python code does to networks is checked by
// tools/reference/check_param_groups.py.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { writeSafetensors } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";
import type { GammasFile } from "./write-gammas.ts";

const at = await temporaryFolder();

const norm = (name: string, shared = name): string =>
  `BatchNormalization (@, "${shared}.weight", "${name}.bias", mean, variance)`;

/** A stem, a residual block of two convolutions, and a last normalization before the head. */
const residual = ({ bn1 = norm("block.bn1"), values = "", head = "" } = {}): string =>
  `<ir_version: 10, opset_import: ["": 18]>
   g (float[N,3,16,16] image, float[8,3,3,3] "stem.weight", float[8,8,3,3] "block.conv1.weight", float[8,8,3,3] "block.conv2.weight",
      ${["bn0", "block.bn1", "block.bn2", "norm"]
        .flatMap((name) => ["weight", "bias"].map((leaf) => `${name}.${leaf}`))
        .filter((name) => !values.includes(name))
        .map((name) => `float[8] "${name}"`)}
      ${head === "" ? ", float[32,5] wy" : ""}) => (float[N,5] y)
   <float[8] mean = {0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1}, float[8] variance = {2,2,2,2,2,2,2,2}${values}${head}>
   { a = Conv <pads=[1,1,1,1]> (image, "stem.weight") b = ${norm("bn0").replace("@", "a")} c = Relu (b)
     d = Conv <pads=[1,1,1,1]> (c, "block.conv1.weight") e = ${bn1.replace("@", "d")} f = Relu (e)
     i = Conv <pads=[1,1,1,1]> (f, "block.conv2.weight") j = ${norm("block.bn2").replace("@", "i")}
     k = Add (j, c) l = ${norm("norm").replace("@", "k")} m = Relu (l) p = AveragePool <kernel_shape=[8,8], strides=[8,8]> (m) r = Flatten (p) y = Gemm (r, wy) }`;

const PLAN = [
  ["bn0.weight", "shortcut", false],
  ["block.bn1.weight", "scale-invariant", true],
  ["block.bn2.weight", "branch-last", true],
  ["norm.weight", "terminal", false],
];

/** The head hears only channels to which the branch adds nothing: there the last normalization follows the stem alone. */
const DEAF = residual({
  values: `, float[8] "block.bn2.weight" = {0,0,0,0,1,1,1,1}, float[8] "block.bn2.bias" = {0,0,0,0,0,0,0,0}`,
  head: `, float[32,5] wy = {${Array.from({ length: 160 }, (_, i) => (i < 80 ? Math.sin(i) : 0).toFixed(3))}}`,
});

/** Names that say nothing of modules. */
const NAMELESS = residual().replaceAll(/"([\w.]+)\.weight"/g, (_, module: string) =>
  module.replaceAll(".", "_"),
);

beforeAll(async () => {
  await modelFile(at("net.onnx"), residual());
  await modelFile(at("deaf.onnx"), DEAF);
  await modelFile(at("nameless.onnx"), NAMELESS);
  await modelFile(at("shared.onnx"), residual({ bn1: norm("block.bn1", "bn0") }));
  await modelFile(at("ones.onnx"), residual({ values: `, float[8] "block.bn2.weight" = {1,1,1,1,1,1,1,1}` }));
  await modelFile(
    at("none.onnx"),
    `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8] b, float[8,5] wy) => (float[N,5] y)
     { c = Conv (x, w, b) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  await modelFile(
    at("folded.onnx"),
    `g (float[N,3,16,16] x, float[8,3,3,3] "onnx::Conv_7", float[8] "onnx::Conv_8", float[8,5] wy) => (float[N,5] y)
     { c = Conv (x, "onnx::Conv_7", "onnx::Conv_8") f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  for (const name of ["a", "b", "c", "d"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
});

const plan = async (...args: string[]): Promise<GammasFile> => {
  const { code, stdout } = await snellen("gammas", "--json", "--quiet", ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

const summary = ({ gammas }: GammasFile) =>
  gammas.map(({ parameter, category, decay }) => [parameter, category, decay]);

describe("snellen gammas", () => {
  it("plans by rules and measures what they say", async () => {
    const found = await plan(at("net.onnx"), "--images", at("photos"));
    expect(summary(found)).toEqual(PLAN);
    expect(found).toMatchObject({
      version: 1,
      model: "net.onnx",
      inputs: { kind: "images", count: 4 },
      skipped: [],
    });
    const evidence = (i: number) => found.gammas[i]?.evidence;
    expect(evidence(1)?.scaleChange).toBeLessThan(1e-3); // a batch normalization follows: only its epsilon tells
    for (const i of [0, 2, 3]) expect(evidence(i)?.scaleChange).toBeGreaterThan(0.05);
    expect(found.gammas.every(({ evidence }) => evidence?.agrees)).toBe(true);
    expect(found.blocks).toHaveLength(1);
    const { varianceRatio, low, high } = found.blocks[0] ?? {};
    expect(varianceRatio).toBeGreaterThanOrEqual(low as number);
    expect(varianceRatio).toBeLessThanOrEqual(high as number);
    expect(low).toBeLessThan(high as number);
  });

  it("plans the same without images, and says that nothing was measured", async () => {
    const found = await plan(at("net.onnx"));
    expect(summary(found)).toEqual(PLAN);
    expect(found.inputs).toBeNull();
    expect(found.gammas.map(({ evidence }) => evidence)).toEqual([null, null, null, null]);
    expect(found.notes.join()).toContain("rules stand alone without --images");
    const { stdout } = await snellen("gammas", at("net.onnx"), "--quiet");
    expect(stdout).toContain("Weight decay for 2 of 4 γ, by rules alone.");
    expect(stdout).not.toContain("scores move");
  });

  it("writes a table, CSV, code and a plot", async () => {
    const flags = [at("net.onnx"), "--images", at("photos"), "--quiet"];
    const { stdout } = await snellen("gammas", ...flags, "--out", at("out"));
    expect(stdout).toMatch(/│ block\.bn2\.weight │ branch-last +│ yes +│ \d.* % +│ agrees │/);
    expect(stdout).toMatch(/│ 1 +│ \S+ +│ identity │ \d/);
    const written = ["gammas.csv", "gammas.json", "gammas.py", "variance-ratios.svg"];
    expect((await readdir(at("out"))).sort()).toEqual(written);
    const json: GammasFile = JSON.parse(await readFile(at("out", "gammas.json"), "utf8"));
    expect(summary(json)).toEqual(PLAN);
    expect(Object.values(json.files).sort()).toEqual(written.filter((name) => name !== "gammas.json"));
    for (const [format, file] of [
      ["csv", "gammas.csv"],
      ["pytorch", "gammas.py"],
    ] as const) {
      const printed = await snellen("gammas", ...flags, "--format", format);
      expect(printed.stdout.trimEnd()).toBe((await readFile(at("out", file), "utf8")).trimEnd());
    }
    const printed = await snellen("gammas", ...flags, "--format", "json");
    expect(summary(JSON.parse(printed.stdout))).toEqual(PLAN);
    const rows = (await readFile(at("out", "gammas.csv"), "utf8")).trimEnd().split("\n");
    expect(rows).toHaveLength(5);
    expect(rows[1]).toMatch(/^bn0\.weight,name,certain,.*,batch,8,shortcut,false,rule,/);
  });

  it.each([
    ["pytorch", "def param_groups(model, weight_decay=1e-4,"],
    ["timm", "def param_group_fn(model,"],
  ])("writes code for %s with every γ as planned", async (format, entry) => {
    const { stdout } = await snellen("gammas", at("net.onnx"), "--quiet", "--format", format);
    const rows = [...stdout.matchAll(/^ {4}("[^"]+"): (True|False), {2}# ([\w-]+)/gm)];
    expect(
      rows.map(([, name = "", decay, category]) => [JSON.parse(name), category, decay === "True"]),
    ).toEqual(PLAN);
    expect(stdout).toContain(entry);
  });

  it("says at the end what the measurement contradicts", async () => {
    const found = await plan(at("deaf.onnx"), "--images", at("photos"));
    const [, , last] = found.gammas;
    expect(last).toMatchObject({
      category: "branch-last",
      decay: true,
      evidence: { agrees: false, scaleChange: 0 },
    });
    expect(found.notes.join()).toContain("2 γ whose rule the measurement contradicts");
    const { stdout } = await snellen("gammas", at("deaf.onnx"), "--images", at("photos"), "--quiet");
    expect(stdout).toMatch(
      /Contradicted .*\n {2}bn0\.weight: .*\n {2}block\.bn2\.weight: branch-last, but doubling it moves the scores by 0 %/,
    );
    expect(stdout).toMatch(/│ contradicted │/);
  });

  it("plans a γ that two places share once, and notes one that is all 1", async () => {
    const shared = await plan(at("shared.onnx"));
    expect(summary(shared)).toEqual([PLAN[0], PLAN[2], PLAN[3]]);
    expect(shared.gammas[0]?.sharedBy).toHaveLength(2);
    const ones = await plan(at("ones.onnx"));
    expect(ones.gammas.map((gamma) => gamma.ones)).toEqual([false, false, true, false]);
    expect(ones.notes.join()).toMatch(/1 γ all 1: frozen/);
  });

  it("leaves with 3 where an image could not be read", async () => {
    await writeFile(at("bad.png"), "no picture");
    const { code, stdout } = await snellen(
      "gammas",
      at("net.onnx"),
      "--images",
      at("photos"),
      at("bad.png"),
      "--json",
    );
    expect([code, JSON.parse(stdout).skipped.length]).toEqual([3, 1]);
  });
});

describe("snellen gammas --parameters", () => {
  const NAMES = ["bn0.weight", "block.bn1.weight", "block.bn2.weight", "norm.weight"];

  it("names γ by a list in the code's order", async () => {
    const list = NAMES.map((name) => ({ name: `net.${name}`, shape: [8] }));
    await writeFile(
      at("names.json"),
      JSON.stringify([{ name: "net.stem.weight", shape: [8, 3, 3, 3] }, ...list]),
    );
    const found = await plan(at("nameless.onnx"), "--parameters", at("names.json"));
    expect(found.gammas.map(({ parameter }) => parameter)).toEqual(NAMES.map((name) => `net.${name}`));
    expect(summary(found).map(([, ...rest]) => rest)).toEqual(PLAN.map(([, ...rest]) => rest));
  });

  it("names γ by their values in a safetensors file, in whatever order it has them", async () => {
    const { initializers } = textModel(NAMELESS).graph;
    const tensor = (name: string) =>
      initializers.get(name) as NonNullable<ReturnType<typeof initializers.get>>;
    const own = ["norm", "block_bn1", "block_bn2", "bn0", "stem"];
    await writeSafetensors(
      at("net.safetensors"),
      new Map(own.map((name, i) => [`p${i}.weight`, tensor(name)])),
    );
    const found = await plan(at("nameless.onnx"), "--parameters", at("net.safetensors"));
    expect(found.gammas.map(({ parameter, named }) => [parameter, named])).toEqual(
      [3, 1, 2, 0].map((i) => [`p${i}.weight`, { source: "values", sure: "certain" }]),
    );
  });

  it("says where a name is a guess, and keeps it out of the code", async () => {
    const { stdout } = await snellen("gammas", at("nameless.onnx"), "--quiet");
    expect(stdout.match(/\(a guess\)/g)).toHaveLength(4);
    const code = await snellen("gammas", at("nameless.onnx"), "--quiet", "--format", "pytorch");
    expect(code.stdout).toMatch(/^GAMMAS = \{\n( {4}# "\w+": .*put in the parameter's name\n){4}\}$/m);
  });

  it("says which γ the list lacks", async () => {
    await writeFile(
      at("some.json"),
      JSON.stringify({ "bn0.weight": [8], "block.bn1.weight": [8], "fc.weight": [5, 8] }),
    );
    const found = await plan(at("net.onnx"), "--parameters", at("some.json"));
    expect(summary(found)).toEqual(PLAN);
    expect(found.notes).toContainEqual(
      "2 of 4 γ are not in --parameters: block.bn2.weight [8], norm.weight [8].",
    );
  });

  it.each([
    ["no.json", undefined, "unreadable-file"],
    ["no.safetensors", undefined, "unreadable-file"],
    ["text.json", "conv1.weight", "bad-parameter-list"],
    ["weights.pth", "PK\u0003\u0004", "bad-parameter-list"],
    ["short.safetensors", "{}", "bad-safetensors"],
    ["other.json", '{"layer.weight": [64]}', "other-parameters"],
  ])("refuses %s", async (name, content, code) => {
    if (content !== undefined) await writeFile(at(name), content);
    const error = await failure("gammas", at("net.onnx"), "--parameters", at(name));
    expect(error).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(at(name)) });
  });
});

describe("snellen gammas where there is nothing", () => {
  it.each([
    ["none.onnx", "There is no γ in this graph."],
    ["folded.onnx", "do_constant_folding=False"],
  ])("%s: says so, and gives no code", async (name, text) => {
    const table = await snellen("gammas", at(name), "--quiet", "--out", at(`out-${name}`));
    expect([table.code, table.stdout]).toEqual([0, expect.stringMatching(/^Nothing to plan: /)]);
    expect(table.stdout).toContain(text);
    expect((await readdir(at(`out-${name}`))).sort()).toEqual(["gammas.csv", "gammas.json"]);
    expect((await plan(at(name))).gammas).toEqual([]);
    for (const format of ["pytorch", "timm"])
      expect(await failure("gammas", at(name), "--format", format)).toMatchObject({
        code: "no-gamma",
        exitCode: 2,
        message: expect.stringContaining(text),
      });
  });

  it("refuses a format that there is not", async () => {
    expect(await failure("gammas", at("net.onnx"), "--format", "keras")).toMatchObject({
      code: "bad-format",
    });
  });
});
