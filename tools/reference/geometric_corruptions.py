"""Records SciPy's affine maps of a small picture, as the oracle of packages/snellen/src/corruptions/geometric.

Run: python tools/reference/geometric_corruptions.py
Writes clean.png, cases.json and <corruption>.png to packages/snellen/src/corruptions/geometric/fixtures: the pictures of a
corruption's cases one below another (SciPy 1.17.1, NumPy 2.4.6, Pillow 13.0.0). SciPy mirrors at borders; within them every
picture is checked here against what torchvision's `affine` makes of it through Pillow, whose directions are thus ours.
"""

import json
import math
import pathlib

import numpy as np
from PIL import Image
from scipy import ndimage
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import affine

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/corruptions/geometric/fixtures"
WIDTH, HEIGHT = 37, 33
# a half goes up, also where the last digits of a double say otherwise
HALF = 0.5 + 1e-6


def picture() -> np.ndarray:
    """Noise beside ramps and a bright bar at the border: what is mirrored there shows."""
    rng = np.random.default_rng(21)
    pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:, 10:, 0] = np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None]
    pixels[:, 10:, 1] = np.linspace(255, 0, WIDTH - 10).astype(np.uint8)[None]
    pixels[:, 10:, 2] = 90
    pixels[:3, 15:25] = [250, 240, 20]
    return pixels


def sampled(pixels: np.ndarray, matrix: np.ndarray, shift=(0.0, 0.0)) -> np.ndarray:
    """`matrix` takes (row, column) from the centre to where it is read."""
    centre = (np.array([HEIGHT, WIDTH]) - 1) / 2
    offset = centre + shift - matrix @ centre
    planes = [
        ndimage.affine_transform(pixels[..., c].astype(float), matrix, offset, order=1, mode="reflect") for c in range(3)
    ]
    return np.floor(np.stack(planes, -1) + HALF).astype(np.uint8)


def rotation(pixels, degrees, sign):
    turn = sign * math.radians(degrees)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return sampled(pixels, matrix), {"angle": -sign * degrees}


def translation(pixels, share, direction):
    dx = round(share * WIDTH * math.cos(direction))
    dy = round(share * HEIGHT * math.sin(direction))
    return sampled(pixels, np.eye(2), (-dy, -dx)), {"translate": [dx, dy]}


def scaling(pixels, factor, _):
    return sampled(pixels, np.eye(2) / factor), {"scale": factor}


def shear(pixels, degrees, draw):
    slope = draw["sign"] * math.tan(math.radians(degrees))
    along_x = draw["axis"] == "x"
    matrix = np.array([[1, 0], [slope, 1]]) if along_x else np.array([[1, slope], [0, 1]])
    angle = draw["sign"] * degrees
    return sampled(pixels, matrix), {"shear": [angle, 0] if along_x else [0, angle]}


SHEARS = [{"axis": axis, "sign": sign} for axis, sign in [("x", 1), ("y", -1), ("x", -1), ("y", 1)]]
# the five severities, then levels of curves and ends of ranges
CASES = {
    "rotation": (rotation, [5, 10, 15, 30, 45, 0, 133], [1, -1]),
    "translation": (translation, [0.05, 0.1, 0.15, 0.2, 0.3, 0, 1], [0.3, 1.9, 4.4, 5.7]),
    "scaling": (scaling, [0.9, 0.8, 0.65, 0.5, 0.4, 1, 0.07, 3], [None]),
    "shear": (shear, [5, 10, 15, 25, 35, 0, 70], SHEARS),
}


def checked(pixels: np.ndarray, made: np.ndarray, change: dict) -> None:
    """At most 1 off torchvision's picture, wherever that reads pixels two away from the border."""
    change = {"angle": 0, "translate": [0, 0], "scale": 1, "shear": [0, 0], **change}

    def theirs(values):
        return np.asarray(affine(Image.fromarray(values), **change, interpolation=InterpolationMode.BILINEAR)).astype(int)

    inside = np.zeros((HEIGHT, WIDTH), np.uint8)
    inside[2:-2, 2:-2] = 255
    off = np.abs(made.astype(int) - theirs(pixels))[theirs(inside) == 255]
    # Pillow truncates
    assert off.size == 0 or off.max() <= 1, (change, off.max())


def main() -> None:
    OUT.mkdir(exist_ok=True)
    clean = picture()
    Image.fromarray(clean).save(OUT / "clean.png", optimize=True)
    cases = {}
    for name, (corrupted, levels, draws) in CASES.items():
        rows = [{"level": level, "draw": draws[i % len(draws)]} for i, level in enumerate(levels)]
        made = []
        for row in rows:
            pixels, change = corrupted(clean, row["level"], row["draw"])
            checked(clean, pixels, change)
            made.append(pixels)
        Image.fromarray(np.concatenate(made)).save(OUT / f"{name}.png", optimize=True)
        cases[name] = rows
    lines = (f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in cases.items())
    (OUT / "cases.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
