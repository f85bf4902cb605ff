"""Raw class activation maps by pytorch-grad-cam's own code, on tiny networks.

Usage: python library_cams.py <folder>   (writes <net>.onnx and cams.<net>.json there; committed as fixtures of
packages/snellen/src/cam/fixtures; format: README.md)

Nothing is reimplemented: each class of the library runs as it is, on activations and gradients that its own hooks captured;
a subclass keeps what its `get_cam_image` returned, before it is rectified, scaled and enlarged. Exceptions: FullGrad has
no such method (kept is what `compute_cam_per_layer` returned, before the final scaling); and on token layers AblationLayerVit
writes zeros instead of its "minimum − 1e7", which no definition has, and ShapleyCAM's own weights are multiplied with the
activations laid out as a grid, which the library forgets and then refuses. cnn.onnx and vit.onnx are those of cam_maps.py.
"""

import contextlib
import copy
import io
import json
import os
import sys

import cv2
import numpy as np
import onnx
import pytorch_grad_cam as pgc
import torch
from pytorch_grad_cam.utils.model_targets import (
    BinaryClassifierOutputTarget,
    ClassifierOutputSoftmaxTarget,
    ClassifierOutputTarget,
    SemanticSegmentationTarget,
)
from torch import nn

from cam_maps import forward_of, networks
from oracle import ort_values, smooth_input

METHODS = {
    "grad-cam": pgc.GradCAM,
    "grad-cam++": pgc.GradCAMPlusPlus,
    "hires-cam": pgc.HiResCAM,
    "element-wise-cam": pgc.GradCAMElementWise,
    "layer-cam": pgc.LayerCAM,
    "xgrad-cam": pgc.XGradCAM,
    "eigen-cam": pgc.EigenCAM,
    "eigen-grad-cam": pgc.EigenGradCAM,
    "kpca-cam": pgc.KPCA_CAM,
    "shapley-cam": pgc.ShapleyCAM,
    "score-cam": pgc.ScoreCAM,
    "ablation-cam": pgc.AblationCAM,
}
WITHOUT_TARGET = ("eigen-cam", "kpca-cam")


def set_weights(net):
    """Convolutions that keep signals of order 1, and no BatchNorm that is the identity."""
    with torch.no_grad():
        for m in net.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight)
            if isinstance(m, nn.BatchNorm2d):
                m.running_mean.normal_(0, 0.2)
                m.running_var.uniform_(0.3, 0.9)
                m.weight.uniform_(0.7, 1.4)
                m.bias.normal_(0, 0.2)
    return net.eval()


class Deep(nn.Module):
    """BatchNorm, a residual addition, ReLUs and a head that is not linear, behind both layers that maps are read from."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.mid = nn.Sequential(nn.Conv2d(8, 10, 3, 2, 1), nn.ReLU())
        self.block = nn.Sequential(
            nn.Conv2d(10, 10, 3, 1, 1, bias=False), nn.BatchNorm2d(10), nn.ReLU(), nn.Conv2d(10, 10, 3, 1, 1)
        )
        self.join = nn.ReLU()
        self.last = nn.Sequential(nn.Conv2d(10, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12))
        self.head = nn.Sequential(
            nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 10), nn.GELU(), nn.Linear(10, 6)
        )

    def forward(self, x):
        m = self.mid(self.stem(x))
        return self.head(self.last(self.join(m + self.block(m))))


class Block(nn.Module):
    """A pre-normalized transformer block."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, t):
        n, count, width = t.shape
        qkv = self.qkv(self.norm1(t)).reshape(n, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        weights = (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1)
        t = t + self.proj((weights @ v).transpose(1, 2).reshape(n, count, width))
        return t + self.mlp(self.norm2(t))


class Registers(nn.Module):
    """Patches of 4 on a grid of 3 x 5, a class token and two register tokens in front, read by the class token."""

    def __init__(self, width=16):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.prefix = nn.Parameter(torch.randn(1, 3, width))
        self.pos = nn.Parameter(torch.randn(1, 18, width) * 0.3)
        self.blocks = nn.Sequential(Block(width, 2), Block(width, 2))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 5)

    def forward(self, x):
        t = self.patch(x).flatten(2).transpose(1, 2)
        t = torch.cat([self.prefix.expand(x.shape[0], -1, -1), t], 1) + self.pos
        return self.head(self.norm(self.blocks(t))[:, 0])


