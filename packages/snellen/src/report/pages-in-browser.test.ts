// Pages as people meet them. Oracles: axe-core's rules, light and dark; Chromium's own measures of what overlaps and what is cut off.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, launchChromium } from "../web/test-support/chromium.ts";
import { PAGES, PLOTS } from "./test-support/pages.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
declare const axe: {
  run(options: {
    readonly runOnly?: readonly string[];
  }): Promise<{ violations: readonly Violation[]; passes: readonly unknown[] }>;
};

describe.skipIf(!hasChromium)("pages in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function open(
    name: string,
    { width = 1200, scheme = "light" }: { readonly width?: number; readonly scheme?: "light" | "dark" } = {},
  ): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    await page.setContent(PAGES[name]?.() ?? "");
    return page;
  }

  /** By all rules, or by some. */
  async function violationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
    const { violations, passes } = await page.evaluate((runOnly) => axe.run({ runOnly }), rules);
    expect(passes.length).toBeGreaterThan(rules === undefined ? 15 : 0);
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`,
    );
  }

  it.each(Object.keys(PAGES))("%s, light and dark: axe finds nothing amiss", async (name) => {
    const page = await open(name);
    // what is folded away is looked at too
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    await page.evaluate(AXE);
    expect(await violationsOf(page)).toEqual([]);
    // in the dark only colours differ
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await violationsOf(page, ["color-contrast"])).toEqual([]);
    await page.close();
  });

  it.each(Object.keys(PAGES))("%s fits a screen of 320 pixels, where only tables scroll", async (name) => {
    const page = await open(name, { width: 320 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBe(320);
    await page.close();
  });

  it.each([320, 1200])(
    "plots at %d pixels have no texts on each other, and none beyond their edge",
    async (width) => {
      const page = await open("document", { width });
      const found = await page.evaluate(() =>
        [...document.querySelectorAll("figure.plot")].map((figure) => {
          const edge = figure.getBoundingClientRect();
          const texts = [...figure.querySelectorAll("text")].map((text) => ({
            text: text.textContent,
            box: text.getBoundingClientRect(),
          }));
          const overlapping = texts.flatMap((a, i) =>
            texts.slice(i + 1).flatMap((b) => {
              const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
              // a line's box is higher than its letters
              const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
              return across > 0 && down > 0.3 * a.box.height ? [`${a.text} on ${b.text}`] : [];
            }),
          );
          const beyond = texts.filter(({ box }) => box.left < edge.left - 1 || box.right > edge.right + 1);
          return { texts: texts.length, overlapping, beyond: beyond.map(({ text }) => text) };
        }),
      );
      expect(found).toHaveLength(PLOTS.length);
      for (const { texts, overlapping, beyond } of found) {
        expect(texts).toBeGreaterThan(8);
        expect(overlapping).toEqual([]);
        expect(beyond).toEqual([]);
      }
      await page.close();
    },
  );

  it("keeps plots at the size of text on wide pages", async () => {
    const page = await open("document", { width: 1600 });
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll("figure.plot text")].map((text) => {
        const { fontSize } = getComputedStyle(text);
        const drawing = text.closest("svg");
        const scale = (drawing?.getBoundingClientRect().width ?? 0) / (drawing?.viewBox.baseVal.width ?? 1);
        return Number.parseFloat(fontSize) * scale;
      }),
    );
    expect(sizes.length).toBeGreaterThan(8);
    for (const size of sizes) expect(size).toBeLessThan(18);
    await page.close();
  });

  it.each(["light", "dark"] as const)("shades the side to which a table goes on, %s", async (scheme) => {
    const page = await open("document", { width: 320, scheme });
    const index = await page
      .locator(".scroll")
      .evaluateAll((all) => all.findIndex(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 40));
    const scroller = page.locator(".scroll").nth(index);
    /** The brightest or darkest pixel, of which the ground is one, by the right edge. */
    const edge = async () => {
      const shot = sharp(await scroller.screenshot());
      const { width = 0, height = 0 } = await shot.metadata();
      const { data } = await shot
        .extract({ left: width - 6, top: 0, width: 2, height })
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return scheme === "light" ? Math.max(...data) : Math.min(...data);
    };
    const before = await edge();
    await scroller.evaluate((element) => element.scrollTo({ left: element.scrollWidth }));
    const after = await edge();
    if (scheme === "light") expect(before).toBeLessThan(after - 10);
    else expect(before).toBeGreaterThan(after + 10);
    await page.close();
  });

  it("follows light and dark, and prints on white with nothing folded away", async () => {
    const page = await open("exam", { scheme: "dark" });
    const look = () =>
      page.evaluate(() => {
        const body = getComputedStyle(document.body).backgroundColor;
        const isFolded = document.querySelector("details section")?.checkVisibility() === false;
        const [series] = document.querySelectorAll("figure.plot path[stroke^='var']");
        return { body, isFolded, stroke: series === undefined ? "" : getComputedStyle(series).stroke };
      });
    const dark = await look();
    expect(dark).toMatchObject({ body: "rgb(13, 17, 23)", isFolded: true });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const printed = await look();
    expect(printed).toMatchObject({ body: "rgb(255, 255, 255)", isFolded: false });
    expect(printed.stroke).not.toBe(dark.stroke);
    await page.close();
  });

  it("leads keyboards past the index, and shows where they are", async () => {
    const page = await open("exam");
    await page.keyboard.press("Tab");
    const skip = await page.evaluate(() => {
      const { left, top } = document.activeElement?.getBoundingClientRect() ?? { left: -1, top: -1 };
      return { text: document.activeElement?.textContent, isSeen: left >= 0 && top >= 0 };
    });
    expect(skip).toEqual({ text: "Skip to the results", isSeen: true });
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(
      () => getComputedStyle(document.activeElement as Element).outlineStyle,
    );
    expect(outline).toBe("solid");
    await page.close();
  });
});
