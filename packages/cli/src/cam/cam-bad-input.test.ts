// What goes wrong with heat maps: layers, targets, masks, tensors; and shapes that are right however odd the pictures are.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serializeModel } from "@snellen/graph";
import { decodeImage, encodePng, readNpy, writeNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
  textModel,
} from "../test-support/command-line.ts";
import type { Manifest } from "./manifest.ts";

const at = await temporaryFolder();
const [photos, model] = [at("photos"), at("classifier.onnx")];

/** Scores of three classes at 8 x 8 positions of a picture of 16 x 16. */
const SEGMENTER = `g (float[N,3,16,16] x, float[4,3,3,3] w, float[3,4,1,1] v) => (float[N,3,8,8] y)
  { c = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (x, w) f = Relu (c) y = Conv (f, v) }`;

beforeAll(async () => {
  await pictureFile(join(photos, "one.png"));
  await modelFile(model, CLASSIFIER);
  await modelFile(at("segmenter.onnx"), SEGMENTER);
});

const refused = (path: string, ...flags: string[]) =>
  failure("cam", path, "--images", photos, "--out", at("refused"), ...flags);

const escaped = (text: string): string => text.replaceAll(/[().*+?]/g, "\\$&");

/** Runs cam, which says nothing but its warnings; hands out the manifest. */
async function cam(path: string, images: string, ...flags: string[]): Promise<Manifest> {
  const ran = await snellen(
    "cam",
    path,
    "--images",
    images,
    "--out",
    at("out"),
    "--json",
    "--quiet",
    ...flags,
  );
  const manifest = JSON.parse(ran.stdout) as Manifest;
  const warnings = manifest.maps.flatMap((map) => map.warnings);
  expect([ran.code, ran.stderr.match(/^.+$/gm) ?? []]).toEqual([
    0,
    warnings.map((warning) => expect.stringMatching(`^warning: .*${escaped(warning)}$`)),
  ]);
  return manifest;
}

describe("layers", () => {
  it.each([
    ["p", '"p" has no rows and columns, it is [N, 8, 1, 1]. The nearest layer is "f" (map 14x14)'],
    ["r", '"r" has no rows and columns, it is [N, 8]. The nearest layer is "f" (map 14x14)'],
    ["y", '"y" has no rows and columns, it is [N, 5]. The nearest layer is "f" (map 14x14)'],
  ])("%s exists, but has no grid", async (layer, message) => {
    const found = await refused(model, "--layer", layer);
    expect(found).toMatchObject({
      code: "no-spatial-extent",
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it("a map of a single cell is none", async () => {
    const text = `g (float[N,3,4,4] x, float[8,3,4,4] w, float[8,5] wy) => (float[N,5] y)
      { c = Conv (x, w) f = Relu (c) r = Flatten (f) y = Gemm (r, wy) }`;
    const path = await modelFile(at("single.onnx"), text);
    expect(await refused(path)).toMatchObject({ code: "no-spatial-layer" });
    expect(await refused(path, "--layer", "f")).toMatchObject({
      code: "no-spatial-extent",
      message: expect.stringContaining('"f" has no rows and columns, it is [N, 8, 1, 1].'),
    });
  });
});

describe("targets", () => {
  it.each([
    [["5"], "target-out-of-range", "class 5 does not exist"],
    [["probability:9"], "target-out-of-range", "class 9 does not exist"],
    [["0 vs 7"], "target-out-of-range", "class 7 does not exist"],
    [["rank6"], "target-out-of-range", "there is no rank 6. The model has 5 scores"],
    [["top9"], "target-out-of-range", "there is no rank 9"],
    [["1,8"], "target-out-of-range", "class 8 does not exist"],
    [["tabby"], "unknown-label", '"tabby" is a class name'],
    [["tabby vs 1"], "unknown-label", '"tabby" is a class name'],
    [["label"], "no-label", "one.png: the image has no label."],
    [["probability:label"], "no-label", "one.png: the image has no label."],
    [["binary:1"], "not-binary", "the model has 5 scores"],
    [["mask:1"], "not-dense", 'needs scores at several positions, but "y" is [N, 5].'],
    [["region:1@0,0,4,4"], "not-dense", "--target top1, or another --output."],
    [["box:1@0"], "not-dense", "needs scores at several positions"],
    [["iou:1@0,0,4,4"], "not-dense", "needs scores at several positions"],
    [["output:q"], "unknown-value", 'computes no value "q". Did you mean'],
    [["output:y[5]"], "target-out-of-range", 'Axis 1 of "y" goes from 0 to 4.'],
    [["output:y"], "bad-target", "Write output:y[4] for its last element."],
    [["top1", "7"], "target-out-of-range", "class 7 does not exist"],
  ])("%j: %s", async (targets, code, message) => {
    const found = await refused(model, ...targets.flatMap((target) => ["--target", target]));
    expect(found).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(message) });
  });

  it("about a value that the layer does not influence", async () => {
    const path = await modelFile(
      at("deep.onnx"),
      CLASSIFIER.replace("p = Global", "s = Sigmoid (f) p = Global").replace("Pool (f)", "Pool (s)"),
    );
    expect(await refused(path, "--layer", "s", "--target", "output:f[0,0,0]")).toMatchObject({
      code: "no-gradient-path",
      message: expect.stringContaining('layer "s": does not influence what is explained.'),
    });
  });
});

describe("masks", () => {
  const mask = async (name: string, isInside: (x: number, y: number) => boolean) => {
    const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return isInside(pixel % 16, Math.floor(pixel / 16)) ? 255 : 0;
    });
    await writeFile(at(name), await encodePng({ width: 16, height: 16, data }));
    return at(name);
  };
  const segmenter = at("segmenter.onnx");

  it("are read from a picture of the whole input: a rectangle is a region", async () => {
    const file = await mask("left.png", (x, y) => x < 8 && y >= 4);
    const targets = ["--target", `mask:1@${file}`, "--target", "region:1@4,0,16,8"];
    const [one, other] = (await cam(segmenter, photos, ...targets)).maps;
    expect(one?.target).toEqual({ asked: `mask:1@${file}`, index: 1, name: null });
    expect(one?.score).toBe(other?.score);
    const [a, b] = await Promise.all([one, other].map((map) => readNpy(at("out", map?.files.cells ?? ""))));
    expect(a?.values).toEqual(b?.values);
    expect(a?.values.some((v) => v !== 0)).toBe(true);
  });

  it.each([
    ["nowhere.png", "image-not-found", "nowhere.png: there is no such file."],
    [
      "black.png",
      "empty-mask",
      "black.png: no cell of the output's 8x8 lies in the mask. Pixels inside must not be 0",
    ],
    ["text.png", "unreadable-image", "text.png: cannot be decoded"],
  ])("%s: %s", async (name, code, message) => {
    await mask("black.png", () => false);
    await writeFile(at("text.png"), "no picture");
    const found = await refused(segmenter, "--target", `mask:1@${at(name)}`);
    expect(found).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(message) });
  });

  it("go into exported files too", async () => {
    const file = await mask("corner.png", (x, y) => x < 4 && y < 4);
    const args = ["cam", segmenter, "--export", at("masked.onnx"), "--target", `mask:1@${file}`, "--quiet"];
    expect((await snellen(...args)).code).toBe(0);
  });
});