class OneLogit(nn.Module):
    """A binary classifier of a single score."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Conv2d(8, 8, 3, 1, 1), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1)
        )

    def forward(self, x):
        return self.head(self.features(x))


class Dense(nn.Module):
    """Fully convolutional: scores of three classes at every pixel."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU()
        )
        self.head = nn.Sequential(
            nn.Conv2d(8, 8, 3, 1, 1),
            nn.ReLU(),
            nn.Conv2d(8, 3, 1),
            nn.Upsample(scale_factor=4, mode="bilinear", align_corners=False),
        )

    def forward(self, x):
        return self.head(self.features(x))


class ZeroingVit(pgc.AblationLayerVit):
    """Token layers: zero in the channel of all tokens, or only of those that lie on the grid."""

    def __init__(self, first=0):
        super().__init__()
        self.first = first

    def __call__(self, x):
        for i in range(self.activations.shape[0]):
            self.activations[i, self.first :, self.indices[i]] = 0
        return self.activations


class TokenShapley(pgc.ShapleyCAM):
    def get_cam_image(self, x, layer, targets, activations, grads, eigen_smooth=False):
        weights = self.get_cam_weights(x, layer, targets, activations, grads)
        laid_out = self.activations_and_grads.reshape_transform(activations).detach().numpy()
        return (weights[:, :, None, None] * laid_out).sum(axis=1)


def keeping(library_class):
    """The library's class, which also keeps the cells (and weights) that it computed."""

    class Keeping(library_class):
        def __exit__(self, *_):
            """Removes the hooks; the library's own also detaches gradients in place, which views refuse."""
            for handle in self.activations_and_grads.handles:
                handle.remove()

        def __del__(self):
            pass

        def get_cam_image(self, *args, **kwargs):
            image = super().get_cam_image(*args, **kwargs)
            self.kept = [*getattr(self, "kept", []), np.array(image)]
            return image

        def get_cam_weights(self, *args, **kwargs):
            self.weights = super().get_cam_weights(*args, **kwargs)
            return self.weights

    return Keeping


class Net:
    """A network, its input and its layers: name → (module, reshape_transform)."""

    def __init__(self, model, x, layers):
        self.model, self.x, self.layers = model.eval(), x, layers

    def run(self, method, layer, targets, **options):
        """The library's object after it ran, and its final maps."""
        module, reshape = self.layers[layer]
        library_class = TokenShapley if method == "shapley-cam" and reshape is not None else METHODS[method]
        extra = {"ablation_layer": options.pop("ablation_layer")} if "ablation_layer" in options else {}
        with quiet(), keeping(library_class)(self.model, [module], reshape, **extra) as cam:
            final = cam(self.x.clone(), targets, **options)
        return cam, final


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def array(values, digits=7):
    values = np.asarray(values, np.float64)
    return {"dims": list(values.shape), "data": [float(f"{v:.{digits}g}") for v in values.flatten()]}


def targets_of(net, name):
    """The library's targets, one an image, by their name after --target; None for the highest score."""
    kind, number = name.split(":") if ":" in name else ("class", name)
    if name == "top1":
        return None
    if " vs " in name:
        ours, theirs = map(int, name.split(" vs "))
        target = lambda output: output[ours] - output[theirs]
    else:
        target = {"class": ClassifierOutputTarget, "probability": ClassifierOutputSoftmaxTarget}[kind](int(number))
    return [target] * len(net.x)


