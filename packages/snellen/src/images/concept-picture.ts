// Concepts of Deep Feature Factorization as one picture: each pixel in the colour of its strongest concept, over the picture in grey,
// so that colours mean concepts only. A number marks each concept's strongest pixel, for those who tell colours apart badly.
// Collins et al., Deep Feature Factorization for Concept Discovery, ECCV 2018 (the maps); this way of showing them is ours.
import { UsageError } from "@snellen/graph";
import type { Grid } from "../cam/cam-map.ts";
import { type Box, pictureBox, spaceBox, stack, textBox } from "./box.ts";
import { BLACK, blendPixel, createCanvas, fillRectangle, inGrey, WHITE } from "./canvas.ts";
import type { Rgb } from "./color-maps.ts";
import { type Picture, requireSameSize } from "./overlay.ts";
import { drawText, lineHeight, textWidth } from "./text.ts";

/** Okabe & Ito, Color Universal Design, 2008: eight colours that are told apart with any kind of colour vision. */
const OKABE_ITO: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [0, 0, 0],
];

/** As many concepts as have a colour; the second eight are paler. */
export const MOST_CONCEPTS = 2 * OKABE_ITO.length;

/** Colour of a concept, from 0. */
export function conceptColor(index: number): Rgb {
  const [r, g, b] = OKABE_ITO[index % OKABE_ITO.length] as Rgb;
  const pale = (c: number) => (index < OKABE_ITO.length ? c : Math.round((c + 255) / 2));
  return [pale(r), pale(g), pale(b)];
}

export interface ConceptOptions {
  /** Of the strongest value of all maps, 0 to 1; default 0.8. */
  readonly opacity?: number;
}

/**
 * Paints concepts over a picture, with a legend below. Strength is the value's share of the greatest value of all maps: the maps
 * must be on one scale. Where no concept is above 0, the picture shows in grey.
 * @param maps one [H, W] a concept, of the picture's size
 * @param labels one a concept
 * @throws UsageError `too-many-concepts`
 * @throws InternalError where map and picture differ in size
 */
export function conceptPicture(
  picture: Picture,
  maps: readonly Grid[],
  labels: readonly string[],
  { opacity = 0.8 }: ConceptOptions = {},
): Picture {
  if (maps.length > MOST_CONCEPTS) {
    throw new UsageError("too-many-concepts", `${maps.length} concepts cannot be told apart by colour.`, {
      hint: `Ask for ${MOST_CONCEPTS} at most.`,
    });
  }
  for (const map of maps) requireSameSize(picture, map);
  const painted = inGrey(picture);
  const { winners, strengths } = strongestConcepts(maps, picture.width * picture.height);
  const highest = strengths.reduce((a, v) => Math.max(a, v), 0);
  for (const [i, winner] of winners.entries()) {
    const [x, y] = [i % picture.width, Math.floor(i / picture.width)];
    const share = (opacity * (strengths[i] as number)) / highest;
    if (winner >= 0) blendPixel(painted, x, y, conceptColor(winner), share);
  }
  for (const index of maps.keys()) markPeak(painted, index, winners, strengths);
  return withLegend(painted, labels.slice(0, maps.length));
}

/** At each pixel the concept of the greatest value above 0, the first of equals, −1 for none; and that value. */
function strongestConcepts(maps: readonly Grid[], pixels: number) {
  const winners = new Int8Array(pixels).fill(-1);
  const strengths = new Float32Array(pixels);
  for (const [k, { values }] of maps.entries()) {
    for (let i = 0; i < pixels; i++) {
      if (!((values[i] as number) > (strengths[i] as number))) continue;
      winners[i] = k;
      strengths[i] = values[i] as number;
    }
  }
  return { winners, strengths };
}

const MARK_SIZE = 14;

/** Writes the concept's number where it is strongest, if it wins anywhere; the picture must have room for it. */
function markPeak(canvas: Picture, concept: number, winners: Int8Array, strengths: Float32Array): void {
  if (canvas.width < 4 * MARK_SIZE || canvas.height < 4 * MARK_SIZE) return;
  let peak = -1;
  for (const [i, winner] of winners.entries())
    if (winner === concept && (peak < 0 || (strengths[i] as number) > (strengths[peak] as number))) peak = i;
  if (peak < 0) return;
  const text = String(concept + 1);
  const [width, height] = [Math.ceil(textWidth(text, MARK_SIZE)) + 6, lineHeight(MARK_SIZE)];
  const left = within(Math.round((peak % canvas.width) - width / 2), canvas.width - width);
  const top = within(Math.round(Math.floor(peak / canvas.width) - height / 2), canvas.height - height);
  fillRectangle(canvas, { left, top, width, height }, BLACK);
  fillRectangle(canvas, { left: left + 1, top: top + 1, width: width - 2, height: height - 2 }, WHITE);
  drawText(canvas, left + 3, top, text, { size: MARK_SIZE });
}

const within = (value: number, most: number): number => Math.min(Math.max(value, 0), most);

/** Narrower legends could not be read. */
const NARROWEST = 200;
const SWATCH = 12;

function withLegend(picture: Picture, labels: readonly string[]): Picture {
  const width = Math.max(picture.width, NARROWEST);
  const legend = labels.map((label, i) => legendBox(`${i + 1}  ${label}`, conceptColor(i), width));
  const page = stack([pictureBox(picture), spaceBox(6), ...legend]);
  const canvas = createCanvas(width, page.height);
  page.draw(canvas, 0, 0);
  return canvas;
}

function legendBox(label: string, color: Rgb, width: number): Box {
  const words = textBox(label, width - SWATCH - 14);
  return {
    height: words.height + 2,
    draw(canvas, left, top) {
      fillRectangle(canvas, { left: left + 4, top: top + 2, width: SWATCH, height: SWATCH }, color);
      words.draw(canvas, left + SWATCH + 10, top);
    },
  };
}
