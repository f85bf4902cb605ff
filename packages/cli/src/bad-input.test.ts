// Bad input, each with its own code and message. What people read and what programs read is checked by `failure`.
import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { externalizeWeights, modelChunks, serializeModel } from "@snellen/graph";
import { writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
  textModel,
} from "./test-support/command-line.ts";

const at = await temporaryFolder();
const [model, photos] = [at("classifier.onnx"), at("photos")];

beforeAll(async () => {
  await modelFile(model, CLASSIFIER);
  await pictureFile(join(photos, "one.png"));
});

/** A cam command line on the classifier and the photos. */
const cam = (...flags: string[]) => failure("cam", model, "--images", photos, "--out", at("out"), ...flags);
const inspect = (path: string, ...flags: string[]) => failure("inspect", path, ...flags);

describe("the model file", () => {
  it("does not exist", async () => {
    expect(await inspect(at("clasifier.onnx"))).toMatchObject({
      code: "no-such-file",
      message: `${at("clasifier.onnx")}: no such file. Did you mean ${model}?`,
    });
  });

  it("is not ONNX", async () => {
    await writeFile(at("picture.onnx"), await readFile(join(photos, "one.png")));
    expect(await inspect(at("picture.onnx"))).toMatchObject({
      code: "not-onnx",
      message: expect.stringContaining("PNG"),
    });
  });

  it("is truncated", async () => {
    await writeFile(at("cut.onnx"), (await readFile(model)).subarray(0, 900));
    expect(await inspect(at("cut.onnx"))).toMatchObject({
      code: "truncated",
      message: expect.stringMatching(/ends early \(byte \d+ of 900\)\. Copy or export it again\.$/),
    });
  });

  it("has no weights beside it, or too few", async () => {
    const { model: outside, pieces } = externalizeWeights(textModel(CLASSIFIER), "outside.data", 64);
    await writeFile(at("outside.onnx"), Buffer.concat(modelChunks(outside)));
    expect(await inspect(at("outside.onnx"))).toMatchObject({
      code: "missing-external-data",
      message: expect.stringContaining(`Put that file at ${at("outside.data")}`),
    });
    await writeFile(at("outside.data"), Buffer.concat(pieces as Uint8Array[]));
    expect((await snellen("inspect", at("outside.onnx"))).code).toBe(0);
    await truncate(at("outside.data"), 100);
    expect(await inspect(at("outside.onnx"))).toMatchObject({ code: "truncated-external-data" });
  });

  it("asks for an opset that ONNX Runtime does not know", async () => {
    const future = { ...textModel(CLASSIFIER), opsets: new Map([["", 99]]) };
    await writeFile(at("future.onnx"), serializeModel(future));
    expect(await inspect(at("future.onnx"))).toMatchObject({
      code: "opset-too-new",
      message: expect.stringContaining("99"),
    });
  });
});

/** Writes a graph and tells what goes wrong with it. */
async function failureOf(
  text: string,
  command: "inspect" | "cam" | "differentiate" = "inspect",
  ...flags: string[]
) {
  const path = await modelFile(at("graph.onnx"), text);
  const more = {
    inspect: [],
    cam: ["--images", photos, "--out", at("out")],
    differentiate: ["-o", at("grad.onnx")],
  };
  return failure(command, path, ...more[command], ...flags);
}