def record(net, method, layer, target, targets=None, **options):
    targets = targets if targets is not None else targets_of(net, target)
    cam, _ = net.run(method, layer, targets, **options)
    row = {"method": method, "layer": layer, "target": target}
    if "eigen_smooth" in options:
        row["eigenSmooth"] = True
    row["score"] = scores_of(net, targets)
    row["cells"] = array(cam.kept[0])
    if method in ("score-cam", "ablation-cam"):
        row["weights"] = array(cam.weights)
    return row


def scores_of(net, targets):
    with torch.no_grad():
        outputs = net.model(net.x)
    if targets is None:
        return array(outputs.max(1).values)["data"]
    return array([float(target(output)) for target, output in zip(targets, outputs)])["data"]


def finer(net, layer, target):
    """FinerCAM over GradCAM with its defaults: three nearest classes, alpha 1."""
    module, reshape = net.layers[layer]
    with quiet(), pgc.FinerCAM(net.model, [module], reshape, base_method=keeping(pgc.GradCAM)) as cam:
        cam(net.x.clone(), target_idx=None if target == "top1" else int(target))
    score = scores_of(net, targets_of(net, target))
    return {"method": "finer-cam", "layer": layer, "target": target, "score": score, "cells": array(cam.base_cam.kept[0])}


def all_methods(net, layer, target, tokens=0):
    rows = []
    for method in METHODS:
        if method == "ablation-cam" and tokens:
            rows.append({**record(net, method, layer, target, ablation_layer=ZeroingVit()), "ablated": "all tokens"})
            on_grid = record(net, method, layer, target, ablation_layer=ZeroingVit(tokens))
            rows.append({**on_grid, "ablated": "tokens of the grid"})
        else:
            rows.append(record(net, method, layer, target))
    rows.append(finer(net, layer, target))
    for method in ("grad-cam", "hires-cam"):
        rows.append(record(net, method, layer, target, eigen_smooth=True))
    for row in rows:
        if row["method"] in WITHOUT_TARGET:
            row["target"] = None
    return rows


def augmented(net, layer, target):
    """Grad-CAM of six versions of the image: their cells, and the library's final maps."""
    cam, final = net.run("grad-cam", layer, targets_of(net, target), aug_smooth=True)
    versions = []
    for cells, (mirrored, factor) in zip(cam.kept, cam.tta_transforms.aug_transform_parameters, strict=True):
        turned = cells[..., ::-1] if mirrored else cells
        versions.append({"mirrored": mirrored, "factor": factor, "cells": array(turned)})
    return {
        "method": "grad-cam", "layer": layer, "target": target, "versions": versions, "map": array(final, 5),
        # the same mean without the scaling of each map to 0..1, enlarged by OpenCV as the library does
        "unscaledMap": array(np.mean([rectified(net, v) for v in versions], axis=0), 5),
    }


def rectified(net, version):
    cells = np.maximum(np.float32(version["cells"]["data"]).reshape(version["cells"]["dims"]), 0)
    return np.stack([cv2.resize(image, net.x.shape[:1:-1]) for image in cells])


def averaged(net, layers, target):
    """The library's mean of several layers' maps, each scaled to 0..1 first."""
    with quiet(), keeping(pgc.GradCAM)(net.model, [net.layers[layer][0] for layer in layers]) as cam:
        final = cam(net.x.clone(), targets_of(net, target))
    return {
        "method": "grad-cam", "layers": layers, "target": target,
        "cells": [array(cells) for cells in cam.kept], "map": array(final, 5),
    }


class KeepingFullGrad(pgc.FullGrad):
    def compute_cam_per_layer(self, input_tensor, *args):
        maps = super().compute_cam_per_layer(input_tensor, *args)
        self.input_share = (input_tensor.grad * input_tensor).detach().abs().sum(1)
        gradients = self.activations_and_grads.gradients
        self.bias_shares = [
            np.abs(bias[None, :, None, None] * g.numpy()).sum(1) for bias, g in zip(self.bias_data, gradients)
        ]
        self.kept = np.array(maps)[:, 0]
        return maps


