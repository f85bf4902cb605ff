// Pictures of the app for README and docs, from the running app.
// Usage: npm run web:build && npx tsx --conditions=source tools/docs/screenshots.ts
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { serveApp } from "../../packages/cli/src/view/serve-app.ts";
import { launchChromium } from "../../packages/snellen/src/web/test-support/chromium.ts";

const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const shown = (page: Page) => page.locator("main > div:not([hidden])");
const goTo = (page: Page, step: string) => page.locator(`.steps a[href="#${step}"]`).click();

/** Photographs of the page: what is done before, and where the picture goes. */
const SHOTS: readonly { readonly file: string; readonly before: (page: Page) => Promise<void> }[] = [
  {
    file: "app-look.png",
    async before(page) {
      await page.locator(".strip button").nth(7).click();
      await page.getByLabel("Beside another method").check();
      await page.locator(".heat-map canvas").nth(1).waitFor();
    },
  },
  {
    file: "app-field.png",
    async before(page) {
      await goTo(page, "field");
      await shown(page).getByRole("button", { name: "Measure" }).click();
      await shown(page).getByRole("heading", { name: "Do all pixels count alike?" }).waitFor();
    },
  },
  {
    file: "app-stress.png",
    async before(page) {
      await goTo(page, "stress");
      await shown(page).getByRole("combobox", { name: "Corruption", exact: true }).selectOption("fog");
      await shown(page).getByLabel("Severity").fill("4");
      await shown(page).locator(".heat-map canvas").nth(1).waitFor();
    },
  },
];

const control = new AbortController();
const { url, closed } = await serveApp(new Map(), { port: undefined, signal: control.signal });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: "light" });
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  await page.getByRole("button", { name: "optotypes-cnn.onnx" }).click();
  await page.locator(".heat-map canvas").waitFor();
  for (const { file, before } of SHOTS) {
    await before(page);
    await page.waitForLoadState("networkidle");
    await shown(page).locator('[aria-busy="true"]').first().waitFor({ state: "hidden" });
    await sharp(await page.screenshot())
      .png({ palette: true, quality: 90 })
      .toFile(docs(file));
    console.log(file);
  }
} finally {
  await browser.close();
  control.abort();
  await closed;
}
