// snellen erf: what it writes, goes on from, and says of what cannot be measured. Oracle: the library asked directly.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openModel, readNpy } from "snellen/node";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../main.ts";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";

const at = await temporaryFolder();
const [photos, model] = [at("photos"), at("deep.onnx")];

const DEEP = `g (float[N,3,32,24] x, float[4,3,3,3] w, float[6,4,3,3] v, float[6,5] wy) => (float[N,5] y)
  { c = Conv <pads = [1,1,1,1], strides = [2,2]> (x, w) a = Relu (c)
    d = Conv <pads = [1,1,1,1]> (a, v) f = Sigmoid (d)
    p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

beforeAll(async () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) await pictureFile(join(photos, `${seed}.png`), seed, 40, 36);
  await modelFile(model, DEEP);
});

const erf = async (out: string, ...flags: string[]) => {
  const ran = await snellen(
    "erf",
    model,
    "--images",
    photos,
    "--out",
    at(out),
    "--json",
    "--quiet",
    ...flags,
  );
  return { ...ran, json: JSON.parse(ran.stdout) };
};
const r = async (...names: string[]) => [...(await readNpy(at(...names))).values];

describe("one layer", () => {
  it("is written as numbers, pictures and plots", async () => {
    const { code, stderr, json } = await erf("one");
    expect([code, stderr]).toEqual([0, ""]);
    expect((await readdir(at("one"))).sort()).toEqual([
      "convergence.svg",
      "erf-log.png",
      "erf.json",
      "erf.npy",
      "erf.png",
      "profile.svg",
    ]);
    expect(JSON.parse(await readFile(at("one", "erf.json"), "utf8"))).toEqual(json);
    expect(json).toMatchObject({
      model: "deep.onnx",
      layer: "f",
      n: 6,
      input: [32, 24],
      grid: [16, 12],
      theoretical: { size: [7, 7], stride: [2, 2], start: [-3, -3] },
      stoppedEarly: false,
      skipped: [],
    });
    const { shape, values } = await readNpy(at("one", "erf.npy"));
    expect(shape).toEqual([32, 24]);
    expect(values.reduce((a, v) => a + v, 0)).toBeCloseTo(json.sum, 5);
    // what lies outside of the theoretical field of cell (8, 6) has no influence
    const inside = (y: number, x: number) => y >= 13 && y <= 19 && x >= 9 && x <= 15;
    values.forEach((v, i) => {
      if (!inside(Math.floor(i / 24), i % 24)) expect(v).toBe(0);
    });
    expect(values.some((v) => v > 0)).toBe(true);
    expect(json.areaRatios.map(({ threshold }: { threshold: number }) => threshold)).toEqual([
      0.2, 0.3, 0.5, 0.99,
    ]);
  });

  it("is that of RepLKNet where it is asked for: sums over channels and colours", async () => {
    await erf("mean", "--accumulation", "dead-pixels");
    await erf("sum", "--accumulation", "replknet");
    const [mean, sum] = [await r("mean", "erf.npy"), await r("sum", "erf.npy")];
    // Sigmoid is never negative, so that ReLU of the features changes nothing; sums of rectified colours are at least as large
    mean.forEach((v, i) => {
      expect((sum[i] as number) * 1.00001).toBeGreaterThanOrEqual(v * 6 * 3);
    });
  });

  it("takes at most --n images, evenly, and stops where --tolerance is reached", async () => {
    expect((await erf("n", "--n", "2")).json.n).toBe(2);
    const stopped = await erf("tolerance", "--tolerance", "10", "--batch", "1");
    expect(stopped.json).toMatchObject({ n: 4, stoppedEarly: true });
  });
});

describe("several layers", () => {
  it("come from one pass, each with a folder, the same as alone", async () => {
    const { json } = await erf("all", "--layer", "all");
    const fields = json.models[0].fields as { layer: string }[];
    expect(fields.map(({ layer }) => layer)).toEqual(["a", "f"]);
    await erf("alone", "--layer", "a");
    expect(await r("all", "a", "erf.npy")).toEqual(await r("alone", "erf.npy"));
    expect(JSON.parse(await readFile(at("all", "erf.json"), "utf8"))).toEqual(json);
  });
});

describe("names from the model", () => {
  it("neither lead out of the folder nor take the command's own", async () => {
    const hostile = await modelFile(
      at("hostile.onnx"),
      DEEP.replaceAll("d = Conv", "up = Conv").replaceAll("(d)", "(up)"),
    );
    const bytes = await readFile(hostile);
    // names of three and eight letters, so that the file's lengths stay right
    await writeFile(hostile, Buffer.from(bytes.toString("latin1").replaceAll("\x02up", "\x02.."), "latin1"));
    const { code } = await snellen(
      "erf",
      hostile,
      "--images",
      photos,
      "--out",
      at("in", "side"),
      "--layer",
      "..",
      "--layer",
      "a",
    );
    expect(code).toBe(0);
    expect((await readdir(at("in"))).sort()).toEqual(["side"]);
    expect((await readdir(at("in", "side"))).sort()).toEqual(["__", "a", "erf.json"]);
  });
});

describe("several models", () => {
  it("are tabulated, and one that has no map does not end the run", async () => {
    await modelFile(at("other.onnx"), CLASSIFIER);
    await modelFile(
      at("flat.onnx"),
      `g (float[N,3,8,8] x, float[192,5] w) => (float[N,5] y) { r = Flatten (x) y = Gemm (r, w) }`,
    );
    await writeFile(at("labels.csv"), [1, 2, 3, 4, 5, 6].map((i) => `${i}.png,${i % 5}`).join("\n"));
    const ran = await snellen(
      ...[
        "erf",
        model,
        at("other.onnx"),
        at("flat.onnx"),
        "--images",
        photos,
        "--image-labels",
        at("labels.csv"),
      ],
      ...["--out", at("models"), "--json"],
    );
    const json = JSON.parse(ran.stdout);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain("flat.onnx");
    expect(json.models.map(({ failure }: { failure: string | null }) => failure !== null)).toEqual([
      false,
      false,
      true,
    ]);
    const [deep] = json.models;
    expect(deep.row).toMatchObject({ layer: "f", parameters: 4 * 27 + 6 * 36 + 30, labelled: 6 });
    await using opened = await openModel(model);
    const { openImages } = await import("snellen/node");
    let right = 0;
    for await (const image of (
      await openImages([photos], { labelFile: at("labels.csv"), classCount: 5 })
    ).read()) {
      const [prediction] = await opened.predict([image]);
      if (prediction?.classIndex === image.classIndex) right++;
    }
    expect(deep.row.accuracy).toBeCloseTo(right / 6, 10);
    const csv = (await readFile(at("models", "erf.csv"), "utf8")).trim().split("\n");
    expect(csv).toHaveLength(3);
    expect(csv[0]).toMatch(/^model,layer,n,sigmaX/);
    expect(json.comparison.correlations[0]).toMatchObject({ of: "sigma", pearson: null });
  });
});

describe("--sigma erf", () => {
  const cam = (path: string, ...flags: string[]) =>
    snellen(
      "cam",
      path,
      "--images",
      photos,
      "--upsampling",
      "gaussian",
      "--sigma",
      "erf",
      "--json",
      ...flags,
    );

  it("is the fitted width of the layer's field, rows first", async () => {
    const { json } = await erf("width");
    const { code, stdout, stderr } = await cam(model, "--out", at("cam"));
    expect(code).toBe(0);
    const width = `${json.sigmaY.toFixed(3)}x${json.sigmaX.toFixed(3)}px`;
    expect(JSON.parse(stdout).sigma).toBe(width);
    expect(stderr).toContain(`--sigma erf: ${width}`);
  });

  it("is one width a layer", async () => {
    const { stdout } = await cam(model, "--out", at("cams"), "--layer", "d", "--layer", "f");
    expect(JSON.parse(stdout).sigma).toMatch(/^[\d.]+x[\d.]+px,[\d.]+x[\d.]+px$/);
  });

  it("is refused where the field has no width, and where there are no images", async () => {
    const dead = await modelFile(
      at("dead2.onnx"),
      `g (float[N,3,16,16] x, float[4,3,3,3] w, float[4,5] wy) => (float[N,5] y) <float big = {1e6}>
       { c = Conv (x, w) m = Sub (c, big) f = Relu (m) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
    );
    const flags = ["--upsampling", "gaussian", "--sigma", "erf", "--out", at("no-width")];
    expect(await failure("cam", dead, "--images", photos, ...flags)).toMatchObject({
      code: "field-not-gaussian",
      exitCode: 2,
    });
    expect(await failure("cam", model, "--export", at("out.onnx"), ...flags)).toMatchObject({
      code: "missing-flag",
    });
  });
});