def full_grad(net, target):
    """The sum that the library scales at last; and what goes into it, unscaled, with the modules that add the biases."""
    with quiet(), KeepingFullGrad(net.model, []) as cam:
        cam(net.x.clone(), targets_of(net, target))
    names = {module: name for name, module in net.model.named_modules()}
    biases = [{"module": names[m], "share": array(s)} for m, s in zip(cam.target_layers, cam.bias_shares)]
    check_bias_order(net, target, cam)
    return {
        "method": "full-grad", "target": target, "map": array(cam.kept, 6),
        "inputShare": array(cam.input_share, 6), "biasShares": biases,
    }


def check_bias_order(net, target, cam):
    """The library pairs biases and gradients by order alone: both must be the same module's."""
    outputs = {}
    handles = [m.register_forward_hook(lambda m, _, out: outputs.__setitem__(m, out)) for m in cam.target_layers]
    scores = net.model(net.x.clone().requires_grad_(True))
    for handle in handles:
        handle.remove()
    loss = sum(t(o) for t, o in zip(targets_of(net, target), scores))
    gradients = torch.autograd.grad(loss, [outputs[m] for m in cam.target_layers])
    for bias, share, g in zip(cam.bias_data, cam.bias_shares, gradients):
        np.testing.assert_allclose(share, np.abs(bias[None, :, None, None] * g.numpy()).sum(1), rtol=1e-4, atol=1e-6)


def guided_backprop(net, target):
    """The library takes one image at a time and replaces the network's ReLUs."""
    gradients = []
    for image in net.x:
        model = pgc.GuidedBackpropReLUModel(copy.deepcopy(net.model))
        gradients.append(model(image[None].clone(), int(target)).transpose(2, 0, 1))
    return {"method": "guided-backprop", "target": target, "gradient": array(gradients, 6)}


def export(model, x, path, **options):
    torch.onnx.export(
        model.eval(), (x,), path, dynamo=False, opset_version=17, input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}}, **options,
    )


def values_of(net, path):
    """ONNX value of each layer: the first that equals, everywhere, what PyTorch's module gave."""
    found = {}
    by_name = ort_values(onnx.load(path), {"image": net.x.numpy()})
    for layer, (module, _) in net.layers.items():
        handle = module.register_forward_hook(lambda m, _, out: found.__setitem__(layer, out.detach().numpy()))
        with torch.no_grad():
            net.model(net.x)
        handle.remove()
        wanted = found[layer]
        found[layer] = next(
            name for name, v in by_name.items() if v.shape == wanted.shape and np.allclose(v, wanted, atol=1e-5)
        )
    return found


def document(net, folder, files):
    with torch.no_grad():
        logits = net.model(net.x)
    return {
        "x": array(net.x),
        "logits": array(logits) if logits.dim() == 2 else None,
        "files": {file: values_of(net, os.path.join(folder, file)) for file in files},
    }


def write(folder, name, content):
    path = os.path.join(folder, f"cams.{name}.json")
    with open(path, "w") as file:
        json.dump(content, file, separators=(",", ":"))
        file.write("\n")
    print(name, os.path.getsize(path), content["files"])


