"""Effective receptive fields of three tiny networks of random weights, by the published algorithms (erf_field.py).

Usage: python erf_maps.py <folder>   (writes <net>.onnx and <net>.json there; committed as
packages/snellen/src/receptive-field/effective/fixtures/erf; format: README.md)

residual: a ResNet's parts (7x7/2, max-pool 3/2, blocks with 3x3/2 and 1x1/2, BatchNorm) on a grid that is not square.
tokens: a ViT that reads its class token, with a register token, on a grid of even sides.
channels-last: a ConvNeXt's parts (patches of 4, depthwise 7x7, LayerNorm over channels) that ends in NHWC, on odd grids.
"""

import base64
import json
import os
import sys
from types import SimpleNamespace

import torch
from torch import nn

from erf_field import Layer, apart, fields
from library_cams import Block, array, export, set_weights, values_of
from oracle import randomize_constants, smooth_input

IMAGES, CLASSES = 6, 7
# ReLUs and max-pooling's choices flip between the precisions at some points; those are not for a reference
CLOSEST = 2e-6


class Basic(nn.Module):
    """A basic block; with a stride, 3x3/2 beside 1x1/2."""

    def __init__(self, width, to, stride=1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, to, 3, stride, 1, bias=False), nn.BatchNorm2d(to), nn.ReLU(),
            nn.Conv2d(to, to, 3, 1, 1, bias=False), nn.BatchNorm2d(to),
        )
        conv = lambda: nn.Sequential(nn.Conv2d(width, to, 1, stride, bias=False), nn.BatchNorm2d(to))
        self.shortcut = nn.Identity() if stride == 1 else conv()
        self.join = nn.ReLU()

    def forward(self, x):
        return self.join(self.body(x) + self.shortcut(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        self.block1, self.block2, self.block3 = Basic(8, 8), Basic(8, 12, 2), Basic(12, 16, 2)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, CLASSES))

    def forward(self, x):
        return self.head(self.block3(self.block2(self.block1(self.stem(x)))))


class Tokens(nn.Module):
    """Patches of 4 on a grid of 6 x 8 behind a class token and a register token."""

    def __init__(self, width=16):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.prefix = nn.Parameter(torch.randn(1, 2, width))
        self.pos = nn.Parameter(torch.randn(1, 50, width) * 0.5)
        self.blocks = nn.Sequential(Block(width, 2), Block(width, 2))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, CLASSES)

    def forward(self, x):
        t = self.patch(x).flatten(2).transpose(1, 2)
        t = torch.cat([self.prefix.expand(x.shape[0], -1, -1), t], 1) + self.pos
        return self.head(self.norm(self.blocks(t))[:, 0])


class Mixer(nn.Module):
    """A ConvNeXt block that takes and gives NHWC."""

    def __init__(self, width):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, 1, 3, groups=width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.scale = nn.Parameter(torch.full((width,), 0.5))

    def forward(self, x):
        return x + self.scale * self.mlp(self.depthwise(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))


