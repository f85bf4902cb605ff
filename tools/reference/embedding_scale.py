"""How the embedded ViT's patch embedding answers to stronger colours, by ONNX Runtime, NumPy and Pillow's ImageEnhance.

Usage: python embedding_scale.py <file.json>
(committed as packages/snellen/src/patch-embedding/fixtures/optotypes-scale.json)

Of twelve of the embedded pictures, clean and altered: means over images and patches of |x| / |E_pos|, of the cosine between z0 altered
and clean, and of |E_pos|^2 / (|x|^2 + |E_pos|^2), x being the patches' vectors; and which classes are predicted.
"""

import glob
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper
from PIL import Image, ImageEnhance

MODELS = os.path.join(os.path.dirname(__file__), "../../models")
FAMILIES = {"contrast_enhancement": ImageEnhance.Contrast, "colour_scale": ImageEnhance.Brightness}
FACTORS = (1, 1.5, 3, 5)
EVERY = 5


def load():
    """A function of pictures to the sum's operand, the sum and the scores; and the positional embedding."""
    model = onnx.load(f"{MODELS}/optotypes-vit.onnx")
    positions = next(numpy_helper.to_array(t) for t in model.graph.initializer if t.name == "pos_embed")
    add = next(node for node in model.graph.node if "pos_embed" in node.input)
    operand = next(name for name in add.input if name != "pos_embed")
    wanted = [operand, add.output[0]]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

    def run(pictures):
        x = np.stack([np.asarray(p, np.float32).transpose(2, 0, 1) / 255 for p in pictures])
        return session.run([*wanted, "logits"], {"image": ((x - 0.5) / 0.5).astype(np.float32)})

    return run, positions


def length(vectors):
    return np.linalg.norm(vectors.astype(np.float64), axis=-1)


def main():
    run, positions = load()
    e = length(positions[:, 1:])
    files = sorted(glob.glob(f"{MODELS}/optotypes/images/*/*.png"))[::EVERY]
    pictures = [Image.open(file).convert("RGB") for file in files]
    _, clean, scores = run(pictures)
    clean, before, rows = clean[:, 1:], scores.argmax(1), []
    for family, enhancer in FAMILIES.items():
        for factor in FACTORS:
            x, z, scores = run([enhancer(p).enhance(factor) for p in pictures])
            x, z = x[:, 1:], z[:, 1:]
            cosine = (z.astype(np.float64) * clean).sum(-1) / length(z) / length(clean)
            share = e**2 / (e**2 + length(x) ** 2)
            figures = {"ratio": length(x) / e, "cosine": cosine, "positionalShare": share}
            means = {key: round(float(value.mean()), 6) for key, value in figures.items()}
            agreement = float((scores.argmax(1) == before).mean())
            rows.append({"family": family, "factor": factor, **means, "agreement": round(agreement, 6)})
    names = [os.path.relpath(file, f"{MODELS}/optotypes/images") for file in files]
    with open(sys.argv[1], "w") as file:
        file.write(json.dumps({"images": names, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
