// Field, stress and norms on the embedded networks. Oracle: the same measurements from onnxruntime-node on the same pictures.
import { join } from "node:path";
import { evenly, type GammaPlan, gammaPlan } from "snellen";
import { openImages, openModel } from "snellen/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { goTo, inWorker, type OpenApp, openApp, openExample, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");

describe.skipIf(!hasChromium).each(["optotypes-cnn", "optotypes-vit"] as const)("%s", (name) => {
  let app: OpenApp;
  beforeAll(async () => {
    app = await openApp();
    await openExample(app.page, name);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("accumulates R while one watches, to what Node measures, with marks and a loupe", async () => {
    const { page } = app;
    await goTo(page, "field");
    const view = shown(page);
    await view.getByLabel("Pictures").fill("8");
    await view.getByRole("button", { name: "Measure" }).click();
    await expect
      .poll(() => view.locator("figcaption").first().textContent())
      .toMatch(/R after \d+ of 8 pictures|one and two standard/);
    await view.getByRole("heading", { name: "Do all pixels count alike?" }).waitFor();
    expect(await view.locator("svg.marks ellipse").count()).toBeLessThanOrEqual(2);
    await view.locator('.surface[role="application"]').focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => view.getByText(/^Rows 1 to 16, columns 2 to 17/).count()).toBe(1);
    await view.getByLabel("Over the picture").check();

    const found = (await inWorker(page, "field", { layer: "auto", n: 8 })) as {
      layer: { map: { values: number[] }; summary: { sigmaX: number | null } };
    };
    await using model = await openModel(join(MODELS, `${name}.onnx`));
    const { entries } = await openImages(join(MODELS, "optotypes/images"), {
      labels: model.info.labels.names,
    });
    const expected = await model.erf(evenly(entries, 8), { batch: 4 });
    const largest = Math.max(...expected.map.values);
    const apart = [...expected.map.values].map((v, i) =>
      Math.abs(v - (found.layer.map.values[i] ?? Number.NaN)),
    );
    expect(Math.max(...apart)).toBeLessThanOrEqual(1e-3 * largest);
    expect(largest).toBeGreaterThan(0);
    if (expected.sigmaX !== null) expect(found.layer.summary.sigmaX).toBeCloseTo(expected.sigmaX, 2);
  });

  it("makes a picture worse by a slider, and runs, stops and runs again over all", async () => {
    const { page } = app;
    await goTo(page, "stress");
    const view = shown(page);
    await view.getByRole("combobox", { name: "Corruption", exact: true }).selectOption("gaussian_noise");
    await view.getByLabel("Severity").fill("5");
    await view.getByRole("heading", { name: "Under gaussian noise" }).waitFor();
    await expect.poll(() => view.locator(".heat-map canvas").count()).toBe(2);
    await view.getByLabel("Severity").fill("0");
    await view.getByRole("heading", { name: "Not corrupted" }).waitFor();

    await view.getByRole("combobox", { name: "Corruptions", exact: true }).selectOption("all");
    await view.getByRole("button", { name: "Run" }).click();
    await view.getByRole("button", { name: "Stop" }).click();
    await view.getByRole("button", { name: "Run" }).waitFor();
    // it did stop: the worker answers at once, and no result comes
    await inWorker(page, "heatMaps", { image: 0, maps: [] });
    expect(await view.getByText("Save robustness.json").count()).toBe(0);

    await view.getByRole("combobox", { name: "Corruptions", exact: true }).selectOption("contrast");
    await view.getByLabel("Pictures").fill("10");
    await view.getByRole("button", { name: "Run" }).click();
    await view.getByText("Save robustness.json").waitFor();
    expect(await view.textContent()).toContain("mean corruption error");
  });

  it("plans what to regularize as Node does, and says what it knows of groups", async () => {
    const { page } = app;
    await goTo(page, "norms");
    const view = shown(page);
    await view.getByRole("button", { name: "Plan the decay" }).click();
    await view.getByText("Parameter groups for PyTorch").waitFor();
    const { plan } = (await inWorker(page, "gammas", {})) as { plan: GammaPlan };
    await using model = await openModel(join(MODELS, `${name}.onnx`));
    const expected = await gammaPlan(model, []);
    expect(plan.gammas.map(({ parameter, category, decay }) => ({ parameter, category, decay }))).toEqual(
      expected.gammas.map(({ parameter, category, decay }) => ({ parameter, category, decay })),
    );
    await view.getByLabel("Batch normalizations too").check();
    await view.getByRole("button", { name: "Measure groups" }).click();
    await expect
      .poll(() => view.textContent())
      .toMatch(/[Tt]he advice changes \d+ of \d+ layers|Every layer has|Nothing to advise/);
  });

  it("asked nobody else for anything, and had no error", () => {
    expect([app.foreign, app.problems]).toEqual([[], []]);
  });
});
