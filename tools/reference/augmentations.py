"""Records what torchvision's augmentations make of a small picture, as the oracle of packages/snellen/src/train/augmentation.

Run: python tools/reference/augmentations.py
Writes clean.png, cases.json and <kind>.png to packages/snellen/src/train/augmentation/fixtures: the pictures of a kind's cases
one below another (torchvision 0.29.2, Pillow 13.0.0, NumPy 2.4.6). Only operations that show no border are recorded of
RandAugment: what Snellen turns, slants or moves into view is the picture's mirror image.
"""

import json
import pathlib

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/train/augmentation/fixtures"
WIDTH, HEIGHT = 21, 17


def picture() -> Image.Image:
    """Noise, a ramp and a flat part; no channel uses the whole range."""
    rng = np.random.default_rng(30)
    pixels = rng.integers(10, 240, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:, 8:, 1] = np.linspace(30, 220, WIDTH - 8).astype(np.uint8)[None]
    pixels[9:, 12:] = [200, 40, 90]
    return Image.fromarray(pixels)


def crops(image: Image.Image) -> list[tuple[dict, Image.Image]]:
    """`pad` pixels around, then the picture's size from (left, top) of that."""
    cases = [
        {"pad": 4, "left": left, "top": top, "mode": mode}
        for mode in ["zero", "reflect"]
        for left, top in [(0, 0), (8, 3), (4, 8), (5, 4), (4, 4), (2, 7)]
    ]
    modes = {"zero": "constant", "reflect": "reflect"}
    return [
        (case, F.crop(F.pad(image, case["pad"], padding_mode=modes[case["mode"]]), case["top"], case["left"], HEIGHT, WIDTH))
        for case in cases
    ]


def operations(image: Image.Image) -> list[tuple[dict, Image.Image]]:
    """Every magnitude of interest and both ways, by RandAugment's own table and its own function."""
    names = "Brightness Color Contrast Sharpness Posterize Solarize AutoContrast Equalize Identity".split()
    made = []
    for magnitude in [0, 4, 9, 17, 30]:
        space = RandAugment()._augmentation_space(31, (HEIGHT, WIDTH))
        for name in names:
            magnitudes, signed = space[name]
            value = float(magnitudes[magnitude].item()) if magnitudes.ndim > 0 else 0.0
            for sign in [1, -1] if signed else [1]:
                out = _apply_op(image, name, sign * value, InterpolationMode.NEAREST, None)
                made.append(({"operation": name, "magnitude": magnitude, "sign": sign}, out))
    return made


def main() -> None:
    OUT.mkdir(exist_ok=True)
    clean = picture()
    clean.save(OUT / "clean.png", optimize=True)
    kinds = {"crops": crops(clean), "mirrored": [({}, F.hflip(clean))], "operations": operations(clean)}
    for kind, made in kinds.items():
        stacked = np.concatenate([np.asarray(out) for _, out in made])
        Image.fromarray(stacked).save(OUT / f"{kind}.png", optimize=True)
    lines = (f"{json.dumps(kind)}: {json.dumps([case for case, _ in made])}" for kind, made in kinds.items())
    (OUT / "cases.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    main()
