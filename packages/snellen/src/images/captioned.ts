// A picture with lines of text below it.
import { createCanvas, paste } from "./canvas.ts";
import type { Picture } from "./overlay.ts";
import { drawText, lineHeight, TEXT_SIZE } from "./text.ts";

const MARGIN = 4;

/** What does not fit into the picture's width is cut off. */
export function captioned(picture: Picture, lines: readonly string[]): Picture {
  if (lines.length === 0) return picture;
  const line = lineHeight(TEXT_SIZE);
  const canvas = createCanvas(picture.width, picture.height + lines.length * line + 2 * MARGIN);
  paste(canvas, picture, 0, 0);
  lines.forEach((text, i) => {
    drawText(canvas, MARGIN, picture.height + MARGIN + i * line, text, {
      maxWidth: picture.width - 2 * MARGIN,
    });
  });
  return canvas;
}