describe("an interrupted run", () => {
  it("goes on and ends with the same R, bit by bit", async () => {
    await erf("whole", "--batch", "1");
    // Ctrl-C after the third batch is what a signal does to the running command
    const args = ["erf", model, "--images", photos, "--out", at("broken"), "--batch", "1"];
    let reads = 0;
    const code = await run(args, {
      stdout: { write: () => undefined },
      stderr: {
        isTTY: true,
        write: (text: string) => (text.includes("field of") && ++reads === 3 ? process.emit("SIGINT") : true),
      },
    });
    expect(code).toBe(130);
    expect(await readdir(at("broken"))).toEqual(["progress.state"]);
    const { stderr } = await snellen(...args, "--resume");
    expect(stderr).not.toContain("anew");
    expect(await r("broken", "erf.npy")).toEqual(await r("whole", "erf.npy"));
    expect(await readdir(at("broken"))).not.toContain("progress.state");
  });

  it("is run anew where settings differ, which is said", async () => {
    const args = ["erf", model, "--images", photos, "--out", at("other-settings")];
    await snellen(...args);
    await writeFile(at("other-settings", "progress.state"), "something else");
    const { code, stderr } = await snellen(...args, "--resume");
    expect([code, stderr]).toEqual([0, expect.stringContaining("other settings")]);
  });
});

