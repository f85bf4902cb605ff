// snellen exam from the command line. Oracle: the published schema, and what was put into the folder.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compareExams } from "snellen";
import { parseExam } from "snellen/exam";
import { expect, it } from "vitest";
import { EMBEDDED } from "../embedded.ts";
import {
  CLASSIFIER,
  failure,
  modelFile,
  pictureFile,
  snellen,
  temporaryFolder,
} from "../test-support/command-line.ts";

const at = await temporaryFolder();
const model = await modelFile(at("model.onnx"), CLASSIFIER);
const HOSTILE = `<img src=x onerror=alert(1)>&"'.png`;

it("writes a result of the published schema and a page of it, and lists what it skipped", async () => {
  for (const [i, name] of ["one.png", "two.png", HOSTILE].entries()) await pictureFile(at("photos", name), i);
  await writeFile(at("photos", "bad.jpg"), "no picture");
  const ran = await snellen("exam", model, "--images", at("photos"), "--out", at("out"), "--json", "--quiet");
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/^warning: skipped .*bad\.jpg: cannot be decoded.*\n$/);
  const result = parseExam(JSON.parse(ran.stdout));
  expect(parseExam(JSON.parse(await readFile(at("out", "exam.json"), "utf8")))).toEqual(result);
  expect(result.images).toMatchObject({ count: 4, skipped: [{ source: at("photos", "bad.jpg") }] });
  expect(result.audits.map((a) => [a.id, a.verdict])).toEqual([
    ["reading", "informative"],
    ["heat-maps", expect.stringMatching(/good|attention/)],
    ["localization", "notApplicable"],
    ["conservation", "good"],
    ["sanity-check", expect.stringMatching(/good|attention|informative/)],
    ["field-shape", expect.stringMatching(/good|attention|informative/)],
    ["field-and-objects", "notApplicable"],
    ["unproductive-layers", "notApplicable"],
    ["checkerboard", "informative"],
    ["centre-bias", "informative"],
    ["groups", "notApplicable"],
    ["gammas", "notApplicable"],
    ["folded-normalization", "notApplicable"],
    ["corruptions", "notApplicable"],
    ["contrast-curve", "informative"],
    ["patch-embedding-scale", "notApplicable"],
    ["rivals", "notApplicable"],
  ]);
  const page = await readFile(at("out", "exam.html"), "utf8");
  expect(page).toContain("&lt;img src=x onerror=alert(1)>");
  expect(page).not.toContain("<img src=x");
});

it("tells people the verdicts and where the report is", async () => {
  await pictureFile(at("single", "one.png"));
  const { code, stdout } = await snellen("exam", model, "--images", at("single"), "--out", at("told"));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^model\.onnx, 1 image\n/);
  expect(stdout).toMatch(/i for reading\s+The network reads the images\n\s+No labels: 1 image was read/);
  expect(stdout).toContain(`report: ${at("told", "exam.html")}`);
});

it("examines several models side by side, each into a folder of its own, files of one name too", async () => {
  const larger = CLASSIFIER.replace("16,16", "32,32");
  const [first, second] = [at("one", "net.onnx"), at("two", "net.onnx")];
  for (const [i, path] of [first, second].entries()) {
    await mkdir(dirname(path), { recursive: true });
    await modelFile(
      path,
      i === 0 ? larger : larger.replace("8,5] wy", "8,5] wy, float[5] b").replace("wy) }", "wy, b) }"),
    );
  }
  for (const i of [1, 2, 3]) await pictureFile(at("several", `${i}.png`), i, 40, 36);
  const flags = ["--images", at("several"), "--out", at("many"), "--quiet"];
  const { code, stdout } = await snellen("exam", first, second, ...flags);
  expect(code).toBe(0);
  const [told, compared] = stdout.split("\n\nCompared with net;");
  expect(told).toMatch(/report: .*net~2.exam\.html$/);
  expect(compared).toMatch(/│ conservation error of Extended-CAM \(median\) +│ \d/);
  expect(compared).toMatch(/report: .*comparison\.html\n$/);
  for (const [i, folder] of ["net", "net~2"].entries()) {
    const own = parseExam(JSON.parse(await readFile(at("many", folder, "exam.json"), "utf8")));
    const rows = new Map(own.audits.map((row) => [row.id, row]));
    expect(rows.get("corruptions")?.summary).toMatch(
      /of the predictions change, the mean over 5 corruptions/,
    );
    expect(rows.get("rivals")?.summary).toContain(`Beside ${["net~2", "net"][i]} (a convolutional network)`);
    // two convolutional ones are not the paper's pair
    expect(rows.get("rivals")?.summary).not.toContain("paper");
  }
});

it("wants images for models that are named", async () => {
  const error = await failure("exam", model, model);
  expect(error).toMatchObject({ code: "missing-flag", exitCode: 2 });
});

/** The first of the embedded images, in folders of their classes; without masks, whose audits take longest. */
async function fewOptotypes(to: string, count: number): Promise<string> {
  const from = join(EMBEDDED.folder, EMBEDDED.images);
  const { images } = JSON.parse(await readFile(join(from, "annotations.json"), "utf8"));
  for (const { file, class: name } of images.slice(0, count)) {
    await mkdir(join(to, name), { recursive: true });
    await copyFile(join(from, file), join(to, name, basename(file)));
  }
  return to;
}

it("examines both embedded networks where none is named, each in a folder of its own", async () => {
  // on few of their images: run-exam.test.ts looks at the verdicts
  const images = await fewOptotypes(at("optotypes"), 4);
  const flags = ["--images", images, "--out", at("embedded"), "--json", "--quiet"];
  const { code, stdout } = await snellen("exam", ...flags);
  expect(code).toBe(0);
  const results = (JSON.parse(stdout) as unknown[]).map(parseExam);
  expect(results.map((r) => r.model.name)).toEqual(["optotypes-cnn.onnx", "optotypes-vit.onnx"]);
  for (const { audits, images } of results) {
    expect(images.count).toBe(4);
    expect(audits[0]).toMatchObject({
      id: "reading",
      summary: expect.stringMatching(/of 4 labelled images/),
    });
    expect(audits.at(-1)).toMatchObject({ id: "rivals", summary: expect.stringContaining("on this pair") });
  }
  for (const name of ["optotypes-cnn", "optotypes-vit"])
    expect(await readFile(at("embedded", name, "exam.html"), "utf8")).toContain(`Eye exam of ${name}.onnx`);

  const comparison = JSON.parse(await readFile(at("embedded", "comparison.json"), "utf8"));
  const names = ["optotypes-cnn", "optotypes-vit"].map((name) => ({ name, images: 4 }));
  expect(comparison).toMatchObject({ version: 1, models: names });
  expect(comparison).toEqual(compareExams(results, ["optotypes-cnn", "optotypes-vit"]));
  const row = (audit: string, figure: string) =>
    comparison.rows.find(
      (own: { audit: string; figure: string }) => own.audit === audit && own.figure === figure,
    );
  expect(row("reading", "accuracy").differences[1]).toMatchObject({ basis: "pairs", images: 4 });
  expect(row("patch-embedding-scale", "growth-contrast-enhancement").values).toEqual([
    null,
    expect.any(Number),
  ]);
  // of four images no interval is known
  expect(row("rivals", "accuracy-lost-corruptions").differences[1].basis).toBe("numbers");
  const page = await readFile(at("embedded", "comparison.html"), "utf8");
  for (const name of ["optotypes-cnn", "optotypes-vit"])
    expect(page).toContain(`<a href="${name}/exam.html#reading">`);
}, 120_000);