describe("gradients that are zero everywhere", () => {
  /** A classifier whose scores are what `tail` makes of y. */
  const withTail = (tail: string, constants: string) =>
    CLASSIFIER.replace("y = Gemm (r, wy)", `z = Gemm (r, wy) ${tail}`).replace(
      "\n  {",
      `\n  <${constants}> {`,
    );
  const dead = withTail("m = Sub (z, much) y = Relu (m)", "float much = {100}");
  const sure = withTail("y = Mul (z, much)", "float[5] much = {0, 0, 0, 0, 1000000}");

  it.each(["grad-cam", "extended-cam", "hires-cam"])(
    "%s says that the score lies behind a ReLU",
    async (method) => {
      const path = await modelFile(at("dead.onnx"), dead);
      const { maps } = await cam(path, photos, "--method", method);
      expect(maps.map((map) => map.warnings)).toEqual([
        [expect.stringMatching(/^the gradient is zero everywhere: the score lies behind a ReLU or a clip/)],
      ]);
    },
  );

  it.each(["grad-cam", "extended-cam"])("%s says that the probability is saturated", async (method) => {
    const path = await modelFile(at("sure.onnx"), sure);
    const targets = ["--target", "probability:4", "--target", "probability:0"];
    const { maps } = await cam(path, photos, "--method", method, ...targets);
    const [one, other] = maps.map((map) => [map.score, ...map.warnings]);
    const flat = (value: number) =>
      `the gradient is zero everywhere: the probability is ${value} within float precision, where it is flat; explain the score instead (leave "probability:" out)`;
    expect([one, other].sort()).toEqual(
      [
        [0, flat(0)],
        [1, flat(1)],
      ].sort(),
    );
  });

  it("says so of a probability near 1, whose gradient is rounding error", async () => {
    const near = withTail("y = Add (z, offset)", "float[5] offset = {0, 0, 0, 0, 16}");
    const path = await modelFile(at("near.onnx"), near);
    const { maps } = await cam(path, photos, "--target", "probability:4");
    expect(maps[0]?.score).toBeGreaterThan(1 - 3e-6);
    expect(maps[0]?.warnings).toEqual([expect.stringContaining("its gradient is little but rounding error")]);
  });

  it("says that two classes are the same", async () => {
    const { maps } = await cam(model, photos, "--target", "2 vs 2");
    expect(maps[0]?.warnings).toEqual([expect.stringContaining("both are the same class")]);
  });
});