describe("the graph", () => {
  it("takes no image", async () => {
    expect(
      await failureOf("g (float[N,10] x, float[10,5] w) => (float[N,5] y) { y = MatMul (x, w) }"),
    ).toMatchObject({
      code: "no-image-input",
      message: `no input takes images ([N, 3, H, W] or [N, H, W, 3], float or uint8). The model's inputs: "x" float32[N, 10].`,
    });
  });

  it("has several inputs that could take the image", async () => {
    const path = at("two.onnx");
    const two = textModel("g (float[N,3,8,8] a) => (float[N,3,8,8] y) { y = Add (a, a) }");
    const [a] = two.graph.inputs;
    const graph = { ...two.graph, inputs: [a!, { ...a!, name: "b" }] };
    await writeFile(path, serializeModel({ ...two, graph }));
    expect(await inspect(path)).toMatchObject({
      code: "several-image-inputs",
      message: "2 inputs could take the image: a, b. Choose one: --input a.",
    });
    expect(await inspect(path, "--input", "c")).toMatchObject({ code: "unknown-input" });
    expect(await inspect(path, "--input", "a")).toMatchObject({ code: "more-inputs" });
  });

  it("leaves axes open that nobody fixed", async () => {
    const open = "g (float[N,3,8,8] x, float[3,3,1,1] w) => (float[N,K,8,8] y) { y = Conv (x, w) }";
    const sized = textModel(open);
    const [x] = sized.graph.inputs;
    const graph = {
      ...sized.graph,
      inputs: [x!, { name: "z", dataType: "float32" as const, dims: ["N", "len"] }],
    };
    await writeFile(at("open.onnx"), serializeModel({ ...sized, graph }));
    expect(await failure("differentiate", at("open.onnx"), "-o", at("grad.onnx"))).toMatchObject({
      code: "dynamic-axes",
      message: `input "z": axis 1 ("len") has no fixed size. Give it one: --dim len=<size>.`,
    });
  });

  it("has an operator without a gradient on the way to the layer", async () => {
    const custom = `<ir_version: 8, opset_import: ["" : 18, "my.ops" : 1]>
      g (float[N,3,8,8] x, float[4,3,1,1] w) => (float[N,4] y)
      { c = Conv (x, w) s = my.ops.Squash (c) p = GlobalAveragePool (s) y = Flatten (p) }`;
    const refusal = {
      code: "unsupported-operator",
      message: expect.stringMatching(
        /^my\.ops::Squash -> "s": what my\.ops::Squash gives is not known .* Export the model/,
      ),
    };
    expect(await failureOf(custom, "differentiate")).toMatchObject(refusal);
    expect(await failureOf(custom, "cam")).toMatchObject(refusal);
  });

  it("gives NaN for scores", async () => {
    const nan = `g (float[N,3,16,16] x, float[8,3,3,3] w) => (float[N,8] y) <float minus = {-1}>
      { c = Conv (x, w) p = GlobalAveragePool (c) f = Flatten (p) a = Abs (f) m = Mul (a, minus) y = Log (m) }`;
    expect(await failureOf(nan, "cam")).toMatchObject({
      code: "nan-logits",
      message: expect.stringMatching(
        /^output "y": the scores of .*one\.png hold NaN.*Check the preprocessing/,
      ),
    });
  });

  it("has no layer with a spatial extent", async () => {
    const flat =
      "g (float[N,3,16,16] x, float[768,5] w) => (float[N,5] y) { f = Flatten (x) y = Gemm (f, w) }";
    expect(await failureOf(flat, "cam")).toMatchObject({ code: "no-spatial-layer" });
  });

  it("is crafted to exhaust memory", async () => {
    expect(
      await failureOf(
        "g (float[1,3,99999,99999] x) => (float[1,3] y) { p = GlobalAveragePool (x) y = Flatten (p) }",
      ),
    ).toMatchObject({ code: "input-too-large", message: expect.stringContaining("99999x99999") });
    const grown = `g (float[N,3,8,8] x) => (float[N,3] y) <int64[4] r = {1, 1, 100000, 100000}>
      { t = Tile (x, r) p = GlobalAveragePool (t) y = Flatten (p) }`;
    expect(await failureOf(grown)).toMatchObject({
      code: "value-too-large",
      message: expect.stringContaining("Tile"),
    });
    const constant = `g (float[N,3,8,8] x) => (float[N,3] y) <int64[4] s = {1, 3, 1000000, 1000000}>
      { k = ConstantOfShape (s) m = ReduceMean <axes = [2, 3], keepdims = 1> (k) z = Add (x, m) p = GlobalAveragePool (z) y = Flatten (p) }`;
    expect(await failureOf(`<ir_version: 8, opset_import: ["" : 13]> ${constant}`)).toMatchObject({
      code: "value-too-large",
    });
  });
});

