// snellen groups and snellen fix groups by their contract. Oracles: sizes and groups as the texts have them, and ONNX Runtime's
// own GroupNormalization for what fix groups writes.
import { readdir, readFile } from "node:fs/promises";
import { parseModel } from "@snellen/graph";
import { beforeAll, describe, expect, it } from "vitest";
import type { GroupsReport } from "../mend/fix-groups.ts";
import {
  failure,
  modelFile,
  pictureFile,
  scores,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";
import type { GroupsFile } from "./write-groups.ts";

const at = await temporaryFolder();

const net = (norm: string, { channels = 12, opset = 21 } = {}): string =>
  `<ir_version: 10, opset_import: ["": ${opset}]>
   g (float[N,3,16,16] image, float[${channels},3,3,3] "stem.weight", float[${channels},${channels},3,3] "conv.weight",
      float[${channels}] "norm1.weight", float[${channels}] "norm1.bias", float[${channels}] "norm2.weight",
      float[${channels}] "norm2.bias", float[${channels},5] wy) => (float[N,5] y) <float[12] mean = {${new Array(12).fill(0.1)}}, float[12] variance = {${new Array(12).fill(2)}}>
   { a = Conv <pads=[1,1,1,1]> (image, "stem.weight") b = ${norm.replaceAll("#", "1").replace("@", "a")} c = Relu (b)
     d = Conv <pads=[1,1,1,1]> (c, "conv.weight") e = ${norm.replaceAll("#", "2").replace("@", "d")} f = Relu (e)
     p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

const GROUP = `GroupNormalization <num_groups = 4> (@, "norm#.weight", "norm#.bias")`;
const BATCH = `BatchNormalization (@, "norm#.weight", "norm#.bias", mean, variance)`;

beforeAll(async () => {
  await modelFile(at("group.onnx"), net(GROUP));
  await modelFile(at("prime.onnx"), net(GROUP.replace("4", "1"), { channels: 11 }));
  await modelFile(at("odd.onnx"), net(GROUP).replaceAll("Relu", "Softsign"));
  await modelFile(at("batch.onnx"), net(BATCH, { opset: 18 }));
  await modelFile(
    at("none.onnx"),
    `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8] b, float[8,5] wy) => (float[N,5] y)
     { c = Conv (x, w, b) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  await modelFile(
    at("folded.onnx"),
    `g (float[N,3,16,16] x, float[8,3,3,3] "onnx::Conv_20", float[8] "onnx::Conv_21", float[8,5] wy) => (float[N,5] y)
     { c = Conv (x, "onnx::Conv_20", "onnx::Conv_21") f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  await modelFile(
    at("single.onnx"),
    `<ir_version: 10, opset_import: ["": 21]>
     g (float[N,3,16,16] x, float[8,3,3,3] w, float[8] gamma, float[8] beta, float[8,5] wy) => (float[N,5] y)
     { c = Conv (x, w) n = GroupNormalization <num_groups = 2> (c, gamma, beta) p = GlobalMaxPool (n) r = Flatten (p) y = Gemm (r, wy) }`,
  );
  for (const name of ["a", "b", "c"]) await pictureFile(at("photos", `${name}.png`), name.charCodeAt(0));
});

const advice = async (...args: string[]): Promise<GroupsFile> => {
  const { code, stdout } = await snellen("groups", "--json", "--quiet", ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

describe("snellen groups", () => {
  it("measures every divisor beside the closed form", async () => {
    const found = await advice(at("group.onnx"), "--images", at("photos"));
    expect(found).toMatchObject({ version: 1, convention: "norm", inputs: { kind: "images", count: 3 } });
    expect(
      found.layers.map(({ module, kind, channels, groups }) => [module, kind, channels, groups]),
    ).toEqual([
      ["norm1", "group", 12, 4],
      ["norm2", "group", 12, 4],
    ]);
    for (const { gains, ideal, advised, gainNow, gainThen, notes } of found.layers) {
      const isFar = Math.abs(Math.log2(gainThen ?? 0)) > 1;
      expect(notes.some((note) => note.includes("least bad"))).toBe(isFar);
      expect(gains.map(({ groups }) => groups)).toEqual([1, 2, 3, 4, 6, 12]);
      expect(ideal.measured).toBe(advised);
      expect(gains.find(({ groups }) => groups === advised)?.measured).toBe(gainThen);
      expect(gains.find(({ groups }) => groups === 4)?.measured).toBe(gainNow);
      const distance = (gain: number | null) => Math.abs(Math.log(gain ?? 0));
      for (const { measured } of gains) expect(distance(gainThen)).toBeLessThan(distance(measured) + 0.011);
    }
    expect(found.profile.curves.map(({ name, lengths }) => [name, lengths.length])).toEqual(
      ["as it is", "advised", "G = 32", "G = 1", "G = C"].map((name) => [name, 2]),
    );
  });

  it("is the same again, and without images on Gaussian pictures", async () => {
    const [first, again] = [
      await advice(at("group.onnx"), "--n", "2"),
      await advice(at("group.onnx"), "--n", "2"),
    ];
    expect(first).toEqual(again);
    expect(first.inputs).toEqual({ kind: "gaussian", count: 2 });
  });

  it("differs by the ratio of sizes between conventions", async () => {
    const [norm, variance] = [
      await advice(at("group.onnx"), "--n", "2"),
      await advice(at("group.onnx"), "--n", "2", "--convention", "variance"),
    ];
    expect(variance.layers[0]?.block.sizeRatio).toBe(4); // 12 channels of 3
    expect(variance.layers[0]?.gainNow).toBeCloseTo(4 * (norm.layers[0]?.gainNow ?? 0), 6);
  });

  it("writes a table, CSV, code and a plot", async () => {
    const { stdout } = await snellen("groups", at("group.onnx"), "--n", "2", "--quiet", "--out", at("out"));
    expect(stdout).toMatch(/norm1 +│ group │ 12 │ 4 /);
    expect((await readdir(at("out"))).sort()).toEqual([
      "groups.csv",
      "groups.json",
      "groups.py",
      "profile.svg",
    ]);
    const csv = await snellen("groups", at("group.onnx"), "--n", "2", "--quiet", "--format", "csv");
    expect(csv.stdout.trimEnd()).toBe((await readFile(at("out", "groups.csv"), "utf8")).trimEnd());
    expect(csv.stdout.trimEnd().split("\n")).toHaveLength(1 + 2 * 6);
    const python = await snellen("groups", at("group.onnx"), "--n", "2", "--quiet", "--format", "pytorch");
    expect(python.stdout).toMatch(/^ {4}"norm1": \d+, {2}# of 12 channels; 4 before$/m);
  });

  it("advises for batch normalization when asked, else says that it is there", async () => {
    const left = await advice(at("batch.onnx"), "--n", "2");
    expect([left.layers, left.notes]).toEqual([
      [],
      [
        "There is no normalization with groups to choose.",
        "Left as they are: 2 batch normalizations; --convert-batchnorm advises for them too.",
      ],
    ]);
    const converted = await advice(at("batch.onnx"), "--n", "2", "--convert-batchnorm");
    expect(converted.layers.map(({ kind, groups }) => [kind, groups])).toEqual([
      ["batch", null],
      ["batch", null],
    ]);
    expect(converted.layers.every(({ ideal }) => ideal.measured !== null)).toBe(true);
  });

  it("says where there is nothing, only two choices, or no formula", async () => {
    const none = await snellen("groups", at("none.onnx"), "--n", "2");
    expect([none.code, none.stdout, none.stderr]).toEqual([
      0,
      expect.stringMatching(/^Nothing to advise/),
      "",
    ]);
    const csv = await snellen("groups", at("none.onnx"), "--n", "2", "--format", "csv");
    expect(csv.stderr).toContain("There is no normalization with groups to choose.");
    const folded = await snellen("groups", at("folded.onnx"), "--n", "2");
    expect(folded.stdout).toMatch(/1 of 1 convolutions .* do_constant_folding=False, .*--convert-batchnorm/);
    const prime = await advice(at("prime.onnx"), "--n", "2");
    expect(prime.layers[0]?.gains.map(({ groups }) => groups)).toEqual([1, 11]);
    expect(prime.layers[0]?.notes.join()).toContain("11 channels are a prime number");
    const odd = await advice(at("odd.onnx"), "--n", "2");
    expect(
      odd.layers[0]?.gains.every(({ closedForm, measured }) => closedForm === null && measured !== null),
    ).toBe(true);
    expect(odd.layers[0]?.notes.join()).toContain("does not know the activation Softsign");
  });

  it("asks the closed form alone without a model", async () => {
    const { stdout } = await snellen("groups", "--channels", "64", "--kernel", "3", "--json");
    const { groups, gains } = JSON.parse(stdout);
    expect([groups, gains.length]).toEqual([1, 7]);
    const csv = await snellen("groups", "--channels", "64", "--kernel", "3", "--format", "csv");
    expect(csv.stdout).toMatch(/^groups,gain,isValid,reason\n1,[\d.]+,true,\n/);
    expect(await failure("groups", "--kernel", "3")).toMatchObject({ code: "missing-model" });
    expect(await failure("groups", "--channels", "RGB")).toMatchObject({ code: "bad-channels" });
    expect(await failure("groups", "--channels", "64", "--activation", "gelo")).toMatchObject({
      code: "unknown-activation",
      message: expect.stringContaining('Did you mean "gelu"'),
    });
  });
});

describe("snellen fix groups", () => {
  it.each([
    ["group.onnx", []],
    ["batch.onnx", ["--convert-batchnorm"]],
  ])("writes %s with the advised groups, as ONNX Runtime's own operator has them", async (name, flags) => {
    const out = at(`fixed-${name}`);
    const { code, stdout, stderr } = await snellen(
      ...[
        "fix",
        "groups",
        at(name),
        "-o",
        out,
        "--n",
        "2",
        "--snippet",
        "pytorch",
        "--json",
        "--quiet",
        ...flags,
      ],
    );
    expect([code, stderr]).toEqual([0, ""]);
    const report: GroupsReport = JSON.parse(stdout);
    expect(report.changes.length).toBeGreaterThan(0);
    expect(report.outputDifference).toBeGreaterThan(0);
    for (const { gain } of report.changes) expect(gain.after).toBeGreaterThan(0);
    const groups = ["1", "2"].map(
      (n) => report.changes.find(({ module }) => module === `norm${n}`)?.groups.after ?? 4,
    );
    let layer = 0;
    const wanted = net(GROUP).replaceAll("num_groups = 4", () => `num_groups = ${groups[layer++]}`);
    const expected = await scores(await modelFile(at("wanted.onnx"), wanted));
    const found = await scores(out);
    expect(Math.max(...found.map((v, i) => Math.abs(v - (expected[i] as number))))).toBeLessThan(1e-4);
    expect(await readFile(out.replace(".onnx", ".py"), "utf8")).toContain("def set_groups(model)");
  });

  it("keeps names and weights", async () => {
    const graph = async (path: string) => parseModel(await readFile(path)).graph;
    const [before, after] = [await graph(at("group.onnx")), await graph(at("fixed-group.onnx"))];
    expect(after.nodes.map(({ opType, outputs }) => [opType, outputs])).toEqual(
      before.nodes.map(({ opType, outputs }) => [opType, outputs]),
    );
    const used = [...before.initializers.keys()].filter((name) => name !== "mean" && name !== "variance");
    expect([...after.initializers.keys()]).toEqual(used);
  });

  it("writes nothing where every layer is as advised", async () => {
    const fix = (from: string, to: string) =>
      snellen("fix", "groups", at(from), "-o", at(to), "--n", "2", "--quiet");
    expect((await fix("single.onnx", "once.onnx")).stdout).toContain("written: ");
    expect(await fix("once.onnx", "twice.onnx")).toEqual({
      code: 0,
      stdout: "Nothing was written. Every layer has the advised number of groups.\n",
      stderr: "",
    });
    expect(await readdir(at())).not.toContain("twice.onnx");
    const none = await snellen("fix", "groups", at("none.onnx"), "-o", at("no.onnx"), "--n", "2");
    expect([none.code, none.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing was written\. There is no normalization with groups to choose\./),
    ]);
    expect(await readdir(at())).not.toContain("no.onnx");
  });
});
