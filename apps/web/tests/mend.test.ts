// Repairs in the page, and the mended models that it hands over. Oracle: onnxruntime-node on the downloaded files.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { openImages, openModel } from "snellen/node";
import { describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { goTo, type OpenApp, openApp, openExample, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");

/** The part of the page about a repair, run. */
async function mended(page: Page, title: string, pictures?: number): Promise<Locator> {
  await goTo(page, "mend");
  const card = shown(page).locator("section", {
    has: page.getByRole("heading", { name: title, exact: true }),
  });
  if (pictures !== undefined) await card.getByLabel("Pictures").fill(String(pictures));
  await card.locator("button.primary").click();
  await card.locator("button.primary").waitFor();
  return card;
}

async function saved({ page, folder }: OpenApp, button: Locator): Promise<string> {
  const waiting = page.waitForEvent("download");
  await button.click();
  const download = await waiting;
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

async function scores(path: string): Promise<number[][]> {
  await using model = await openModel(path);
  const { entries } = await openImages(join(MODELS, "optotypes/images/S"));
  const images = await Promise.all(entries.map(({ read }) => read()));
  return (await model.predict(images)).map(({ logits }) => [...logits]);
}

describe.skipIf(!hasChromium)("mended models", () => {
  it("even kernels leave the scores as they are; the mended model opens in place of the one before", async () => {
    await using app = await openApp();
    await openExample(app.page, "optotypes-cnn");
    const card = await mended(app.page, "Kernel padding");
    expect(await card.textContent()).toMatch(/Outputs before and after differ by at most \d/);
    const path = await saved(app, card.getByRole("button", { name: /^Save optotypes-cnn/ }));
    const [before, after] = [await scores(join(MODELS, "optotypes-cnn.onnx")), await scores(path)];
    const apart = before.flatMap((row, i) => row.map((v, k) => Math.abs(v - (after[i]?.[k] ?? Number.NaN))));
    expect(Math.max(...apart)).toBeLessThan(1e-4);
    const report = await saved(app, card.getByRole("button", { name: "Save the report (JSON)" }));
    expect(JSON.parse(await readFile(report, "utf8")).changes.length).toBeGreaterThan(0);
    expect(await card.locator("details pre").textContent()).toContain("import torch");
    await card.getByRole("button", { name: "Open the mended model here" }).click();
    await expect
      .poll(() => app.page.locator(".brand").textContent())
      .toContain("optotypes-cnn.even-kernels.onnx");
    const again = await mended(app.page, "Kernel padding");
    await expect.poll(() => again.textContent()).toContain("there is nothing to mend");
    expect([app.foreign, app.problems]).toEqual([[], []]);
  });

  it("PreLayerNorm goes into a transformer, calibrated; a convolutional network has no patches", async () => {
    await using app = await openApp();
    await openExample(app.page, "optotypes-vit");
    const card = await mended(app.page, "PreLayerNorm", 6);
    expect(await card.textContent()).toContain("contrast enhancement and colour scale");
    const path = await saved(app, card.getByRole("button", { name: /^Save optotypes-vit/ }));
    const rows = await scores(path);
    expect(rows.flat().every(Number.isFinite)).toBe(true);
    expect(rows).not.toEqual(await scores(join(MODELS, "optotypes-vit.onnx")));
    expect(app.problems).toEqual([]);
    await app.page.goto(app.url);
    await openExample(app.page, "optotypes-cnn");
    const refused = await mended(app.page, "PreLayerNorm");
    expect(await refused.getByRole("alert").textContent()).toMatch(/patch/);
  });
});
