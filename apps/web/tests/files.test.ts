// Files that are no model, models that do not run, what lies beside a model, and what the page does about it. Oracles: closed forms of
// made-up models, and what the messages have to name.
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { externalizeWeights, parseGraphText, serializeModel } from "@snellen/graph";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { chooseFiles, goTo, inWorker, type OpenApp, openApp, openExample, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");

/** Weights of 1 in a small convolutional classifier. */
const NET = (middle = "f = Relu (c)") => `<ir_version: 9, opset_import: ["": 18]>
  g (float[N,3,16,16] image) => (float[N,4] y) <float[8,3,3,3] w = {${ones(216)}}, float[8,4] v = {${ones(32)}}>
  { c = Conv <pads = [1,1,1,1]> (image, w) ${middle} p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, v) }`;
const ones = (count: number): string => Array.from({ length: count }, (_, i) => (i % 7) / 10).join(", ");

const problemText = (page: Page) => page.locator(".app > .failure").textContent();

describe.skipIf(!hasChromium)("files", () => {
  let app: OpenApp;
  beforeAll(async () => {
    app = await openApp();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const made = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(app.folder, name);
    await writeFile(path, content);
    return path;
  };

  it("says of a file that is no model what it is, and what to do", async () => {
    await chooseFiles(app.page, [await made("notes.onnx", "dear diary")]);
    await expect
      .poll(() => problemText(app.page))
      .toMatch(/^notes\.onnx could not be opened\. .*not an ONNX model.*exporter/);
    await chooseFiles(app.page, [
      await made("model.pt", new Uint8Array([80, 75, 3, 4, ...new Uint8Array(64)])),
    ]);
    await expect.poll(() => problemText(app.page)).toMatch(/^model\.pt could not be opened\. .+\. .+/);
  });

  it("says which operator it cannot differentiate or run", async () => {
    const model = parseGraphText(NET("f = Frobnicate (c)"));
    await chooseFiles(app.page, [await made("odd.onnx", serializeModel(model))]);
    const seen = async () => `${(await app.page.locator(".failure").allTextContents()).join(" ")}`;
    await expect.poll(seen).toContain("Frobnicate");
  });

  it("says of several files that there is nothing among them", async () => {
    await chooseFiles(app.page, [await made("a.pdf", "a"), await made("b.pdf", "b")]);
    await expect.poll(() => problemText(app.page)).toMatch(/no model \(\.onnx\) and no picture.*JPEG/);
  });

  it("refuses what is too large before it takes memory", async () => {
    const path = await made("large.onnx", "");
    await truncate(path, 501 * 2 ** 20);
    await chooseFiles(app.page, [path]);
    await expect
      .poll(() => problemText(app.page))
      .toMatch(/501 MB are more than a page can hold.*command line/);
  });

  it("asks for the file of the weights, and takes it when it comes along", async () => {
    const { model, pieces } = externalizeWeights(parseGraphText(NET()), "net.onnx.data", 16);
    const [path, data] = [
      await made("net.onnx", serializeModel(model)),
      await made("net.onnx.data", Buffer.concat(pieces as Uint8Array[])),
    ];
    await chooseFiles(app.page, [path]);
    await expect
      .poll(() => problemText(app.page))
      .toMatch(/keeps its weights in "net\.onnx\.data".*together/);
    const names = await made("classes.txt", "north\neast\nsouth\nwest\n");
    await chooseFiles(app.page, [path, data]);
    await expect.poll(() => app.page.locator(".brand").textContent()).toContain("net.onnx");
    await goTo(app.page, "inspect");
    expect(await shown(app.page).textContent()).toContain("no names: drop a file with one name a line");
    await chooseFiles(app.page, [names]);
    await expect
      .poll(() => shown(app.page).textContent())
      .toContain("4 names (given): north; east; south; west");
    expect(await shown(app.page).textContent()).toContain("ImageNet's usual values are assumed");
  });

  it("asks for pictures where there are none, and draws some", async () => {
    await goTo(app.page, "look");
    await shown(app.page).getByText("There are no pictures to look at yet.").waitFor();
    await shown(app.page).getByRole("button", { name: "Draw letters instead" }).click();
    await app.page.locator(".heat-map canvas").waitFor();
  });

  it("says which picture cannot be read", async () => {
    await chooseFiles(app.page, [await made("broken.png", "no picture")]);
    await expect
      .poll(() => shown(app.page).getByRole("alert").textContent())
      .toMatch(/broken\.png: cannot be decoded/i);
  });

  it("says of a JSON file that it is no exam", async () => {
    await chooseFiles(app.page, [await made("exam.json", '{"version": 9}')]);
    await expect.poll(() => problemText(app.page)).toMatch(/no exam, or one of another version/);
    await chooseFiles(app.page, [await made("exam.json", "{")]);
    await expect.poll(() => problemText(app.page)).toMatch(/not JSON/);
  });

  it("is as usable after all this as before; a second model has a worker of its own, and the first one's is gone", async () => {
    const before = app.page.workers().length;
    const picture = join(MODELS, "optotypes/images/S/000000.png");
    await chooseFiles(app.page, [join(MODELS, "optotypes-vit.onnx"), picture]);
    await expect.poll(() => app.page.locator(".brand").textContent()).toContain("optotypes-vit.onnx");
    await shown(app.page).locator(".heat-map canvas").waitFor();
    await expect.poll(() => app.page.workers().length).toBe(before);
    expect(app.problems).toEqual([]);
  });
});

describe.skipIf(!hasChromium)("models", () => {
  it("takes the model that was asked for last", async () => {
    await using app = await openApp();
    const [cnn, vit] = [join(MODELS, "optotypes-cnn.onnx"), join(MODELS, "optotypes-vit.onnx")];
    for (const path of [vit, cnn, vit, cnn]) await chooseFiles(app.page, [path]);
    await expect.poll(() => app.page.locator(".brand").textContent()).toContain("optotypes-cnn.onnx");
    await goTo(app.page, "inspect");
    await expect.poll(() => app.page.locator(".app > .notice").count()).toBe(0);
    expect(await app.page.locator(".brand").textContent()).toContain("optotypes-cnn.onnx");
    expect(await shown(app.page).textContent()).toContain("layer4.0/Relu");
  });
});

describe.skipIf(!hasChromium)("pictures", () => {
  it("come from a camera", async () => {
    const browserArgs = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    await using app = await openApp({ browserArgs });
    await openExample(app.page, "optotypes-cnn");
    await app.page.getByRole("button", { name: "Camera" }).click();
    await expect
      .poll(() => app.page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth))
      .toBeGreaterThan(0);
    await app.page.getByRole("button", { name: "Take a picture" }).click();
    await app.page.getByText("61 pictures of optotypes, drawn here, classes known").waitFor();
    const looked = (await inWorker(app.page, "heatMaps", { image: 60, maps: [] })) as {
      view: { data: number[] };
    };
    expect(new Set(looked.view.data).size).toBeGreaterThan(1);
    await app.page.getByRole("button", { name: "Stop the camera" }).click();
  });

  it("have their classes by the folders that they lie in, masks left out", async () => {
    await using app = await openApp({
      given: new Map([
        ["optotypes-cnn.onnx", join(MODELS, "optotypes-cnn.onnx")],
        ["letters/S/a.png", join(MODELS, "optotypes/images/S/000000.png")],
        ["letters/H/b.png", join(MODELS, "optotypes/images/H/000001.png")],
      ]),
    });
    await app.page.getByText("2 pictures of letters, classes from their folders").waitFor();
    await app.page.locator(".predictions .name", { hasText: "✓" }).first().waitFor();
  });

  it("are left out with a sentence where they cannot be read, and refused where none can", async () => {
    await using app = await openApp();
    const broken = join(app.folder, "broken.png");
    await writeFile(broken, "no picture");
    const plan = () => shown(app.page).getByRole("button", { name: "Plan the decay" }).click();
    await chooseFiles(app.page, [
      join(MODELS, "optotypes-cnn.onnx"),
      broken,
      join(MODELS, "optotypes/images/S/000000.png"),
    ]);
    await goTo(app.page, "norms");
    await plan();
    await shown(app.page).getByText("Parameter groups for PyTorch").waitFor();
    expect(await shown(app.page).textContent()).toContain("Left out: broken.png: cannot be decoded");
    await chooseFiles(app.page, [broken]);
    await app.page.getByText("1 picture of broken.png").waitFor();
    await plan();
    await expect
      .poll(() => shown(app.page).getByRole("alert").textContent())
      .toMatch(/^The picture could not be used\. .*broken\.png/);
  });
});
