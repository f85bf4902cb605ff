"""Effective receptive fields in PyTorch, one image at a time, as they were published. Shared by erf_maps.py and erf_zoo.py.

R of a layer, Kim et al., arXiv:2108.13576, Algorithm 1: the mean over channels of what the map's central cell holds; its gradient
with respect to the image; mean over the colours; ReLU; mean over images. R of a score: the same of that logit.
RepLKNet's, Ding et al., arXiv:2203.06717: the sum over channels of ReLU of what the central cell holds; its gradient; ReLU;
sum over colours and images. (Their script visualize_erf.py then divides by the number of images; the paper does not.)
"""

import copy

import torch


def cell_of(kind, grid):
    """[h//2, w//2] of a map; of a token grid of even side the upper left of the central four, as the paper's own code has it."""
    return [n // 2 if kind == "map" else (n - 1) // 2 for n in grid]


class Layer:
    """A feature map: its module, and how its output is laid out: NCHW, NHWC, or tokens behind `prefix` others."""

    def __init__(self, module, grid, layout="NCHW", prefix=0):
        self.module, self.grid, self.layout, self.prefix = module, list(grid), layout, prefix
        self.kind = "tokens" if layout == "tokens" else "map"
        self.cell = cell_of(self.kind, grid)

    def centre(self, output):
        """[K]: what the central cell of the only image holds."""
        row, column = self.cell
        if self.layout == "tokens":
            assert output.shape[1] == self.prefix + self.grid[0] * self.grid[1]
            return output[0, self.prefix + row * self.grid[1] + column]
        if self.layout == "NHWC":
            assert list(output.shape[1:3]) == self.grid
            return output[0, row, column]
        assert list(output.shape[2:]) == self.grid
        return output[0, :, row, column]


def dead_pixels(gradient, n):
    return gradient[0].mean(0).relu() / n


def replknet(gradient, _):
    return gradient[0].relu().sum(0)


def fields(model, layers, images, dtype, labels=None):
    """{ layer: { "deadPixels", "replknet" } } and, with labels, { "label", "predicted" }, each [H, W] in `dtype`.

    `layers`: { name: Layer } of `model`; `images` [N, 3, H, W].
    """
    # modules are found again in the copy by their names
    names = {id(module): name for name, module in model.named_modules()}
    model = copy.deepcopy(model).to(dtype).requires_grad_(False).eval()
    modules, seen = dict(model.named_modules()), {}
    handles = [
        modules[names[id(layer.module)]].register_forward_hook(lambda m, i, out, name=name: seen.__setitem__(name, out))
        for name, layer in layers.items()
    ]
    empty = lambda: torch.zeros(images.shape[2:], dtype=dtype)
    found = {name: {"deadPixels": empty(), "replknet": empty()} for name in layers}
    scores = {"label": empty(), "predicted": empty()}
    n = len(images)
    for i in range(n):
        x = images[i : i + 1].to(dtype).requires_grad_(True)
        logits = model(x)
        of = lambda unit: torch.autograd.grad(unit, x, retain_graph=True)[0]
        for name, layer in layers.items():
            centre = layer.centre(seen[name])
            found[name]["deadPixels"] += dead_pixels(of(centre.mean()), n)
            found[name]["replknet"] += replknet(of(centre.relu().sum()), n)
        if labels is not None:
            scores["label"] += dead_pixels(of(logits[0, labels[i]]), n)
            scores["predicted"] += dead_pixels(of(logits[0].max()), n)
    for handle in handles:
        handle.remove()
    return found, scores


def apart(a, b):
    """Largest difference over the largest value of b."""
    a, b = a.double(), b.double()
    return float((a - b).abs().max() / b.abs().max())
