// The registry of colour maps: 256 colours each, from low to high. One-way maps rise in lightness, so that they also work in grey;
// turbo does not, and is there for those who are used to it. The two-way map is for signed values, with zero in its middle.
import { findById } from "../find-by-id.ts";
import { CIVIDIS, INFERNO, MAGMA, TURBO, VIRIDIS } from "./color-map-tables.ts";

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A colour map of 256 colours. */
export interface ColorMap {
  readonly id: string;
  /** One sentence: what it looks like and what it is good for. */
  readonly summary: string;
  /** `one-way`: from low to high; `two-way`: from against to for, nothing in the middle. */
  readonly kind: "one-way" | "two-way";
  /** [256, 3] colours from low to high. */
  readonly table: Uint8Array;
}

const STEPS = 256;

/** Bytes of `rrggbbrrggbb…`. */
const hex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));

/** Colours on straight lines between anchors that are evenly apart. */
function between(anchors: Uint8Array): Uint8Array {
  const last = anchors.length / 3 - 1;
  return Uint8Array.from({ length: 3 * STEPS }, (_, i) => {
    const at = (Math.floor(i / 3) / (STEPS - 1)) * last;
    const k = Math.min(Math.floor(at), last - 1);
    const [low, high] = [anchors[3 * k + (i % 3)] as number, anchors[3 * k + 3 + (i % 3)] as number];
    return Math.round(low + (high - low) * (at - k));
  });
}

export const cividis: ColorMap = {
  id: "cividis",
  summary: "Dark blue to yellow, the same with and without red-green vision.",
  kind: "one-way",
  table: hex(CIVIDIS),
};

/** Paul Tol's sunset (SRON/EPS/TN/09-002, issue 3.2), made to be told apart without red-green vision. */
export const sunset: ColorMap = {
  id: "sunset",
  summary: "Blue over pale yellow to red, for signed values; safe without red-green vision.",
  kind: "two-way",
  table: between(hex("364b9a4a7bb76ea6cd98cae1c2e4efeaecccfeda8bfdb366f67e4bdd3d2da50026")),
};

/** All colour maps; first cividis, the default of maps that are not signed. */
export const colorMaps: readonly ColorMap[] = [
  cividis,
  {
    id: "viridis",
    summary: "Dark violet over green to yellow.",
    kind: "one-way",
    table: hex(VIRIDIS),
  },
  {
    id: "magma",
    summary: "Black over purple to cream.",
    kind: "one-way",
    table: hex(MAGMA),
  },
  {
    id: "inferno",
    summary: "Black over red to pale yellow.",
    kind: "one-way",
    table: hex(INFERNO),
  },
  {
    id: "turbo",
    summary: "Rainbow, smoother than jet; its lightness does not follow the value.",
    kind: "one-way",
    table: hex(TURBO),
  },
  {
    id: "gray",
    summary: "Black to white.",
    kind: "one-way",
    table: between(hex("000000ffffff")),
  },
  sunset,
];

/**
 * The colour map of an id.
 * @throws UsageError `unknown-color-map` with the nearest known id
 */
export const colorMap = (id: string): ColorMap =>
  findById(colorMaps, id, { code: "unknown-color-map", what: "colour map", flag: "--color-map" });

/** Colour of a share from 0 to 1; what lies outside gets the end's colour, NaN that of 0. */
export function colorAt({ table }: ColorMap, share: number): Rgb {
  const i = 3 * Math.round((share > 0 ? Math.min(share, 1) : 0) * (STEPS - 1));
  return [table[i] as number, table[i + 1] as number, table[i + 2] as number];
}
