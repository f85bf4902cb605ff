// Pieces of a page: each knows its height and draws itself where it is told; a stack of them is one too.
import { fillRectangle, paste } from "./canvas.ts";
import { type ColorMap, colorAt, type Rgb } from "./color-maps.ts";
import type { Picture } from "./overlay.ts";
import { drawText, lineHeight, TEXT_SIZE, type TextOptions, textWidth, wrapText } from "./text.ts";

export interface Box {
  readonly height: number;
  /** Draws into the canvas, the top left corner at (left, top). */
  readonly draw: (canvas: Picture, left: number, top: number) => void;
}

/** Empty space. */
export const spaceBox = (height: number): Box => ({ height, draw: () => {} });

/** Boxes below one another. */
export function stack(boxes: readonly Box[]): Box {
  return {
    height: boxes.reduce((height, box) => height + box.height, 0),
    draw(canvas, left, top) {
      let below = top;
      for (const box of boxes) {
        box.draw(canvas, left, below);
        below += box.height;
      }
    },
  };
}

/** Text in two lines at most; what does not fit a width is cut. */
export function textBox(text: string, maxWidth: number, options: TextOptions = {}): Box {
  const { size = TEXT_SIZE } = options;
  const lines = wrapText(text, maxWidth, 2, size);
  return {
    height: lines.length * lineHeight(size),
    draw(canvas, left, top) {
      for (const [i, line] of lines.entries())
        drawText(canvas, left, top + i * lineHeight(size), line, { ...options, maxWidth });
    },
  };
}

export const pictureBox = (picture: Picture): Box => ({
  height: picture.height,
  draw: (canvas, left, top) => paste(canvas, picture, left, top),
});

export const colorBox = (width: number, height: number, color: Rgb): Box => ({
  height,
  draw: (canvas, left, top) => fillRectangle(canvas, { left, top, width, height }, color),
});

const BAR_WIDTH = 120;

/** The colours of a colour map from low to high, between two words. */
export function colorBarBox(colors: ColorMap, low: string, high: string, options: TextOptions): Box {
  const { size = TEXT_SIZE } = options;
  const height = lineHeight(size);
  return {
    height,
    draw(canvas, left, top) {
      drawText(canvas, left, top, low, options);
      const bar = Math.ceil(left + textWidth(low, size)) + 6;
      for (let x = 0; x < BAR_WIDTH; x++) {
        const column = { left: bar + x, top: top + 2, width: 1, height: height - 4 };
        fillRectangle(canvas, column, colorAt(colors, x / (BAR_WIDTH - 1)));
      }
      drawText(canvas, bar + BAR_WIDTH + 6, top, high, options);
    },
  };
}