class ChannelsLast(nn.Module):
    """Grids of 11 x 15 and 5 x 7; the second stage's patches leave a row and a column out."""

    def __init__(self, width=12, to=20):
        super().__init__()
        self.patch, self.norm1 = nn.Conv2d(3, width, 4, 4), nn.LayerNorm(width)
        self.stage1 = Mixer(width)
        self.norm2, self.down = nn.LayerNorm(width), nn.Conv2d(width, to, 2, 2)
        self.stage2, self.norm, self.head = Mixer(to), nn.LayerNorm(to), nn.Linear(to, CLASSES)

    def forward(self, x):
        x = self.stage1(self.norm1(self.patch(x).permute(0, 2, 3, 1)))
        x = self.stage2(self.down(self.norm2(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        return self.head(self.norm(x).mean((1, 2)))


def residual():
    net = Residual()
    return net, (40, 56), {
        "stem": Layer(net.stem, (10, 14)),
        "block1": Layer(net.block1, (10, 14)),
        "block2": Layer(net.block2, (5, 7)),
        "block3": Layer(net.block3, (3, 4)),
    }


def tokens():
    net = Tokens()
    layer = lambda module: Layer(module, (6, 8), "tokens", prefix=2)
    return net, (24, 32), {
        "block1": layer(net.blocks[0]), "norm1 of block2": layer(net.blocks[1].norm1), "norm": layer(net.norm)
    }


def channels_last():
    net = ChannelsLast()
    return net, (44, 60), {
        "patch": Layer(net.patch, (11, 15)),
        "stage1": Layer(net.stage1, (11, 15), "NHWC"),
        "norm": Layer(net.norm, (5, 7), "NHWC"),
    }


NETS = {"residual": residual, "tokens": tokens, "channels-last": channels_last}


def levels_of(shape, seed):
    """Bytes, so that x = levels / 128 - 1 is the same in every precision."""
    return (128 + 42 * smooth_input(shape, seed)).round().clamp(0, 255).to(torch.uint8)


def widened(net):
    """PyTorch's linear layers shrink what passes them; with unit gain, images tell apart in attention and scores."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Linear):
                module.weight.mul_(3**0.5)


def candidate(build, seed):
    """Network, levels and R for a seed; None where float32 is not near float64, or the images have less than three classes."""
    torch.manual_seed(seed)
    net, size, layers = build()
    set_weights(net)
    widened(net)
    randomize_constants(net, torch.Generator().manual_seed(seed))
    levels = levels_of((IMAGES, 3, *size), seed)
    x = levels.float() / 128 - 1
    with torch.no_grad():
        logits = net(x)
    predicted = logits.argmax(1).tolist()
    if len(set(predicted)) < 3:
        return None
    # every other label is another class than the predicted one
    labels = [(top + i % 2) % CLASSES for i, top in enumerate(predicted)]
    wide, narrow = (fields(net, layers, x, dtype, labels) for dtype in (torch.float64, torch.float32))
    worst = max(apart(n, w) for n, w in zip(flat(narrow), flat(wide), strict=True))
    if not worst < CLOSEST:
        return None
    return SimpleNamespace(
        model=net, x=x, layers={name: (layer.module, None) for name, layer in layers.items()}, described=layers,
        levels=levels, logits=logits, predicted=predicted, labels=labels, wide=wide, narrow=narrow, worst=worst,
    )


def flat(found):
    of_layers, scores = found
    return [field for both in of_layers.values() for field in both.values()] + list(scores.values())


def packed(tensor, dtype):
    """Little endian, base64."""
    return base64.b64encode(tensor.contiguous().numpy().astype(dtype).tobytes()).decode()


def pair(wide, narrow):
    return {"float64": packed(wide, "<f4"), "float32": packed(narrow, "<f4")}


def document(net, path):
    values = values_of(net, path)
    modules = {module: name for name, module in net.model.named_modules()}
    layers = {
        name: {
            "module": modules[layer.module], "value": values[name], "layout": layer.layout, "grid": layer.grid,
            "prefix": layer.prefix, "cell": layer.cell,
            **{kind: pair(net.wide[0][name][kind], net.narrow[0][name][kind]) for kind in ("deadPixels", "replknet")},
        }
        for name, layer in net.described.items()
    }
    return {
        "dims": list(net.levels.shape), "levels": packed(net.levels, "u1"),
        "logits": array(net.logits), "labels": net.labels, "predicted": net.predicted, "f32Apart": float(f"{net.worst:.1e}"),
        "layers": layers,
        "scores": {kind: pair(net.wide[1][kind], net.narrow[1][kind]) for kind in ("label", "predicted")},
    }


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name, build in NETS.items():
        seed, net = next((s, c) for s in range(1, 200) if (c := candidate(build, s)) is not None)
        path = os.path.join(folder, f"{name}.onnx")
        # BatchNorms stay, so that their gradient is in question too
        kept = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False} if name == "residual" else {}
        export(net.model, net.x, path, **kept)
        content = document(net, path)
        file = path.replace(".onnx", ".json")
        with open(file, "w") as f:
            json.dump(content, f, separators=(",", ":"))
            f.write("\n")
        print(
            name, "seed", seed, "classes", net.predicted, "f32", f"{net.worst:.1e}", os.path.getsize(path),
            os.path.getsize(file), {k: v["value"] for k, v in content["layers"].items()},
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
