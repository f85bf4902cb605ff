// The exam in the page: the same verdicts as Node's on the same files, the report as a file, and a report that was made before.
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createCorruptor, createExamGroup, type ExamResult, examHtml, runExam } from "snellen";
import { encodePng, openImages, openModel, readMask } from "snellen/node";
import { expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { chooseFiles, goTo, openApp, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");
const IMAGES = join(MODELS, "optotypes/images");

/** One of each letter: enough for every audit to have something to say, and no more than that. In the order of their names, as the page has them. */
const files = readdirSync(IMAGES)
  .flatMap((letter) =>
    readdirSync(join(IMAGES, letter))
      .sort()
      .slice(0, 1)
      .map((file) => join(IMAGES, letter, file)),
  )
  .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));

async function inNode(name: string): Promise<ExamResult> {
  await using model = await openModel(join(MODELS, `${name}.onnx`));
  const { entries } = await openImages(files, { labelsFrom: "folder", labels: model.info.labels.names });
  const images = { name: "files", entries };
  await using corruptor = createCorruptor();
  return await runExam({
    model,
    modelName: `${name}.onnx`,
    images,
    batch: 8,
    corruptor,
    encodePng,
    readMask,
    group: createExamGroup([{ name: `${name}.onnx`, model, images }]),
  });
}

it.skipIf(!hasChromium).each(["optotypes-cnn", "optotypes-vit"])(
  "gives Node's verdicts on %s, saves the report and opens it again",
  async (name) => {
    // a label file stands for the folders, which a chooser of files does not tell
    const labels = Object.fromEntries(files.map((file) => [file.split("/").at(-1), file.split("/").at(-2)]));
    await using app = await openApp();
    const { page, folder } = app;
    await writeFile(join(folder, "annotations.json"), JSON.stringify({ labels }));
    await chooseFiles(page, [join(MODELS, `${name}.onnx`), ...files, join(folder, "annotations.json")]);
    await page.locator(".strip img").first().waitFor();
    await goTo(page, "exam");
    const view = shown(page);
    await view.getByRole("button", { name: "Examine" }).click();
    const expected = await inNode(name);
    await view.getByRole("button", { name: "Save as JSON" }).waitFor();

    const download = async (label: string): Promise<string> => {
      const waiting = page.waitForEvent("download");
      await view.getByRole("button", { name: label }).click();
      const path = join(folder, (await waiting).suggestedFilename());
      await (await waiting).saveAs(path);
      return path;
    };
    const path = await download("Save as JSON");
    const found = JSON.parse(await readFile(path, "utf8")) as ExamResult;
    const verdicts = ({ audits }: ExamResult) =>
      Object.fromEntries(audits.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts(found)).toEqual(verdicts(expected));
    expect(Object.values(verdicts(found))).not.toContain("error");
    // figures too, but for what a measurement's own threshold decides
    for (const [i, { figures = [] }] of expected.audits.entries())
      for (const [k, { value }] of figures.entries())
        if (value !== null) expect(found.audits[i]?.figures?.[k]?.value).toBeCloseTo(value, 2);

    const html = await download("Save as HTML");
    expect(await readFile(html, "utf8")).toBe(examHtml(found));
    await page.goto(app.url);
    await chooseFiles(page, [path]);
    await expect
      .poll(() => page.getByRole("heading", { level: 1 }).first().textContent())
      .toBe(`Eye exam of ${name}.onnx`);
    // a report alone has the page to itself
    expect(await page.locator("main").evaluate((main) => main.clientWidth)).toBeGreaterThan(1000);
    expect([app.foreign, app.problems]).toEqual([[], []]);
  },
);
