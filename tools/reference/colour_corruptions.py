"""Records what Pillow makes of a small picture, as the oracle of packages/snellen/src/corruptions/colour.

Run: python tools/reference/colour_corruptions.py
Writes clean.png, cases.json and <corruption>.png to packages/snellen/src/corruptions/colour/fixtures: the pictures of a
corruption's cases one below another (Pillow 13.0.0, NumPy 2.4.6). Gamma is a closed form, hue is Python's colorsys.
"""

import colorsys
import json
import math
import pathlib

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/corruptions/colour/fixtures"
WIDTH, HEIGHT = 37, 33
# a half goes up, also where the last digits of a double say otherwise
HALF = 0.5 + 1e-6


def picture() -> Image.Image:
    """Noise, ramps, flat colours and near-greys; red leaves both ends of the range unused, and blue hardly has values."""
    rng = np.random.default_rng(20)
    pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:, 12:] = np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None, None]
    pixels[:, 20:, 1] = np.linspace(255, 0, 17).astype(np.uint8)[None]
    pixels[:16, 28:] = [200, 40, 90]
    pixels[16:, 28:] += rng.integers(0, 4, (17, 9, 3), dtype=np.uint8)
    pixels[..., 0] = 20 + pixels[..., 0].astype(int) * 200 // 255
    pixels[..., 2] &= 0xF0
    return Image.fromarray(pixels)


def gamma(image: Image.Image, exponent: float) -> Image.Image:
    table = [math.floor(255 * (v / 255) ** exponent + HALF) for v in range(256)]
    return image.point(table * 3)


def hue(image: Image.Image, degrees: float) -> Image.Image:
    out = []
    for pixel in np.asarray(image).reshape(-1, 3):
        h, s, v = colorsys.rgb_to_hsv(*(pixel / 255.0))
        out.append([math.floor(255 * c + HALF) for c in colorsys.hsv_to_rgb((h + degrees / 360) % 1, s, v)])
    return Image.fromarray(np.array(out, dtype=np.uint8).reshape(HEIGHT, WIDTH, 3))


# the five severities, then levels of curves and ends of ranges
CASES = {
    "contrast_enhancement": (lambda im, f: ImageEnhance.Contrast(im).enhance(f), [1.2, 1.5, 2, 2.5, 3, 1, 1.1, 0.3, 20]),
    "colour_scale": (lambda im, f: ImageEnhance.Brightness(im).enhance(f), [1.2, 1.5, 2, 2.5, 3, 1, 1.1, 20]),
    "brightness_factor": (lambda im, f: ImageEnhance.Brightness(im).enhance(f), [0.8, 0.65, 0.5, 0.35, 0.2, 0, 0.7]),
    "gamma": (gamma, [1.3, 1.6, 2, 2.5, 3, 1, 0.4]),
    "saturation": (lambda im, f: ImageEnhance.Color(im).enhance(f), [0.8, 0.6, 0.4, 0.2, 0, 1, 3.7]),
    "hue": (hue, [18, 36, 72, 108, 180, 0, -75, 300]),
    "inversion": (lambda im, a: Image.blend(im, ImageChops.invert(im), a), [0.2, 0.35, 0.65, 0.8, 1, 0, 0.5]),
    "sharpness": (lambda im, f: ImageEnhance.Sharpness(im).enhance(f), [2, 3, 5, 9, 17, 1, 0, 1.3]),
    "posterize": (ImageOps.posterize, [6, 5, 4, 3, 2, 8, 1]),
    "solarize": (ImageOps.solarize, [224, 192, 160, 128, 96, 0, 256]),
    "autocontrast": (ImageOps.autocontrast, [0, 1, 2, 5, 10, 49.5, 60]),
    "equalize": (lambda im, a: Image.blend(im, ImageOps.equalize(im), a), [0.2, 0.4, 0.6, 0.8, 1, 0]),
}


def main() -> None:
    OUT.mkdir(exist_ok=True)
    clean = picture()
    clean.save(OUT / "clean.png", optimize=True)
    for name, (corrupted, levels) in CASES.items():
        made = np.concatenate([np.asarray(corrupted(clean, level)) for level in levels])
        Image.fromarray(made).save(OUT / f"{name}.png", optimize=True)
    cases = {name: [{"level": level} for level in levels] for name, (_, levels) in CASES.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in cases.items())
    (OUT / "cases.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