describe("images", () => {
  it("are partly unreadable: these are skipped, counted and listed", async () => {
    await pictureFile(at("mixed", "good.png"));
    await writeFile(at("mixed", "bad.jpg"), "no picture");
    const ran = await snellen("cam", model, "--images", at("mixed"), "--out", at("mixed-out"));
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`warning: skipped ${at("mixed", "bad.jpg")}: cannot be decoded`);
    expect(ran.stdout).toContain("1 maps of layer f in");
    expect(ran.stdout).toContain("1 image skipped");
    const manifest = JSON.parse(await readFile(at("mixed-out", "manifest.json"), "utf8"));
    expect(manifest.maps).toHaveLength(1);
    expect(manifest.skipped).toEqual([
      { source: at("mixed", "bad.jpg"), reason: expect.stringContaining("cannot be decoded") },
    ]);
  });

  it("are all unreadable", async () => {
    await mkdir(at("junk"), { recursive: true });
    await writeFile(at("junk", "a.jpg"), "no picture");
    const out = at("junk-out");
    expect(await failure("cam", model, "--images", at("junk"), "--out", out)).toMatchObject({
      code: "no-readable-image",
      exitCode: 2,
    });
    expect(await readdir(out)).toEqual([]);
    expect(await failure("exam", model, "--images", at("junk"), "--out", out)).toMatchObject({
      code: "no-readable-image",
      exitCode: 2,
    });
    expect(await readdir(out)).toEqual([]);
  });

  it("are a decompression bomb, refused from its header", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d49484452000493e0000493e00802000000", "hex");
    await mkdir(at("bomb"), { recursive: true });
    await writeFile(at("bomb", "bomb.png"), Buffer.concat([header, Buffer.alloc(64)]));
    await pictureFile(at("bomb", "good.png"));
    const ran = await snellen("cam", model, "--images", at("bomb"), "--out", at("bomb-out"));
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/warning: skipped .*bomb\.png: (has more than \d+ pixels|cannot be decoded)/);
  });

  it("are not there", async () => {
    await mkdir(at("empty"), { recursive: true });
    const images = (path: string) => failure("cam", model, "--images", path, "--out", at("out"));
    expect(await images(at("empty"))).toMatchObject({
      code: "no-images",
      message: expect.stringContaining("holds no images"),
    });
    expect(await images(at("nowhere"))).toMatchObject({ code: "image-not-found" });
    expect(await images(at("*.webp"))).toMatchObject({ code: "no-images" });
    expect(await failure("cam", model)).toMatchObject({
      code: "missing-flag",
      message: "--images: is needed here. Write --images photos/.",
    });
    expect(await failure("exam", model)).toMatchObject({ code: "missing-flag" });
  });

  it("are tensors of another shape", async () => {
    await writeNpy(at("small.npy"), { shape: [2, 3, 8, 8], values: new Float32Array(384) });
    expect(await failure("cam", model, "--images", at("small.npy"), "--out", at("out"))).toMatchObject({
      code: "wrong-tensor-shape",
      message: expect.stringContaining("[3, 8, 8] does not fit the model's input [3, 16, 16]"),
    });
  });
});

