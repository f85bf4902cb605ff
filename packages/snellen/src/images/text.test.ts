// Oracles: ink lies where it must and nowhere else; widths are the sum of the font's advances.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { advanceOf } from "./font/glyphs.ts";
import { drawText, lineHeight, textWidth, wrapText } from "./text.ts";

const [LEFT, TOP] = [40, 30];

/** Ink of a text drawn on a canvas of 400 x 100 pixels, and the box around it. */
function inked(text: string, options: Parameters<typeof drawText>[4] = {}) {
  const canvas = createCanvas(400, 100);
  const width = drawText(canvas, LEFT, TOP, text, options);
  const box = { left: 400, right: -1, top: 100, bottom: -1, ink: 0, width };
  for (let i = 0; i < 400 * 100; i++) {
    const value = canvas.data[3 * i] as number;
    if (value === 255) continue;
    const [x, y] = [i % 400, Math.floor(i / 400)];
    box.ink += 1 - value / 255;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

const same = (a: string, b: string) => expect(inked(a)).toEqual(inked(b));

describe("drawText", () => {
  it.each([10, 13, 20, 32])("fills its line at %d pixels, and nothing else", (size) => {
    const { ink, left, right, top, bottom, width } = inked("Ägypten, 8.31 %", { size });
    expect(ink).toBeGreaterThan(size);
    expect(left).toBeGreaterThanOrEqual(LEFT - 1);
    expect(right).toBeLessThanOrEqual(Math.ceil(LEFT + width));
    expect(top).toBeGreaterThanOrEqual(TOP);
    expect(bottom).toBeLessThan(TOP + lineHeight(size));
    // ascenders to descenders take most of a line
    expect(bottom - top).toBeGreaterThan(0.8 * size);
  });

  it("is as wide as its letters", () => {
    const width = [..."Tench"].reduce((a, c) => a + advanceOf(c.codePointAt(0) as number), 0);
    expect(textWidth("Tench", 20)).toBeCloseTo(20 * width, 6);
    expect(inked("Tench", { size: 20 }).width).toBeCloseTo(20 * width, 6);
  });

  it("ends in an ellipsis where there is no room", () => {
    const { width, right } = inked("great grey owl, great gray owl", { maxWidth: 90 });
    expect(width).toBeLessThanOrEqual(90);
    expect(width).toBeGreaterThan(70);
    expect(right).toBeLessThanOrEqual(LEFT + 90);
    expect(inked("owl", { maxWidth: 2 }).ink).toBe(0);
  });

  it("is blacker in bold", () => {
    expect(inked("owl", { bold: true }).ink).toBeGreaterThan(1.2 * inked("owl").ink);
  });

  it("cuts off what lies outside of the picture", () => {
    for (const [x, y] of [
      [-30, 4],
      [35, -8],
      [-900, -900],
      [900, 900],
    ] as const) {
      const canvas = createCanvas(40, 20);
      drawText(canvas, x, y, "great grey owl");
      expect(canvas.data).toHaveLength(40 * 20 * 3);
    }
  });
});

describe("hostile text", () => {
  it("leaves out what does not show", () => {
    same("a\u0000\u0007b\u001b\u200b\u202e\u2066c", "abc");
    same("tab\tline\nend", "tab line end");
    same("e\u0301", "é");
    // a mark that no letter takes, and two hundred of them
    same(`x${"\u0302".repeat(200)}`, "x");
  });

  it("shows what the font lacks as U+FFFD, one a character", () => {
    same("你好", "\ufffd\ufffd");
    same("שלום", "\ufffd\ufffd\ufffd\ufffd");
    same("👩‍👩‍👧‍👦 🇰🇷", "\ufffd \ufffd");
    same("a\ud800b", "a\ufffdb");
    expect(inked("你").ink).toBeGreaterThan(10);
  });

  it("is cut after 2,000 units", () => {
    expect(textWidth("a".repeat(10_000))).toBe(textWidth(`${"a".repeat(2000)}…`));
    expect(inked("a".repeat(10_000), { maxWidth: 200 }).width).toBeLessThanOrEqual(200);
    expect(wrapText("word ".repeat(2000), 100, 2)).toHaveLength(2);
  });

  it("of any kind stays in its box", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.integer({ min: 1, max: 300 }),
        (text, maxWidth) => {
          const { width, left, right, top, bottom } = inked(text, { maxWidth });
          expect(width).toBeLessThanOrEqual(maxWidth);
          // letters may lean out of their advance by a pixel or two; stacked accents out of the line
          expect(left).toBeGreaterThanOrEqual(LEFT - 3);
          expect(right).toBeLessThanOrEqual(LEFT + maxWidth + 3);
          expect(top).toBeGreaterThanOrEqual(TOP - 3);
          expect(bottom).toBeLessThanOrEqual(TOP + lineHeight() + 3);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe("wrapText", () => {
  it("breaks at spaces and after joints, and leaves the rest to the last line", () => {
    const width = textWidth("great grey owl");
    expect(wrapText("great grey owl, great gray owl, Strix", width, 2)).toEqual([
      "great grey",
      "owl, great gray owl, Strix",
    ]);
    expect(wrapText("great_grey_owl_of_the_north.jpg", width + 1, 3)).toEqual([
      "great_grey_",
      "owl_of_the_",
      "north.jpg",
    ]);
  });

  it("keeps short text, and makes no lines of nothing", () => {
    expect(wrapText("owl", 100, 2)).toEqual(["owl"]);
    expect(wrapText("  ", 100, 2)).toEqual([]);
    expect(wrapText("owl", 1, 2)).toEqual(["owl"]);
  });
});
