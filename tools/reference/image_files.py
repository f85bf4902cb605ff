"""Writes one small picture in every kind of image file that people have, and the pixels Pillow reads from it.

Run: python tools/reference/image_files.py
Writes packages/snellen/src/node/fixtures/images/ (Pillow 13.0.0, NumPy 2).
"""

import base64
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/node/fixtures/images"
WIDTH, HEIGHT = 16, 8


def picture() -> np.ndarray:
    """Four flat quarters, so that lossy formats stay near, all of them different, so that turns and flips show."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:4, :8] = (220, 40, 30)
    pixels[:4, 8:] = (30, 180, 60)
    pixels[4:, :8] = (40, 60, 200)
    pixels[4:, 8:] = (240, 220, 90)
    return pixels


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The stored form of a picture that EXIF `orientation` turns upright."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return image.transpose(undo[orientation]) if orientation in undo else image


def png16(pixels: np.ndarray) -> bytes:
    """An RGB PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    wide = (pixels.astype(np.uint16) * 257).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    rgb = Image.fromarray(picture())
    expected = {}

    def record(name: str, seen: Image.Image, tolerance: int) -> None:
        data = base64.b64encode(np.asarray(seen.convert("RGB")).tobytes()).decode()
        expected[name] = {"width": seen.width, "height": seen.height, "tolerance": tolerance, "data": data}

    def save(name: str, image: Image.Image, seen: Image.Image | None = None, tolerance: int = 0, **options) -> None:
        image.save(OUT / name, **options)
        record(name, seen or Image.open(OUT / name), tolerance)

    save("rgb.png", rgb)
    save("rgb.jpg", rgb, tolerance=2, quality=90, subsampling=0)
    save("progressive.jpg", rgb, tolerance=2, quality=90, subsampling=0, progressive=True)
    save("lossless.webp", rgb, lossless=True)
    save("lossy.webp", rgb, tolerance=4, quality=90)
    save("still.avif", rgb, tolerance=4, quality=95, subsampling="4:4:4")
    save("gray.png", rgb.convert("L"))
    save("gray.jpg", rgb.convert("L"), tolerance=2, quality=90)
    save("palette.png", rgb.quantize(8))
    save("bilevel.png", rgb.convert("1", dither=Image.Dither.NONE))
    save("picture.tiff", rgb)
    other = Image.fromarray(255 - picture())
    save("animated.gif", rgb.quantize(8), seen=rgb, save_all=True, append_images=[other.quantize(8)], duration=100)
    save("animated.webp", rgb, seen=rgb, save_all=True, append_images=[other], duration=100, lossless=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"orientation-{orientation}.jpg", turned(rgb, orientation), seen=rgb, tolerance=12, quality=95, subsampling=0, exif=exif)

    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:4, :8], alpha[4:, 8:] = 0, 128
    clear = Image.fromarray(np.dstack([picture(), alpha]))
    on_white = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    save("alpha.png", clear, seen=on_white, tolerance=1)
    save("alpha.webp", clear, seen=on_white, tolerance=1, lossless=True, exact=True)
    gray_alpha = clear.convert("LA")
    on_white = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), gray_alpha.convert("RGBA"))
    save("gray-alpha.png", gray_alpha, seen=on_white, tolerance=1)

    wide = np.asarray(rgb.convert("L")).astype(np.uint16) * 257
    save("gray-16.png", Image.fromarray(wide), seen=rgb.convert("L"))
    (OUT / "rgb-16.png").write_bytes(png16(picture()))
    record("rgb-16.png", rgb, 0)
    naive = np.dstack([255 - picture(), np.zeros((HEIGHT, WIDTH), np.uint8)])
    # Pillow inverts each ink; the decoder goes through a printing profile, whose colours are paler.
    save("cmyk.jpg", Image.fromarray(naive, "CMYK"), tolerance=90, quality=95)

    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
