// The graphics processor, played by SwiftShader, which Chromium brings along. Oracle: the same maps from WebAssembly.
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { chooseFiles, goTo, inWorker, openApp, openExample, shown } from "./support/app.ts";

const MODELS = join(import.meta.dirname, "../../../models");

const GPU = { browserArgs: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] };

async function chooseGpu(page: Page): Promise<void> {
  await goTo(page, "inspect");
  await page.getByLabel("Device").selectOption("webgpu");
}

const deviceNotes = (page: Page) => shown(page).getByRole("status").allTextContents();

const WISH = { method: "grad-cam", upsampling: "gaussian", layer: "auto", target: "top1" };
const mapOf = async (page: Page): Promise<number[]> =>
  (await inWorker(page, "heatMaps", { image: 0, maps: [WISH] })).maps[0].map.values;

describe.skipIf(!hasChromium)("WebGPU", () => {
  it("gives the processor's maps, and stays chosen for the next model", async () => {
    await using app = await openApp(GPU);
    const { page } = app;
    await openExample(page, "optotypes-cnn");
    const expected = await mapOf(page);
    await chooseGpu(page);
    await expect.poll(() => deviceNotes(page)).toContain("On the graphics processor.");
    const found = await mapOf(page);
    const largest = Math.max(...expected.map(Math.abs));
    const apart = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] as number))));
    expect(apart).toBeLessThanOrEqual(1e-3 * largest);
    expect(apart).not.toBe(0);

    await chooseFiles(page, [join(MODELS, "optotypes-vit.onnx")]);
    await expect.poll(() => page.locator(".brand").textContent()).toContain("optotypes-vit.onnx");
    await goTo(page, "inspect");
    await expect.poll(() => deviceNotes(page)).toContain("On the graphics processor.");
    expect(app.problems).toEqual([]);
  });

  it("is left for the processor when it fails at work", async () => {
    await using app = await openApp(GPU);
    const { page } = app;
    // its runtime does not load, which nobody knows before there is a picture to run
    await page.route("**/ort-wasm-simd-threaded.{jspi,asyncify}.wasm", (route) => route.abort());
    await chooseFiles(page, [join(MODELS, "optotypes-cnn.onnx")]);
    await chooseGpu(page);
    await expect.poll(() => deviceNotes(page)).toContain("On the graphics processor.");
    await goTo(page, "look");
    await shown(page).getByRole("button", { name: "Draw letters instead" }).click();
    await page.locator(".heat-map canvas").waitFor();
    expect(await page.locator(".app > .failure").textContent()).toContain(
      "WebGPU failed, so everything runs on the processor now",
    );
    await goTo(page, "inspect");
    expect(await page.getByLabel("Device").inputValue()).toBe("cpu");
  });
});
