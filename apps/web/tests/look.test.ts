// The first steps on the embedded networks. Oracle: the same heat maps from onnxruntime-node; both runtimes compute in float32, in
// another order.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openImages, openModel } from "snellen/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { goTo, inWorker, type OpenApp, openApp, openExample, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");

const WISHES = [
  { method: "extended-cam", upsampling: "gaussian", layer: "auto", target: "top1" },
  { method: "grad-cam", upsampling: "bilinear", layer: "auto", target: "H vs N" },
  { method: "full-grad", upsampling: "bilinear", layer: "auto", target: "label" },
] as const;

describe.skipIf(!hasChromium).each(["optotypes-cnn", "optotypes-vit"] as const)("%s", (name) => {
  let app: OpenApp;
  beforeAll(async () => {
    app = await openApp();
    await openExample(app.page, name);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("gives Node's maps and scores on the embedded images, drawn here", async () => {
    await using model = await openModel(join(MODELS, `${name}.onnx`));
    const { entries } = await openImages(join(MODELS, "optotypes/images"), {
      labels: model.info.labels.names,
    });
    for (const index of [3, 31]) {
      const looked = (await inWorker(app.page, "heatMaps", { image: index, maps: [...WISHES] })) as {
        top: { name: string; probability: number }[];
        maps: { map: { values: number[] }; sum: number; score: number; className: string }[];
      };
      const image = await (entries[index] as (typeof entries)[number]).read();
      for (const [i, { method, ...wish }] of WISHES.entries()) {
        const [expected] = await model.cam([image], { method, ...wish });
        const found = looked.maps[i];
        const largest = Math.max(...(expected?.map.values ?? []).map(Math.abs));
        const apart = (expected?.map.values ?? []).map((v, k) =>
          Math.abs(v - (found?.map.values[k] ?? Number.NaN)),
        );
        expect(Math.max(...apart)).toBeLessThanOrEqual(1e-3 * Math.max(1, largest));
        expect(largest).toBeGreaterThan(1e-4);
        expect(found?.score).toBeCloseTo(expected?.score as number, 3);
        expect(found?.className).toBe(expected?.className);
      }
    }
  });

  it("shows what the file holds, and takes other preprocessing", async () => {
    await goTo(app.page, "inspect");
    await expect.poll(() => shown(app.page).textContent()).toContain("NCHW, 64 × 64 pixels, 3 channels");
    await app.page.getByLabel("Mean", { exact: true }).fill("0.4, 0.4, 0.4");
    await app.page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => shown(app.page).textContent()).toContain("From: what was set here (mean");
    await app.page.getByLabel("Standard deviation").fill("0, 1, 1");
    await app.page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => shown(app.page).getByRole("alert").textContent()).toContain("lie above 0");
    await app.page.getByLabel("Standard deviation").fill("0.5, 0.5, 0.5");
    await app.page.getByLabel("Mean", { exact: true }).fill("0.5, 0.5, 0.5");
    await app.page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => shown(app.page).getByRole("alert").count()).toBe(0);
  });

  it("explains another class beside another method, and tells the cells' shares", async () => {
    const { page } = app;
    await goTo(page, "look");
    await page.getByLabel("Beside another method").check();
    await expect.poll(() => page.locator(".heat-map canvas").count()).toBe(2);
    await page.getByLabel("Class to explain").fill("Z");
    await page.getByLabel("Class to explain").press("Enter");
    const surface = page.locator(".heat-map .surface").first();
    await expect.poll(() => surface.getAttribute("aria-label")).toContain("for Z, 8 by 8 cells");
    await surface.focus();
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => page.locator(".heat-map [aria-live]").first().textContent())
      .toMatch(/^Row 5, column 6: -?\d+\.\d{3}, -?\d+\.\d % of the score\.$/);
    await page.getByLabel("Opacity").fill("0.2");
    await page.getByLabel("Class to explain").fill("no such letter");
    await page.getByLabel("Class to explain").press("Enter");
    await expect.poll(() => shown(page).getByRole("alert").textContent()).toContain("no such letter");
    await page.getByLabel("Class to explain").fill("");
    await page.getByLabel("Class to explain").press("Enter");
    await expect.poll(() => shown(page).getByRole("alert").count()).toBe(0);
  });

  it("says that there is no WebGPU, and goes on", async () => {
    await goTo(app.page, "inspect");
    await app.page.getByLabel("Device").selectOption("webgpu");
    await expect
      .poll(() => shown(app.page).getByRole("status").textContent())
      .toMatch(/WebGPU was not used: .* on the processor/);
    await goTo(app.page, "look");
    await app.page.locator(".heat-map canvas").first().waitFor();
  });

  it("asked nobody else for anything, and had no error", () => {
    expect([app.foreign, app.problems]).toEqual([[], []]);
  });
});

it.skipIf(!hasChromium)("forbids itself to talk to anybody else", async () => {
  const html = await readFile(join(import.meta.dirname, "../index.html"), "utf8");
  expect(html).toContain("connect-src 'self' blob: data:");
});
