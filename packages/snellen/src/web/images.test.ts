// Oracle: Pillow 13's reading of the same files (fixtures by tools/reference/image_files.py), in headless Chromium.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, launchChromium } from "./test-support/chromium.ts";

const fixtures = join(import.meta.dirname, "../node/fixtures/images");
interface Expected {
  readonly width: number;
  readonly height: number;
  readonly tolerance: number;
  readonly data: string;
}
const expected: Record<string, Expected> = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8"));

/** Chromium reads no TIFF, and turns ink into light by a way of its own. */
const NOT_READ = ["picture.tiff", "cmyk.jpg"];
const names = readdirSync(fixtures).filter((name) => name in expected && !NOT_READ.includes(name));

describe.skipIf(!hasChromium)("web images", () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, "images.ts")],
      bundle: true,
      format: "iife",
      globalName: "snellen",
      platform: "browser",
      conditions: ["source"],
      write: false,
    });
    browser = await launchChromium();
    page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
  });
  afterAll(() => browser.close());

  /** Decodes bytes in the page; an error comes back as its code. */
  const decode = (bytes: Uint8Array, options: object = {}) =>
    page.evaluate(
      async ([base64, settings]) => {
        const { decodeImage } = (globalThis as unknown as { snellen: typeof import("./images.ts") }).snellen;
        const file = new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]);
        try {
          const { width, height, data } = await decodeImage(file, "x", settings);
          return { width, height, data: [...data] };
        } catch (error) {
          return { code: (error as { code?: string }).code ?? String(error) };
        }
      },
      [Buffer.from(bytes).toString("base64"), options] as const,
    );

  it.each(names)("reads %s as Pillow does", async (name) => {
    const { width, height, tolerance, data } = expected[name]!;
    const image = await decode(readFileSync(join(fixtures, name)));
    expect(image).toMatchObject({ width, height });
    const pixels = Buffer.from(data, "base64");
    const worst = image.data!.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });

  it("refuses what is no picture, or too large", async () => {
    expect(await decode(Buffer.from("hello"))).toEqual({ code: "unreadable-image" });
    const bytes = readFileSync(join(fixtures, "rgb.png"));
    expect(await decode(bytes, { maxPixels: 127 })).toEqual({ code: "image-too-large" });
  });

  it("streams files in order, with their names and labels", async () => {
    const base64 = readFileSync(join(fixtures, "rgb.png")).toString("base64");
    const sources = await page.evaluate(async (data) => {
      const { readImages } = (globalThis as unknown as { snellen: typeof import("./images.ts") }).snellen;
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const files = [new File([bytes], "a.png"), { file: new Blob([bytes]), label: { classIndex: 3 } }];
      const seen = [];
      for await (const image of readImages(files)) seen.push([image.source, image.classIndex]);
      return seen;
    }, base64);
    expect(sources).toEqual([
      ["a.png", undefined],
      ["image 2", 3],
    ]);
  });
});