describe("flags", () => {
  it.each([
    [
      ["--mean", "0.5,0.5"],
      "bad-mean",
      "--mean: expected 3 values (one per channel, RGB) or 1, got 2: 0.5,0.5.",
    ],
    [
      ["--std", "1,2,3,4"],
      "bad-std",
      "--std: expected 3 values (one per channel, RGB) or 1, got 4: 1,2,3,4.",
    ],
    [["--std", "0,1,1"], "bad-std", "--std: a standard deviation must be above 0, got 0,1,1."],
    [
      ["--mean", "a,b,c"],
      "bad-mean",
      '--mean: expected numbers between commas, got "a,b,c". Write --mean 0.5,0.5,0.5.',
    ],
    [
      ["--mean", "1,,2"],
      "bad-mean",
      '--mean: expected numbers between commas, got "1,,2". Write --mean 0.5,0.5,0.5.',
    ],
    [["--method", "gradcam"], "unknown-method", '--method: no method "gradcam". Did you mean "grad-cam"?'],
    [["--layer", "ff"], "unknown-layer", '--layer: no feature layer "ff". Did you mean "f"?'],
    [
      ["--upsampling", "gausian"],
      "unknown-upsampling",
      '--upsampling: no upsampling "gausian". Did you mean "gaussian"?',
    ],
    [["--preset", "imagnet"], "bad-preset", '--preset: unknown value "imagnet". Did you mean "imagenet"?'],
    [["--range", "0-1"], "bad-range", '--range: unknown value "0-1". Did you mean "0..1"?'],
    [["--resize", "stretch"], "bad-resize", '--resize: unknown value "stretch".'],
    [["--channels", "RBG"], "bad-channels", '--channels: unknown value "RBG". Did you mean "RGB"?'],
    [
      ["--interpolation", "linear"],
      "bad-interpolation",
      '--interpolation: unknown value "linear". Did you mean "bilinear"?',
    ],
    [
      ["--target", "5"],
      "target-out-of-range",
      "--target: class 5 does not exist. The model has 5 scores: 0 to 4.",
    ],
    [["--target", "-1"], "target-out-of-range", "--target: class -1 does not exist."],
    [
      ["--target", "tabby"],
      "unknown-label",
      `--target: "tabby" is a class name, but the model's are not known.`,
    ],
    [["--target", "label"], "no-label", "one.png: the image has no label."],
    [["--sigma", "0"], "bad-sigma", '--sigma: expected stride, a number above 0, pixels or erf, got "0".'],
    [["--sigma", "-1"], "bad-sigma", "--sigma: expected stride, a number above 0, pixels or erf"],
    [
      ["--opacity", "1.5"],
      "bad-opacity",
      '--opacity: expected a number from 0 to 1, got "1.5". Write --opacity 0.75.',
    ],
    [["--opacity", "nan"], "bad-opacity", "--opacity: expected a number from 0 to 1"],
    [
      ["--batch", "0"],
      "bad-batch",
      '--batch: expected a whole number of at least 1, got "0". Write --batch 8.',
    ],
    [["--batch", "2.5"], "bad-batch", "--batch: expected a whole number of at least 1"],
    [["--threads", "many"], "bad-threads", "--threads: expected a whole number of at least 1"],
    [["--size", "0x8"], "bad-size", '--size: expected a side or HEIGHTxWIDTH, got "0x8".'],
    [["--dim", "n"], "bad-dim", '--dim: expected name=size, got "n". Write --dim height=224.'],
    [["--device", "gpu"], "unknown-device", '--device: unknown device "gpu".'],
    [["--output", "logits"], "unknown-output", '--output: the model has no value "logits".'],
    [["--labels", "nowhere.txt"], "unreadable-file", "nowhere.txt: cannot be read."],
    [["--method", "cam", "--layer", "c"], "no-linear-head", 'layer "c": CAM needs global average pooling'],
    [["--foo"], "unknown-flag", "unknown option '--foo'."],
    [["--layr", "x"], "unknown-flag", "unknown option '--layr'. Did you mean --layer?"],
    [["--layer"], "missing-value", "option '--layer <name>' argument missing."],
  ])("%j: %s", async (flags, code, message) => {
    const found = await cam(...flags);
    expect(found).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(message) });
  });

  it("--labels of another model", async () => {
    await writeFile(at("labels.txt"), "a\nb\nc\n");
    expect(await cam("--labels", at("labels.txt"))).toMatchObject({
      code: "wrong-label-count",
      message: expect.stringContaining("3 names for a model with 5 classes"),
    });
    await writeFile(at("labels.txt"), "");
    expect(await cam("--labels", at("labels.txt"))).toMatchObject({ code: "bad-labels" });
  });

  it("--target that no or several classes are called", async () => {
    await writeFile(at("five.txt"), "tabby cat\ntiger cat\ndog\ncrane\ncrane\n");
    const target = (name: string) => cam("--labels", at("five.txt"), "--target", name);
    expect(await target("taby cat")).toMatchObject({
      code: "unknown-label",
      message: `--target: no class is called "taby cat". Did you mean "tabby cat"?`,
    });
    expect(await target("crane")).toMatchObject({
      code: "ambiguous-label",
      message: `--target: several classes are called "crane". Give the index: 3 or 4.`,
    });
  });

  it("--out that is a file, or lies under one", async () => {
    expect(await cam("--out", model)).toMatchObject({
      code: "output-not-writable",
      message: `${model}: cannot write: a file of that name is in the way. Give another --out.`,
    });
    expect(await cam("--out", join(model, "below"))).toMatchObject({ code: "output-not-writable" });
    expect(await failure("exam", model, "--images", photos, "--out", model)).toMatchObject({
      code: "output-not-writable",
    });
    expect(await failure("differentiate", model, "-o", at("no", "such", "grad.onnx"))).toMatchObject({
      code: "output-not-writable",
      message: expect.stringContaining("the folder does not exist"),
    });
  });
});

