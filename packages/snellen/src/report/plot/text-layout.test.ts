// Oracles: properties of any wrapping. Whether the widths suffice is measured in Chromium by pages-in-browser.test.ts.
import { describe, expect, it } from "vitest";
import { textWidth, visibleText, wrappedText } from "./text-layout.ts";

describe("wrappedText", () => {
  const texts = [
    "factor of the distance to the mean grey (1 is clean)",
    "blocks.3/attention/MatMul_output_0_that_has_no_space_in_it_at_all",
    "受容野の中心からの距離（ピクセル）",
    "😀".repeat(30),
  ];
  it.each(texts)("keeps every character of %j, in lines that fit", (text) => {
    for (const room of [40, 100, 250, 2000]) {
      const lines = wrappedText(text, room);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(room);
    }
  });

  it("breaks between words where it can, and has no line for no text", () => {
    expect(wrappedText("one two three", textWidth("one two"))).toEqual(["one two", "three"]);
    expect(wrappedText("  ", 100)).toEqual([]);
  });
});

describe("visibleText", () => {
  it("has no character that XML forbids", () => {
    expect(visibleText("a\u0000\u001b[31m\ud800b\ufffe")).toBe("a [31m b ");
  });
});