describe("what cannot be measured", () => {
  const refused = (path: string, ...flags: string[]) =>
    failure("erf", path, "--images", photos, "--out", at("refused"), ...flags);

  it("a network without a map, or of a single cell", async () => {
    const flat = await modelFile(
      at("flat.onnx"),
      `g (float[N,3,8,8] x, float[192,5] w) => (float[N,5] y) { r = Flatten (x) y = Gemm (r, w) }`,
    );
    expect(await refused(flat)).toMatchObject({ code: "no-spatial-layer", exitCode: 2 });
    expect(await refused(model, "--layer", "p")).toMatchObject({ code: "no-spatial-extent", exitCode: 2 });
  });

  it("layers, accumulations and numbers that do not exist", async () => {
    expect(await refused(model, "--layer", "fff")).toMatchObject({ code: "unknown-layer", exitCode: 2 });
    expect(await refused(model, "--accumulation", "mean")).toMatchObject({ code: "unknown-accumulation" });
    expect(await refused(model, "--n", "0")).toMatchObject({ code: "bad-n" });
    expect(await refused(model, "--tolerance", "-1")).toMatchObject({ code: "bad-tolerance" });
    expect(await failure("erf", model)).toMatchObject({
      code: "missing-flag",
      message: expect.stringContaining("--images"),
    });
  });

  it("a field that no Gaussian fits is said, with the picture kept", async () => {
    const dead = await modelFile(
      at("dead.onnx"),
      `g (float[N,3,16,16] x, float[4,3,3,3] w, float[4,5] wy) => (float[N,5] y) <float big = {1e6}>
       { c = Conv (x, w) m = Sub (c, big) f = Relu (m) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
    );
    const { code, stderr, stdout } = await snellen(
      "erf",
      dead,
      "--images",
      photos,
      "--out",
      at("dead"),
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      converged: false,
      sigmaX: null,
      reason: expect.stringContaining("zero"),
    });
    expect(stderr).toContain("R is zero everywhere");
    expect(await readdir(at("dead"))).toContain("erf.png");
  });

  it("an input smaller than the theoretical field is said", async () => {
    const wide = await modelFile(
      at("wide.onnx"),
      `g (float[N,3,16,16] x, float[4,3,9,9] w, float[4,4,9,9] v, float[4,5] wy) => (float[N,5] y)
       { c = Conv <pads = [4,4,4,4], strides = [2,2]> (x, w) d = Relu (c) f = Conv <pads = [4,4,4,4]> (d, v)
         p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`,
    );
    const { stderr } = await snellen("erf", wide, "--images", photos, "--out", at("wide"));
    expect(stderr).toContain("the theoretical field (25x25) is larger than the input (16x16)");
  });

  it("convolutions that have the whole image before them are told as such, not by a size", async () => {
    await modelFile(
      at("gated.onnx"),
      DEEP.replace("{ c = Conv", "{ e = GlobalAveragePool (x) h = Mul (x, e) c = Conv").replace(
        "(x, w) a",
        "(h, w) a",
      ),
    );
    const { stdout } = await snellen(
      "erf",
      at("gated.onnx"),
      "--images",
      photos,
      "--out",
      at("gated"),
      "--quiet",
    );
    expect(stdout).toContain("; every convolution has the whole image before it at any size\n");
    const plain = await snellen("erf", model, "--images", photos, "--out", at("plain"), "--quiet");
    // the second convolution reads a map whose cells have seen 3x3 pixels
    expect(plain.stdout).toContain("; from 3x3 on every convolution adds context\n");
  });

  it("images that cannot be read are left out", async () => {
    await writeFile(at("bad.png"), "no picture");
    const ran = await snellen(
      "erf",
      model,
      "--images",
      photos,
      at("bad.png"),
      "--out",
      at("skipped"),
      "--json",
    );
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ n: 6, skipped: [{ source: at("bad.png") }] });
  });
});
