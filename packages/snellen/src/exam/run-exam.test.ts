// The exam on a small network. Oracles: zod's schema, what the model says when asked directly, and audits made to fail.
import { join } from "node:path";
import { ImageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { Image, ImageInput } from "../images/image.ts";
import { openImages } from "../node/images.ts";
import { readMask } from "../node/masks.ts";
import { openModel } from "../node/open-model.ts";
import { encodePng } from "../node/png.ts";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import { type Audit, defineAudit } from "./audit.ts";
import { audits } from "./registry.ts";
import { type ExamResult, parseExam } from "./result.ts";
import { createExamGroup, type Examinee } from "./robustness/exam-group.ts";
import { type ExamContext, runExam } from "./run-exam.ts";

const CLASSIFIER = `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

const picture = (seed: number, label: Partial<Image> = {}): Image => ({
  width: 16,
  height: 16,
  data: Uint8Array.from({ length: 768 }, (_, i) => (i * (31 + seed) + ((i * i) % (97 + seed))) % 256),
  source: `photos/${seed}.png`,
  ...label,
});

const entry = (image: ImageInput) => ({ source: image.source, read: async () => image });
const broken = (source: string) => ({
  source,
  read: () => Promise.reject(new ImageError("unreadable-image", "cannot be decoded.", { where: source })),
});

async function examine(
  entries: ExamContext["images"]["entries"],
  changes: Partial<ExamContext> = {},
  text = CLASSIFIER,
) {
  await using model = openTextModel(text);
  const images = { name: "photos", entries };
  const result = await runExam({ model, modelName: "model.onnx", images, batch: 4, encodePng, ...changes });
  return parseExam(JSON.parse(JSON.stringify(result)));
}

/** Verdicts on a network without normalization. */
const NO_NORMALIZATION = {
  groups: "notApplicable",
  gammas: "notApplicable",
  "folded-normalization": "notApplicable",
} as const;

/** On robustness, of a small network by itself, whose images have no labels. */
const UNLABELLED = {
  corruptions: "notApplicable",
  "contrast-curve": "informative",
  "patch-embedding-scale": "notApplicable",
  rivals: "notApplicable",
} as const;

const verdicts = (result: ExamResult) => Object.fromEntries(result.audits.map((a) => [a.id, a.verdict]));

const MODELS = join(import.meta.dirname, "../../../../models");

describe("runExam", () => {
  it("skips an image without its mask where masks are read, and localizes on the others", async () => {
    const good = picture(1, { classIndex: 1, box: [2, 2, 9, 9] });
    const bad = picture(2, { classIndex: 1, maskFile: "gone.png" });
    const labelled = (image: Image) => ({ ...entry(image), label: image });
    const told: string[] = [];
    const result = await examine([labelled(good), labelled(bad)], {
      readMask,
      onSkip: ({ source }) => told.push(source),
    });
    expect(told).toEqual([bad.source]);
    expect(result.images.skipped).toEqual([
      { source: bad.source, reason: `${bad.source}: gone.png: there is no such file.` },
    ]);
    expect(verdicts(result).localization).not.toBe("error");
    expect(result.audits.find(({ id }) => id === "localization")?.summary).toContain("1 image");
  });

  it("finds the embedded network in good health, which reads all of its images (models/README.md)", async () => {
    await using model = await openModel(join(MODELS, "optotypes-cnn.onnx"));
    const { entries } = await openImages([join(MODELS, "optotypes")], {
      labels: model.info.labels.names,
      limit: 12,
    });
    const images = { name: "optotypes", entries };
    const result = await runExam({ model, modelName: model.name, images, batch: 5, encodePng, readMask });
    expect(verdicts(result)).toEqual({
      reading: "good",
      "heat-maps": "good",
      localization: "good",
      conservation: "good",
      // single maps of a random network may look like the trained one's, and eight images may not decide it
      "sanity-check": expect.stringMatching(/^(good|attention|informative)$/),
      // R of twelve images is too noisy for more
      "field-shape": expect.stringMatching(/^(good|informative)$/),
      "field-and-objects": "good",
      "unproductive-layers": "good",
      checkerboard: "informative",
      "centre-bias": "informative",
      ...NO_NORMALIZATION,
      // it keeps its batch normalizations, whose scales are judged
      "folded-normalization": "good",
      gammas: "informative",
      corruptions: expect.stringMatching(/^(attention|problem)$/),
      "contrast-curve": "good",
      "patch-embedding-scale": "notApplicable",
      rivals: "notApplicable",
    });
    expect(result.audits.find(({ id }) => id === "corruptions")?.summary).toMatch(
      /^Accuracy falls from 100\.0 % .* 12 labelled images/,
    );
    expect(result.audits.find(({ id }) => id === "field-and-objects")?.summary).toContain(" of 12 objects");
    expect(result.audits[0]?.summary).toContain("100.0 % of 12 labelled images");
  });

  it("sets the embedded networks beside each other, and weighs the vision transformer's positions", async () => {
    const names = ["optotypes-cnn", "optotypes-vit"];
    const members: Examinee[] = [];
    try {
      for (const name of names) {
        const model = await openModel(join(MODELS, `${name}.onnx`));
        const { entries } = await openImages([join(MODELS, "optotypes")], {
          labels: model.info.labels.names,
          limit: 12,
        });
        members.push({ name, model, images: { name: "optotypes", entries } });
      }
      const group = createExamGroup(members);
      const robustness = ["corruptions", "contrast-curve", "patch-embedding-scale", "rivals"];
      const wanted = audits.filter(({ id }) => robustness.includes(id));
      const results = await Promise.all(
        members.map((own) =>
          runExam({ ...own, modelName: own.name, group, batch: 6, encodePng, audits: wanted }),
        ),
      );
      const told = (at: number, id: string) => results[at]?.audits.find((row) => row.id === id);
      for (const at of [0, 1]) {
        expect(Object.values(verdicts(results[at] as ExamResult))).not.toContain("error");
        expect(told(at, "contrast-curve")).toMatchObject({ verdict: "good" });
        expect(told(at, "rivals")?.summary).toContain(
          `Beside ${names[1 - at]} (a ${["vision transformer", "convolutional network"][at]})`,
        );
      }
      expect(told(0, "patch-embedding-scale")?.verdict).toBe("notApplicable");
      expect(told(1, "patch-embedding-scale")?.summary).toMatch(
        /Under growing contrast, patches grow to [12]\.\d+ ×/,
      );
      // one and the same claim in both reports
      const claims = [0, 1].map(
        (at) => /What the paper says.*$/.exec(told(at, "rivals")?.summary ?? "")?.[0],
      );
      expect(claims[0]).toMatch(/(holds|does not hold|is undecided) on this pair/);
      expect(claims[1]).toBe(claims[0]);
    } finally {
      for (const { model } of members) await model[Symbol.asyncDispose]();
    }
  });

  it("judges labelled images, and its JSON fits the published schema", async () => {
    const images = Array.from({ length: 9 }, (_, i) => picture(i));
    await using model = openTextModel(CLASSIFIER);
    const predictions = await model.predict(images);
    const labelled = images.map(
      (image, i) => ({ ...image, classIndex: predictions[i]?.classIndex }) as Image,
    );
    const result = await examine(labelled.map(entry));
    expect(verdicts(result)).toMatchObject({ reading: "good", "heat-maps": "good" });
    expect(result).toMatchObject({
      version: 1,
      model: { name: "model.onnx" },
      images: { count: 9, skipped: [] },
    });
    expect(result.audits[0]?.summary).toContain("100.0 % of 9 labelled images");
    const pictures = result.audits[1]?.evidence.filter((e) => e.kind === "picture") ?? [];
    expect(pictures).toHaveLength(8);
    for (const { png } of pictures) expect(atob(png).slice(1, 4)).toBe("PNG");
  });

  it("works on one image without a label", async () => {
    const result = await examine([entry(picture(1))]);
    expect(verdicts(result)).toMatchObject({ reading: "informative", "heat-maps": "good" });
    expect(result.audits[1]?.evidence).toHaveLength(1);
  });

  it("works on preprocessed tensors, whose pictures it undoes", async () => {
    const tensor = (i: number): ImageInput => ({
      shape: [3, 16, 16],
      values: Float32Array.from({ length: 768 }, (_, k) => Math.sin(k * (i + 1))),
      source: `batch.npy[${i}]`,
    });
    const result = await examine([entry(tensor(0)), entry(tensor(1))]);
    expect(verdicts(result)).toMatchObject({ reading: "informative", "heat-maps": "good" });
  });

  it("works on a dense output and on a network without space", async () => {
    const dense = `g (float[1,3,16,16] x, float[4,3,3,3] w) => (float[1,4,14,14] y) { c = Conv (x, w) f = Relu (c) y = Softmax <axis = 1> (f) }`;
    const result = await examine([entry(picture(1)), entry(picture(2))], {}, dense);
    expect(Object.values(verdicts(result))).not.toContain("error");
    const flat = `g (float[N,3,16,16] x, float[768,5] w) => (float[N,5] y) { f = Flatten (x) y = Gemm (f, w) }`;
    expect(verdicts(await examine([entry(picture(1))], {}, flat))).toEqual({
      reading: "informative",
      "heat-maps": "notApplicable",
      localization: "notApplicable",
      conservation: "notApplicable",
      "sanity-check": "notApplicable",
      "field-shape": "notApplicable",
      "field-and-objects": "notApplicable",
      "unproductive-layers": "notApplicable",
      checkerboard: "informative",
      "centre-bias": "informative",
      ...NO_NORMALIZATION,
      ...UNLABELLED,
    });
  });

  it("leaves unreadable images out, and tells of each once", async () => {
    const told: string[] = [];
    const entries = [broken("a.png"), entry(picture(1)), broken("b.png"), entry(picture(2))];
    const result = await examine(entries, { onSkip: ({ source }) => told.push(source) });
    expect(told).toEqual(["a.png", "b.png"]);
    expect(result.images).toMatchObject({
      count: 4,
      skipped: [{ source: "a.png", reason: "a.png: cannot be decoded." }, { source: "b.png" }],
    });
    expect(Object.values(verdicts(result))).not.toContain("error");
  });
});

describe("audits that fail", () => {
  const metadata = {
    title: "It holds",
    failureTitle: "It does not",
    description: "Why it matters.",
    learnMore: "https://example.org",
  };
  const throwing: Audit = defineAudit({
    ...metadata,
    id: "throwing",
    inWords: {},
    needs: ["facts"],
    audit: () => {
      throw new Error("<b>boom</b>");
    },
  });
  const failing: Audit = defineAudit({
    ...metadata,
    id: "failing",
    inWords: { problem: "It does not hold." },
    needs: ["facts"],
    audit: () => ({ verdict: "problem", summary: "It is so.", remedy: "mend it" }),
  });

  it("become a row with their error, and the others go on", async () => {
    const result = await examine([entry(picture(1))], { audits: [throwing, failing, ...audits] });
    expect(result.audits[0]).toMatchObject({
      id: "throwing",
      verdict: "error",
      summary: "Could not be judged: <b>boom</b>",
      title: "It holds",
      inWords: expect.stringContaining("something went wrong"),
    });
    expect(result.audits[1]).toMatchObject({
      title: "It does not",
      inWords: "It does not hold.",
      remedy: "mend it",
    });
    // each verdict that was given has its words
    for (const row of result.audits) expect(row.inWords).toMatch(/\.$/);
    expect(Object.keys(verdicts(result))).toEqual([
      "throwing",
      "failing",
      "reading",
      "heat-maps",
      "localization",
      "conservation",
      "sanity-check",
      "field-shape",
      "field-and-objects",
      "unproductive-layers",
      "checkerboard",
      "centre-bias",
      ...Object.keys(NO_NORMALIZATION),
      ...Object.keys(UNLABELLED),
    ]);
  });

  it("become rows with the reason when what they need cannot be made, which is tried once", async () => {
    let reads = 0;
    const counted = async () => {
      reads++;
      return picture(1);
    };
    const nan = CLASSIFIER.replace("y = Gemm (r, wy)", "z = Gemm (r, wy) s = Sub (z, z) y = Div (z, s)");
    const result = await examine([{ source: "photos/1.png", read: counted }], {}, nan);
    const { "unproductive-layers": layers, "folded-normalization": folded, ...others } = verdicts(result);
    // the graph alone tells
    expect([layers, folded]).toEqual(["notApplicable", "notApplicable"]);
    expect(new Set(Object.values(others))).toEqual(new Set(["error"]));
    expect(result.audits[0]?.summary).toMatch(
      /^Could not be judged: output "y": the scores of photos\/1\.png hold NaN/,
    );
    expect(reads).toBe(1);
  });

  it("tell how many audits are left", async () => {
    const steps: string[] = [];
    await examine([entry(picture(1))], { onProgress: (step) => steps.push(step) });
    const numbers = steps.map((step) => Number(/^audit (\d+) of \d+, ./.exec(step)?.[1]));
    expect(numbers.every(Number.isInteger)).toBe(true);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBeGreaterThan(3);
  });

  it("end the exam only when it is aborted", async () => {
    const abort = new AbortController();
    const running = examine([entry(picture(1)), entry(picture(2))], {
      batch: 1,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});