describe("command lines", () => {
  it.each([
    [["cmm", "x"], "unknown-command", 'no command "cmm". Did you mean "cam"?'],
    [["view", "--images", "x"], "missing-model", "pictures are opened with a model."],
    [["view", "exam.json", "--images", "x"], "missing-model", "pictures are opened with a model."],
    [["inspect"], "missing-argument", "missing required argument 'model'."],
    [["inspect", "a", "b"], "extra-argument", "too many arguments for 'inspect'."],
    [["dataset", "optotype", "--out", "x"], "unknown-dataset", 'Did you mean "optotypes"?'],
    [["dataset", "optotypes"], "missing-flag", "--out: is needed here."],
    [["differentiate", "m.onnx"], "missing-flag", "--out: is needed here. Write --out grad.onnx."],
    [["differentiate", "m.onnx", "-o", "g", "--seed", "one"], "bad-seed", '--seed: unknown value "one".'],
    [["cam", "m.onnx", "--batch", "0x10"], "bad-batch", 'expected a whole number of at least 1, got "0x10".'],
    [["view", "--port", "65536"], "bad-port", "expected a whole number from 0 to 65535"],
    // 2^32 + 1, whose last 32 bits are those of 1
    [["cam", "m.onnx", "--seed", "4294967297"], "bad-seed", "expected a whole number from -2147483647 to"],
  ])("%j: %s", async (args, code, message) => {
    expect(await failure(...args)).toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [
      ["fix", "kernel-pading", "x"],
      "unknown-repair",
      'no repair "kernel-pading". Did you mean "kernel-padding"?',
    ],
    [["reproduce", "gama"], "unknown-experiment", 'no experiment "gama". Did you mean "gammas"?'],
  ] as const)("%j: %s", async (args, code, message) => {
    const ran = await snellen(...args, "--json");
    const { error } = JSON.parse(ran.stderr);
    expect([ran.code, ran.stdout, error.code]).toEqual([2, "", code]);
    expect(error.message).toContain(message);
  });

  it("prints stack traces with --debug only", async () => {
    const ran = await snellen("inspect", at("nowhere.onnx"), "--debug");
    expect(ran.stderr).toMatch(/^error: .*no such file/);
    expect(ran.stderr).toMatch(/^\s+at /m);
  });

  it("answers --help and --version on stdout with 0, and nothing at all with help and 2", async () => {
    expect(await snellen("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    const help = await snellen("cam", "--help");
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain("grad-cam");
    expect((await snellen("--help")).stdout).toContain("Exit codes: 0 done");
    const nothing = await snellen();
    expect([nothing.code, nothing.stdout]).toEqual([2, ""]);
    expect(nothing.stderr).toContain("Usage: snellen");
  });
});
