// Oracles: values as published (viridis, magma, inferno, cividis: matplotlib's float tables; turbo: Google's; sunset: Tol's note),
// CIE L* by its formula, and Machado, Oliveira & Fernandes (2009) for how people without red or green cones see them.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { colorAt, colorMap, colorMaps, type Rgb } from "./color-maps.ts";

const PUBLISHED: readonly (readonly [id: string, index: number, red: number, green: number, blue: number])[] =
  [
    ["cividis", 0, 0.0, 0.135112, 0.304751],
    ["cividis", 255, 0.995737, 0.909344, 0.217772],
    ["viridis", 0, 0.267004, 0.004874, 0.329415],
    ["viridis", 128, 0.127568, 0.566949, 0.550556],
    ["viridis", 255, 0.993248, 0.906157, 0.143936],
    ["magma", 0, 0.001462, 0.000466, 0.013866],
    ["magma", 255, 0.987053, 0.991438, 0.749504],
    ["inferno", 0, 0.001462, 0.000466, 0.013866],
    ["inferno", 255, 0.988362, 0.998364, 0.644924],
    ["turbo", 0, 0.18995, 0.07176, 0.23217],
    ["turbo", 128, 0.64362, 0.98999, 0.23356],
    ["turbo", 255, 0.4796, 0.01583, 0.01055],
    ["gray", 51, 0.2, 0.2, 0.2],
    ["sunset", 0, 0x36 / 255, 0x4b / 255, 0x9a / 255],
    ["sunset", 51, 0x6e / 255, 0xa6 / 255, 0xcd / 255],
    ["sunset", 255, 0xa5 / 255, 0x00 / 255, 0x26 / 255],
  ];

const linear = (c: number) => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: readonly [number, number, number]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const lightness = (y: number) => (y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y);
const linearRgb = ([r, g, b]: Rgb) => [linear(r), linear(g), linear(b)] as const;

const steps = (id: string, count = 256) =>
  Array.from({ length: count }, (_, i) => colorAt(colorMap(id), i / (count - 1)));

describe("colorMaps", () => {
  it.each(PUBLISHED)("%s holds the published colour %i", (id, index, ...rgb) => {
    expect(colorAt(colorMap(id), index / 255)).toEqual(rgb.map((c) => Math.round(255 * c)));
  });

  it.each(colorMaps.filter((m) => m.kind === "one-way" && m.id !== "turbo"))(
    "$id rises in lightness",
    ({ id }) => {
      const values = steps(id).map((c) => lightness(luminance(linearRgb(c))));
      // rounding to 8 bits moves L* by up to 0.3 where it is dark
      for (let i = 1; i < 256; i++) expect(values[i]).toBeGreaterThan((values[i - 1] as number) - 0.3);
      for (let i = 8; i < 256; i++) expect(values[i]).toBeGreaterThan(values[i - 8] as number);
      expect((values[255] as number) - (values[0] as number)).toBeGreaterThan(70);
    },
  );

  it("sunset is lightest in the middle and equally dark at both ends", () => {
    const values = steps("sunset").map((c) => lightness(luminance(linearRgb(c))));
    expect(Math.max(...values)).toBeCloseTo(values[127] as number, 0);
    expect(Math.abs((values[0] as number) - (values[255] as number))).toBeLessThan(5);
  });

  // rows of the matrices at full severity
  it.each([
    [
      "protanopia",
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    [
      "deuteranopia",
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ])("cividis and sunset stay apart in %s", (_, ...rows) => {
    const seen = (color: Rgb) =>
      rows.map((row) => linearRgb(color).reduce((a, c, k) => a + c * (row[k] as number), 0));
    for (const id of ["cividis", "sunset"]) {
      const colors = steps(id, 9).map(seen);
      for (const [i, a] of colors.entries()) {
        for (const b of colors.slice(i + 1)) {
          const distance = Math.hypot(
            ...a.map((c, k) => Math.cbrt(Math.max(c, 0)) - Math.cbrt(Math.max(b[k] as number, 0))),
          );
          expect(distance).toBeGreaterThan(0.05);
        }
      }
    }
  });

  it("clamps what lies outside, and takes NaN for nothing", () => {
    const gray = colorMap("gray");
    expect([-1, 0, Number.NaN].map((v) => colorAt(gray, v))).toEqual(Array(3).fill([0, 0, 0]));
    expect([1, 2, Number.POSITIVE_INFINITY].map((v) => colorAt(gray, v))).toEqual(
      Array(3).fill([255, 255, 255]),
    );
  });

  it("says which one was meant", () => {
    expect(() => colorMap("virdis")).toThrow(UsageError);
    expect(() => colorMap("virdis")).toThrow('no colour map "virdis". Did you mean "viridis"?');
  });
});