describe("shapes", () => {
  it("of inputs that are not square, with pictures of different sizes in one batch", async () => {
    const path = await modelFile(at("wide.onnx"), CLASSIFIER.replace("float[N,3,16,16]", "float[N,3,12,20]"));
    const images = at("odd");
    await pictureFile(join(images, "high.png"), 1, 9, 70);
    await pictureFile(join(images, "small.png"), 2, 3, 3);
    await pictureFile(join(images, "wide.png"), 3, 90, 8);
    const { maps } = await cam(path, images, "--batch", "8", "--method", "grad-cam,extended-cam");
    expect(maps).toHaveLength(6);
    for (const { files } of maps) {
      expect((await readNpy(at("out", files.map))).shape).toEqual([12, 20]);
      expect((await readNpy(at("out", files.cells))).shape).toEqual([10, 18]);
      const picture = await decodeImage(at("out", files.picture), "picture");
      expect(picture.width / picture.height).toBeCloseTo(20 / 12, 1);
    }
    const [alone] = (await cam(path, join(images, "wide.png"), "--method", "grad-cam")).maps;
    expect(alone?.score).toBeCloseTo(maps.at(-1)?.score ?? Number.NaN, 5);
  });
});

describe("tensors", () => {
  const values = (count: number) => Float32Array.from({ length: count * 768 }, (_, i) => Math.sin(i));

  it("more or fewer than the model takes at a time", async () => {
    const two = CLASSIFIER.replace("float[N,3", "float[2,3").replace("(float[N,5] y)", "(float[2,5] y)");
    const mixing = two
      .replace(
        "p = GlobalAveragePool (f)",
        "m = ReduceMean <keepdims = 1> (f, first) d = Sub (f, m) p = GlobalAveragePool (d)",
      )
      .replace("\n  {", "\n  <int64[1] first = {0}> {");
    const path = await modelFile(at("two.onnx"), mixing);
    for (const count of [2, 3, 4]) {
      await writeNpy(at("batch.npy"), { shape: [count, 3, 16, 16], values: values(count) });
      expect((await cam(path, at("batch.npy"))).maps.map((map) => map.image)).toEqual(
        Array.from({ length: count }, (_, i) => `${at("batch.npy")}[${i}]`),
      );
    }
  });

  it.each([
    ["nan.npy", Number.NaN, "holds NaN at position 5."],
    ["inf.npy", Number.POSITIVE_INFINITY, "holds Infinity at position 5."],
  ])("%s is refused, which a ReLU might hide", async (name, bad, message) => {
    const hidden = values(1);
    hidden[5] = bad;
    await writeNpy(at(name), { shape: [1, 3, 16, 16], values: hidden });
    const found = await failure("cam", model, "--images", at(name), "--out", at("refused"));
    expect(found).toMatchObject({
      code: "nan-tensor",
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [[1, 3, 16, 20], "wrong-tensor-shape"],
    [[1, 1, 16, 16], "wrong-tensor-shape"],
    [[3, 16], "bad-npy"],
    [[1, 1, 3, 16, 16], "bad-npy"],
  ])("of %j: %s", async (shape, code) => {
    const length = shape.reduce((n, d) => n * d, 1);
    await writeNpy(at("other.npy"), { shape, values: new Float32Array(length) });
    const found = await failure("cam", model, "--images", at("other.npy"), "--out", at("refused"));
    expect(found).toMatchObject({ code, exitCode: 2 });
  });
});

describe("models", () => {
  it("of one score a picture explain it, whatever its shape is", async () => {
    const path = await modelFile(
      at("regression.onnx"),
      CLASSIFIER.replace("float[8,5] wy) => (float[N,5] y)", "float[8,1] wy) => (float[N] y)")
        .replace("y = Gemm (r, wy)", "z = Gemm (r, wy) y = Squeeze (z, one)")
        .replace("\n  {", "\n  <int64[1] one = {1}> {"),
    );
    const { maps } = await cam(
      path,
      photos,
      "--target",
      "top1",
      "--target",
      "binary:0",
      "--target",
      "output:y",
    );
    const [own] = maps.map((map) => map.score);
    expect(maps.map((map) => map.score)).toEqual([own, -(own as number), own]);
    expect(maps.map((map) => map.target.index)).toEqual([0, 0, 0]);
  });

  it("with a value of no class explain it without one", async () => {
    const text = SEGMENTER.replace("=> (float[N,3,8,8] y)", "=> (float[N,3,8,8] y, float[N,4] pose)").replace(
      "y = Conv (f, v) }",
      "y = Conv (f, v) p = GlobalMaxPool (f) pose = Flatten (p) }",
    );
    const whole = textModel(text);
    await writeFile(at("pose.onnx"), serializeModel(whole));
    const flags = ["--output", "y", "--layer", "f", "--target", "output:pose[-1]"];
    const ran = await snellen(
      "cam",
      at("pose.onnx"),
      "--images",
      photos,
      "--out",
      at("pose"),
      "--quiet",
      ...flags,
    );
    expect(ran.stdout).toContain("output:pose[-1]  score");
    const [map] = (await cam(at("pose.onnx"), photos, ...flags)).maps;
    expect(map?.target).toEqual({ asked: "output:pose[-1]", index: null, name: null });
  });
});
