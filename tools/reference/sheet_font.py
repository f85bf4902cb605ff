"""Writes the outlines of DejaVu Sans Condensed's Latin, Greek, Cyrillic and symbols as TypeScript, for text on pictures.

Run: python tools/reference/sheet_font.py [DejaVuSansCondensed.ttf]
Writes packages/snellen/src/images/font/glyph-data.ts (DejaVu 2.37, fontTools 4.68; not needed to run anything) and prints
advances and areas of some glyphs, which the test beside it quotes. The format is described in font/glyphs.ts.
"""

import base64
import pathlib
import sys

from fontTools.pens.areaPen import AreaPen
from fontTools.ttLib import TTFont

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/images/font/glyph-data.ts"
FONT = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf"

EM = 512
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC),
    (0x1E6, 0x1E7), (0x218, 0x21B), (0x259, 0x259), (0x2BB, 0x2BC), (0x2C6, 0x2C7), (0x2D8, 0x2DD), (0x386, 0x3CE),
    (0x400, 0x45F), (0x490, 0x4B9), (0x1E02, 0x1E03), (0x1E80, 0x1E85), (0x1E9E, 0x1E9E), (0x1EA0, 0x1EF9),
    (0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x208E), (0x20A9, 0x20AC), (0x20B4, 0x20BF), (0x2116, 0x2122),
    (0x2190, 0x2199), (0x2202, 0x2202), (0x2206, 0x220F), (0x2211, 0x2213), (0x2219, 0x221E), (0x2229, 0x222B),
    (0x2248, 0x2248), (0x2260, 0x2265), (0x25A0, 0x25A1), (0x25B2, 0x25B3), (0x25CF, 0x25CF), (0x2605, 0x2606),
    (0x2640, 0x2642), (0x2713, 0x2717), (0xFFFD, 0xFFFD),
]  # fmt: skip
HEADER = """\
// Outlines of DejaVu Sans Condensed 2.37 (LICENSE-DejaVu.txt), a subset on an em of 512. Written by tools/reference/sheet_font.py.
// (c) 2003 Bitstream, Inc.; (c) 2006 Tavmjong Bah; DejaVu changes are in the public domain. The format: see glyphs.ts.

"""


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


class Subset:
    """Outlines are written once and shared by the glyphs composed of them."""

    def __init__(self, font: TTFont):
        self.font, self.glyf = font, font["glyf"]
        self.scale = EM / font["head"].unitsPerEm
        self.outlines: list[bytes] = []
        self.places: dict[str, int] = {}

    def round(self, value: float) -> int:
        return round(value * self.scale)

    def parts(self, name: str, dx=0, dy=0):
        """(outline, dx, dy) of a glyph, composed ones taken apart; a part that is scaled or turned stays with its glyph."""
        glyph = self.glyf[name]
        if glyph.numberOfContours == 0:
            return
        plain = glyph.isComposite() and not any(hasattr(c, "transform") for c in glyph.components)
        if plain:
            for c in glyph.components:
                yield from self.parts(c.glyphName, dx + c.x, dy + c.y)
        else:
            yield self.outline(name), self.round(dx), self.round(dy)

    def outline(self, name: str) -> int:
        if name not in self.places:
            self.places[name] = len(self.outlines)
            self.outlines.append(self.encode(name))
        return self.places[name]

    def encode(self, name: str) -> bytes:
        points, ends, flags = self.glyf[name].getCoordinates(self.glyf)
        out, x, y, start = bytearray(varint(len(ends))), 0, 0, 0
        for end in ends:
            out += varint(end + 1 - start)
            for (px, py), flag in zip(points[start : end + 1], flags[start : end + 1]):
                nx, ny = self.round(px), self.round(py)
                out += varint(signed(nx - x) * 2 + (flag & 1)) + varint(signed(ny - y))
                x, y = nx, ny
            start = end + 1
        return bytes(out)


def main() -> None:
    font = TTFont(FONT)
    cmap, widths, subset = font.getBestCmap(), font["hmtx"], Subset(font)
    codes = [c for first, last in RANGES for c in range(first, last + 1) if c in cmap]
    glyphs, before = bytearray(varint(len(codes))), 0
    for code in codes:
        parts = list(subset.parts(cmap[code]))
        glyphs += varint(code - before) + varint(subset.round(widths[cmap[code]][0])) + varint(len(parts))
        for outline, dx, dy in parts:
            glyphs += varint(outline) + varint(signed(dx)) + varint(signed(dy))
        before = code
    data = bytes(glyphs) + varint(len(subset.outlines)) + b"".join(subset.outlines)
    text = base64.b64encode(data).decode()
    OUT.write_text(f'{HEADER}export const GLYPH_DATA =\n  "{text}";\n')
    print(f"{len(codes)} glyphs, {len(subset.outlines)} outlines, {len(text)} characters")
    shapes, em = font.getGlyphSet(), font["head"].unitsPerEm
    for character in "AgOé8%Жω−…\ufffd":
        pen = AreaPen(shapes)
        shapes[cmap[ord(character)]].draw(pen)
        print(character, widths[cmap[ord(character)]][0] / em, abs(pen.value) / em**2)


if __name__ == "__main__":
    main()
