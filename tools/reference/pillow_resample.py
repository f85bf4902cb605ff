"""Records what Pillow and torchvision make of a small picture, as the oracle of packages/snellen/src/images.

Run: python tools/reference/pillow_resample.py
Writes packages/snellen/src/images/fixtures/pillow-resample.json (Pillow 13.0.0, torchvision 0.29.2).
"""

import base64
import json
import pathlib

import numpy as np
import torchvision.transforms as T
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/images/fixtures/pillow-resample.json"

KERNELS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def picture(width: int, height: int) -> Image.Image:
    """Half noise, half ramps: noise finds wrong weights, saturated ramps find wrong clipping."""
    rng = np.random.default_rng(20)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels[:, width // 2 :, 0] = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    pixels[: height // 2, width // 2 :, 1] = 255
    return Image.fromarray(pixels)


def encoded(image: Image.Image) -> str:
    return base64.b64encode(np.asarray(image, dtype=np.uint8).tobytes()).decode()


def main() -> None:
    source = picture(37, 23)
    resized = [
        {"interpolation": name, "width": w, "height": h, "data": encoded(source.resize((w, h), kernel))}
        for name, kernel in KERNELS.items()
        for w, h in [(12, 7), (16, 40), (37, 9)]
    ]
    fitted = []
    for name in ("bilinear", "bicubic"):
        for short, size in [(13, (11, 11)), (12, (12, 10))]:
            kernel = T.InterpolationMode.BILINEAR if name == "bilinear" else T.InterpolationMode.BICUBIC
            for turned in (False, True):
                image = source.transpose(Image.Transpose.ROTATE_90) if turned else source
                out = T.CenterCrop(size)(T.Resize(short, kernel)(image))
                fitted.append({"interpolation": name, "shortSide": short, "size": size, "turned": turned, "data": encoded(out)})
    turned = source.transpose(Image.Transpose.ROTATE_90)
    gray = source.convert("L").resize((12, 7), Image.Resampling.BILINEAR)
    normalized = T.Compose([T.Resize(13), T.CenterCrop(4), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    document = {
        "source": {"width": 37, "height": 23, "data": encoded(source)},
        "turned": {"width": 23, "height": 37, "data": encoded(turned)},
        "resized": resized,
        "fitted": fitted,
        "gray": {"width": 12, "height": 7, "data": encoded(gray)},
        "normalized": {"shortSide": 13, "size": [4, 4], "values": [round(float(v), 6) for v in normalized(source).flatten()]},
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
