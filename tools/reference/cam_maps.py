"""Raw class activation maps of two tiny networks, by pytorch-grad-cam's definitions on PyTorch's own gradients.

Usage: python cam_maps.py <folder>   (writes cnn.onnx, vit.onnx and cam-maps.json there; committed as fixtures of
packages/snellen/src/cam/fixtures)
"""

import json
import os
import sys

import torch
from torch import nn


class Cnn(nn.Module):
    """Two strided convolutions, global average pooling, a linear classifier with bias."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU()
        )
        self.head = nn.Linear(8, 5)

    def maps(self, x):
        return self.features(x)

    def scores(self, a):
        return self.head(a.mean((2, 3)))


class Vit(nn.Module):
    """Patches of 4, a class token, one pre-normalized block whose attention the maps are read before."""

    def __init__(self, width=12):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.cls = nn.Parameter(torch.randn(1, 1, width))
        self.pos = nn.Parameter(torch.randn(1, 17, width) * 0.3)
        self.norm1, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.head = nn.Linear(width, 5)

    def tokens(self, x):
        patches = self.patch(x).flatten(2).transpose(1, 2)
        return torch.cat([self.cls.expand(x.shape[0], -1, -1), patches], 1) + self.pos

    def attended(self, t, n):
        q, k, v = self.qkv(n).chunk(3, -1)
        weights = (q @ k.transpose(1, 2) * q.shape[-1] ** -0.5).softmax(-1)
        return self.head(self.norm(t + self.proj(weights @ v))[:, 0])

    def forward(self, x):
        t = self.tokens(x)
        return self.attended(t, self.norm1(t))


def forward_of(cnn):
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = cnn

        def forward(self, x):
            return self.net.scores(self.net.maps(x))

    return Whole()


def cells(activations, gradients):
    """[N, K, h, w] each; rectification left out, as in `cells.npy`."""
    weights = gradients.mean((2, 3), keepdim=True)
    return {
        "grad-cam": (weights * activations).sum(1),
        "hires-cam": (gradients * activations).sum(1),
        "cam": (gradients.sum((2, 3), keepdim=True) * activations).sum(1),
    }


def numbers(tensor):
    return [round(v, 6) for v in tensor.detach().flatten().tolist()]


def export(model, x, path):
    torch.onnx.export(
        model.eval(), (x,), path, dynamo=False, opset_version=17, input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
    )


def networks():
    """The input and both networks, always the same."""
    torch.manual_seed(3)
    x = torch.randn(2, 3, 16, 16).round(decimals=3)
    return x, Cnn().eval(), Vit().eval()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    x, cnn, vit = networks()
    out = {"x": {"dims": list(x.shape), "data": numbers(x)}, "target": 3}

    a = cnn.maps(x)
    score = cnn.scores(a)[:, 3]
    g = torch.autograd.grad(score.sum(), a)[0]
    out["cnn"] = {"score": numbers(score), "grid": [4, 4], **{k: numbers(v) for k, v in cells(a, g).items()}}
    export(forward_of(cnn), x, os.path.join(folder, "cnn.onnx"))

    t = vit.tokens(x)
    n = vit.norm1(t)
    score = vit.attended(t, n)[:, 3]
    g = torch.autograd.grad(score.sum(), n)[0]
    grid = lambda v: v[:, 1:].transpose(1, 2).reshape(2, -1, 4, 4)
    maps = cells(grid(n), grid(g))
    maps.pop("cam")
    out["vit"] = {"score": numbers(score), "grid": [4, 4], **{k: numbers(v) for k, v in maps.items()}}
    export(vit, x, os.path.join(folder, "vit.onnx"))

    with open(os.path.join(folder, "cam-maps.json"), "w") as f:
        json.dump(out, f)


if __name__ == "__main__":
    main(sys.argv[1])
