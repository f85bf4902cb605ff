"""Effective receptive fields of full-size networks of random weights, by the published algorithm (erf_field.py).

Usage: nice python erf_zoo.py <model>… --out DIR [--images 4] [--size 224] [--layers layer3,layer4]
(a model is a name of timm's, or torchvision:<name> with --layers; format: README.md)
"""

import argparse
import json
import os
import time
from types import SimpleNamespace

import numpy as np
import timm
import torch
import torchvision

from erf_field import Layer, apart, fields
from library_cams import export, values_of
from oracle import prepare, seed_everything, smooth_input

MOST_LAYERS = 4


def build(name):
    """The network and the modules that end its stages."""
    library, _, short = name.rpartition(":")
    if library == "torchvision":
        return getattr(torchvision.models, short)(weights=None), []
    model = timm.create_model(short)
    return model, [info["module"] for info in getattr(model, "feature_info", [])]


def spread(names):
    """At most MOST_LAYERS, evenly, the last among them."""
    count = min(MOST_LAYERS, len(names))
    return [names[(i + 1) * len(names) // count - 1] for i in range(count)]


def described(model, module, shape):
    """How a module's output of this shape is laid out."""
    if len(shape) == 4 and getattr(model, "output_fmt", "NCHW") == "NHWC":
        return Layer(module, shape[1:3], "NHWC")
    if len(shape) == 4:
        return Layer(module, shape[2:])
    return Layer(module, model.patch_embed.grid_size, "tokens", model.num_prefix_tokens)


def layers_of(model, names, x):
    shapes = {}
    modules = {name: model.get_submodule(name) for name in names}
    handles = [
        module.register_forward_hook(lambda m, _, out, name=name: shapes.__setitem__(name, tuple(out.shape)))
        for name, module in modules.items()
    ]
    with torch.no_grad():
        model(x[:1])
    for handle in handles:
        handle.remove()
    return {name: described(model, modules[name], shapes[name]) for name in names}


def record(name, names, out, x):
    seed_everything(0)
    model, stages = build(name)
    model = prepare(model, x.shape[-1], 0)
    layers = layers_of(model, names or spread(stages), x)
    short = name.rpartition(":")[2]
    path = os.path.join(out, f"{short}.onnx")
    export(model, x[:1], path)
    found = SimpleNamespace(model=model, x=x[:1], layers={k: (layer.module, None) for k, layer in layers.items()})
    values = values_of(found, path)
    with torch.no_grad():
        predicted = model(x).argmax(1).tolist()
    wide, narrow = (fields(model, layers, x, dtype, predicted) for dtype in (torch.float64, torch.float32))
    rows = []

    def save(what, kind, of_wide, of_narrow, **facts):
        file = f"{short}.{what}.{kind}"
        np.save(os.path.join(out, f"{file}.f64.npy"), of_wide.numpy())
        np.save(os.path.join(out, f"{file}.f32.npy"), of_narrow.numpy())
        row = {"of": what, "kind": kind, "file": f"{file}.f64.npy", "f32Apart": apart(of_narrow, of_wide), **facts}
        rows.append(row)
        print(short, row, flush=True)

    for layer, facts in layers.items():
        for kind in ("deadPixels", "replknet"):
            save(
                layer, kind, wide[0][layer][kind], narrow[0][layer][kind], value=values[layer],
                layout=facts.layout, grid=facts.grid, cell=facts.cell, prefix=facts.prefix,
            )
    save("score", "deadPixels", wide[1]["predicted"], narrow[1]["predicted"], predicted=predicted)
    with open(os.path.join(out, f"{short}.json"), "w") as file:
        json.dump({"model": name, "onnx": os.path.basename(path), "images": "x.npy", "rows": rows}, file, indent=1)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("models", nargs="+")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--images", type=int, default=4)
    arguments.add_argument("--size", type=int, default=224)
    arguments.add_argument("--layers", type=lambda text: text.split(","), default=[])
    given = arguments.parse_args()
    torch.set_num_threads(1)
    os.makedirs(given.out, exist_ok=True)
    x = smooth_input((given.images, 3, given.size, given.size), 5)
    np.save(os.path.join(given.out, "x.npy"), x.numpy())
    for name in given.models:
        start = time.perf_counter()
        record(name, given.layers, given.out, x)
        print(name, f"{time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
