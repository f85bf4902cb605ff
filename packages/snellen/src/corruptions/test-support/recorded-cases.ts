// Pictures that another library made of a small one, recorded by a script of tools/reference: a folder with clean.png, cases.json
// (corruption → its levels and draws; the first five are the severities) and <corruption>.png, the pictures one below another.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../node/images-decode.ts";
import type { Corruption } from "../corruption.ts";
import { expectSameBytes } from "./pictures.ts";

interface Case<Draw> {
  readonly level: number;
  readonly draw: Draw;
}

/** Checks that a corruption gives every recorded picture, byte by byte. */
export function equalsRecorded<Draw>(corruption: Corruption<number, Draw>, folder: URL): void {
  const file = (name: string): string => fileURLToPath(new URL(name, folder));
  const all = JSON.parse(readFileSync(file("cases.json"), "utf8")) as Record<string, readonly Case<Draw>[]>;
  const cases = all[corruption.id] ?? [];

  describe(`${corruption.id} equals what was recorded`, () => {
    it("at all severities", () =>
      expect(cases.slice(0, 5).map(({ level }) => level)).toEqual(corruption.levels));

    it.each(cases.map((row, index) => ({ ...row, index })))("at $level", async ({ level, draw, index }) => {
      const clean = await decodeImage(file("clean.png"));
      const before = clean.data.slice();
      const recorded = (await decodeImage(file(`${corruption.id}.png`))).data;
      expect(recorded.length).toBe(cases.length * before.length);
      const made = corruption.apply(clean, level, draw);
      expectSameBytes(
        made,
        recorded.subarray(index * before.length, (index + 1) * before.length),
        "recorded",
      );
      expectSameBytes(clean.data, before, "the picture that was given");
    });
  });
}
