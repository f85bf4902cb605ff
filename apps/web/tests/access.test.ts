// The page for everybody: no violation that axe-core finds, light and dark, nothing wider than a small phone, all by keyboard.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasChromium } from "../../../packages/snellen/src/web/test-support/chromium.ts";
import { goTo, openApp, openExample, shown } from "./support/app.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    }
    const found = await (globalThis as unknown as { axe: Axe }).axe.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
}

const STEPS = ["inspect", "look", "field", "stress", "norms", "mend", "exam"];

describe.skipIf(!hasChromium)("everybody", () => {
  // colours are the same on all steps
  it.each([
    { colorScheme: "light", steps: STEPS },
    { colorScheme: "dark", steps: ["look", "mend"] },
  ] as const)("finds $steps readable in $colorScheme", async ({ colorScheme, steps }) => {
    await using app = await openApp({ colorScheme });
    const { page } = app;
    expect(await violations(page)).toEqual([]);
    await openExample(page, "optotypes-vit");
    for (const step of steps) {
      await goTo(page, step);
      if (step === "field") {
        await shown(page).getByRole("button", { name: "Measure" }).click();
        await shown(page).getByRole("heading", { name: "Do all pixels count alike?" }).waitFor();
      }
      if (step === "stress") await shown(page).locator(".heat-map canvas").first().waitFor();
      expect(await violations(page), step).toEqual([]);
    }
  });

  it("fits a small phone", async () => {
    await using app = await openApp({ viewport: { width: 320, height: 640 } });
    const { page } = app;
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await openExample(page, "optotypes-cnn");
    for (const step of STEPS) {
      await goTo(page, step);
      expect(await overflow(), step).toBeLessThanOrEqual(0);
    }
  });

  it("needs no pointer", async () => {
    await using app = await openApp();
    const { page } = app;
    const seen: string[] = [];
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press("Tab");
      seen.push(await page.evaluate(() => document.activeElement?.textContent ?? ""));
      if (seen.at(-1)?.includes("optotypes-cnn.onnx")) break;
    }
    expect(seen.at(-1)).toContain("optotypes-cnn.onnx");
    await page.keyboard.press("Enter");
    await page.locator(".heat-map canvas").waitFor();
  });
});
