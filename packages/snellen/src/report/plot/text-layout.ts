// How much room text takes in a drawing, without a browser to ask: glyphs of system fonts by their usual widths, erring to the wide side.
// Drawings are laid out for the larger of their two sizes of text, so that nothing overlaps where they shrink to a phone's width.

/** In units of a drawing; pages write the larger one where a drawing is shown small. */
export const TEXT_SIZE = { normal: 13, large: 17 };

/** From one line to the next. */
export const LINE_HEIGHT = 20;

const NARROW = /[ .,:;'!|()[\]ijltfI]/;
const WIDE = /[MW%@mw—]/;
/** Chinese, Japanese, Korean and all else that fonts draw as squares. */
const SQUARE = /[\u1100-\u11ff\u2e80-\ud7af\uf900-\ufaff\u{1f000}-\u{3ffff}]/u;

function glyphWidth(glyph: string): number {
  if (SQUARE.test(glyph)) return 1;
  return WIDE.test(glyph) ? 0.9 : NARROW.test(glyph) ? 0.34 : 0.63;
}

export const textWidth = (text: string): number =>
  TEXT_SIZE.large * [...text].reduce((sum, glyph) => sum + glyphWidth(glyph), 0);

/** Lines of at most `room`, broken between words, and within a word only where it is longer than a line. */
export function wrappedText(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((word) => brokenWord(word, room))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}

function brokenWord(word: string, room: number): string[] {
  const parts: string[] = [];
  let part = "";
  for (const glyph of word) {
    if (part !== "" && textWidth(part + glyph) > room) {
      parts.push(part);
      part = "";
    }
    part += glyph;
  }
  return part === "" ? parts : [...parts, part];
}

/** One line, without the control characters that XML forbids. */
export const visibleText = (text: string): string => text.replaceAll(/[\p{Cc}\uFFFE\uFFFF\p{Cs}]+/gu, " ");