def deep(folder):
    torch.manual_seed(36)  # of forty, one whose maps of class 2 have large cells of both signs on both layers
    net = set_weights(Deep())
    with torch.no_grad():
        net.head[3].weight.mul_(2)
        net.head[5].weight.mul_(6)
    x = smooth_input((2, 3, 24, 32), 36).round(decimals=2)
    export(net, x, f"{folder}/deep.onnx", training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    export(net, x, f"{folder}/deep-folded.onnx")
    found = Net(net, x, {"mid": (net.mid, None), "last": (net.last, None)})
    rows = [row for layer in found.layers for row in all_methods(found, layer, "2")]
    for layer in found.layers:
        for target in ("top1", "probability:3", "2 vs 4"):
            rows.append(record(found, "grad-cam", layer, target))
        rows.append(finer(found, layer, "top1"))
    write(folder, "deep", {
        **document(found, folder, ["deep.onnx", "deep-folded.onnx"]),
        "maps": rows,
        "fullGrad": full_grad(found, "2"),
        "guidedBackprop": guided_backprop(found, "2"),
        "augmented": augmented(found, "last", "2"),
        "averaged": averaged(found, ["mid", "last"], "2"),
    })


def plain(folder):
    x, cnn, vit = networks()
    net = forward_of(cnn).eval()
    export(net, x, f"{folder}/cnn.onnx")
    export(vit, x, f"{folder}/vit.onnx")
    found = Net(net, x, {"last": (cnn.features[3], None)})
    # a linear head leaves ShapleyCAM nothing to differentiate a second time: the library stops
    methods = [row for row in all_but("shapley-cam", found, "last", "3")]
    write(folder, "cnn", {
        **document(found, folder, ["cnn.onnx"]),
        "maps": [*methods, finer(found, "last", "top1")],
        "fullGrad": full_grad(found, "3"),
        "guidedBackprop": guided_backprop(found, "3"),
    })
    grid = lambda t: t[:, 1:].transpose(1, 2).reshape(t.shape[0], -1, 4, 4)
    found = Net(vit, x, {"norm1": (vit.norm1, grid)})
    write(folder, "vit", {
        **document(found, folder, ["vit.onnx"]),
        "maps": [*all_methods(found, "norm1", "3", tokens=1), finer(found, "norm1", "top1")],
    })


def all_but(left_out, *args):
    kept = METHODS.pop(left_out)
    try:
        return all_methods(*args)
    finally:
        METHODS[left_out] = kept


def registers(folder):
    torch.manual_seed(12)
    net = Registers().eval()
    with torch.no_grad():
        net.head.weight.mul_(6)
    x = smooth_input((2, 3, 12, 20), 12).round(decimals=2)
    export(net, x, f"{folder}/registers.onnx")
    grid = lambda t: t[:, 3:].transpose(1, 2).reshape(t.shape[0], -1, 3, 5)
    found = Net(net, x, {"norm1": (net.blocks[1].norm1, grid)})
    write(folder, "registers", {
        **document(found, folder, ["registers.onnx"]),
        "maps": [*all_methods(found, "norm1", "2", tokens=3), finer(found, "norm1", "top1")],
    })


def one_logit(folder):
    torch.manual_seed(13)
    net = set_weights(OneLogit())
    with torch.no_grad():
        net.head[4].weight.mul_(4)
    x = smooth_input((2, 3, 12, 16), 13).round(decimals=2)
    export(net, x, f"{folder}/one-logit.onnx")
    found = Net(net, x, {"features": (net.features, None)})
    rows = []
    for category in (1, 0):
        targets = [BinaryClassifierOutputTarget(category)] * 2
        rows.append(record(found, "grad-cam", "features", f"binary:{category}", targets))
    write(folder, "one-logit", {**document(found, folder, ["one-logit.onnx"]), "maps": rows})


def dense(folder):
    torch.manual_seed(14)
    net = set_weights(Dense())
    x = smooth_input((2, 3, 12, 16), 14).round(decimals=2)
    export(net, x, f"{folder}/dense.onnx")
    found = Net(net, x, {"features": (net.features, None)})
    masks = np.zeros((2, 12, 16), np.float32)
    masks[0, 2:9, 3:11] = 1
    masks[1, 5:12, 9:16] = 1
    rows = []
    for category in (1, 2):
        targets = [SemanticSegmentationTarget(category, mask) for mask in masks]
        rows.append(record(found, "grad-cam", "features", f"mask:{category}", targets))
    highest = [lambda output: output[1].max()] * 2
    rows.append(record(found, "grad-cam", "features", "highest:1", highest))
    write(folder, "dense", {
        **document(found, folder, ["dense.onnx"]), "masks": array(masks), "maps": rows,
    })


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.makedirs(sys.argv[1], exist_ok=True)
    for part in (plain, deep, registers, one_logit, dense):
        part(sys.argv[1])
