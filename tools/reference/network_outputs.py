"""What PyTorch makes of the networks that `snellen network` writes: numbers of parameters, and outputs with the same weights.

Usage: python network_outputs.py <file>   (committed as packages/snellen/src/networks/fixtures/pytorch-outputs.json)

{ "parameters": { name: number of trained parameters of torchvision's or timm's own network },
  "outputs": [{ "name", "network", "options", "seed", "parameters", "logits": [2, 5] }] }

Each network of `CASES` is written with `npx snellen network`, checked by onnx (full check), and its initializers are loaded by name into
a module of torchvision's, timm's or plain PyTorch's layers; names have to be the same on both sides. So that no bias is 0 and no
scale 1, 0.3·sin(j² + length of the name) is added to element j of every parameter and kept statistic. Pictures are
sin(i²), i counting over [2, C, H, W]. Logits are PyTorch's in float64, to 8 digits; ONNX Runtime's of the file agree to 1e-4.
torch 2.15.0, torchvision 0.29.2, timm 1.0.31, onnx 1.23.2, onnxruntime 1.32.0.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import timm
import torch
import torchvision
from onnx import numpy_helper
from timm.layers import Mlp
from timm.models.vision_transformer import Attention, VisionTransformer
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, Bottleneck

SNELLEN = pathlib.Path(__file__).resolve().parents[2] / "packages/cli/bin/snellen.js"
CLASSES = 5
ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}


def norm_of(options, channels, place=0, default="none"):
    groups = options.get("groups", 8)
    groups = groups[place] if isinstance(groups, list) else groups
    makers = {
        "none": nn.Identity,
        "bn": lambda: (nn.BatchNorm2d if "block" in options or "convolutions" in options else nn.BatchNorm1d)(channels),
        "gn": lambda: nn.GroupNorm(groups, channels),
        "ln": lambda: nn.LayerNorm(channels),
    }
    return makers[options.get("normalization", default)]()


class Perceptron(nn.Module):
    def __init__(self, size, channels, options):
        super().__init__()
        widths, self.after = options["widths"], options.get("position") == "after-activation"
        bias = options.get("normalization", "none") == "none" or self.after
        inputs = [channels * size * size, *widths]
        self.layers = nn.ModuleList(nn.Linear(i, o, bias=bias) for i, o in zip(inputs, widths))
        self.norms = nn.ModuleList(norm_of(options, width, i) for i, width in enumerate(widths))
        self.act = ACTIVATIONS[options.get("activation", "relu")]()
        self.head = nn.Linear(widths[-1], CLASSES)

    def forward(self, x):
        x = x.flatten(1)
        for layer, norm in zip(self.layers, self.norms):
            x = norm(self.act(layer(x))) if self.after else self.act(norm(layer(x)))
        return self.head(x)


class Stage(nn.Module):
    def __init__(self, inputs, width, stride, options):
        super().__init__()
        n, kernel = options["convolutions"], options.get("kernel", 3)
        self.kernel, self.pool = kernel, None
        if options.get("downsampling", "stride") != "stride":
            if stride > 1:
                kind = nn.MaxPool2d if options["downsampling"] == "max-pool" else nn.AvgPool2d
                self.pool = kind(stride)
            stride = 1
        bias = options.get("normalization", "bn") == "none"
        self.convs = nn.ModuleList(
            nn.Conv2d(width if k else inputs, width, kernel, 1 if k else stride, (kernel - 1) // 2, bias=bias)
            for k in range(n)
        )
        self.norms = nn.ModuleList(norm_of(options, width, default="bn") for _ in range(n))
        self.act = ACTIVATIONS[options.get("activation", "relu")]()

    def forward(self, x):
        x = x if self.pool is None else self.pool(x)
        for conv, norm in zip(self.convs, self.norms):
            # an even kernel reaches one pixel further down and right
            x = F.pad(x, (0, 1, 0, 1)) if self.kernel % 2 == 0 else x
            x = self.act(norm(conv(x)))
        return x


class Plain(nn.Module):
    def __init__(self, size, channels, options):
        super().__init__()
        widths, strides = options["widths"], options["strides"]
        sizes = zip([channels, *widths], widths, strides)
        self.stages = nn.Sequential(*(Stage(*sizes_, options) for sizes_ in sizes))
        self.head = nn.Linear(widths[-1], CLASSES)

    def forward(self, x):
        return self.head(self.stages(x).mean((2, 3)))


class PreActivation(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride=1, downsample=None, norm_layer=None):
        super().__init__()
        self.bn1, self.bn2 = norm_layer(inputs), norm_layer(width)
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.downsample = None if downsample is None else downsample[:1]

    def forward(self, x):
        first = self.bn1(x).relu()
        skip = x if self.downsample is None else self.downsample(first)
        return self.conv2(self.bn2(self.conv1(first)).relu()) + skip


class Residual(nn.Module):
    """torchvision's blocks behind stems of several kinds, with any number of stages."""

    STEMS = {"small": (3, 1), "strided": (3, 2), "pooled": (7, 2)}
    BLOCKS = {"basic": BasicBlock, "bottleneck": Bottleneck, "pre-activation": PreActivation}

    def __init__(self, size, channels, options):
        super().__init__()
        widths, block = options["widths"], self.BLOCKS[options["block"]]
        kernel, stride = self.STEMS[options["stem"]]
        norm = lambda c: norm_of(options, c, default="bn")  # noqa: E731
        self.pre = block is PreActivation
        self.conv1 = nn.Conv2d(channels, widths[0], kernel, stride, kernel // 2, bias=False)
        if not self.pre:
            self.bn1 = norm(widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if options["stem"] == "pooled" else nn.Identity()
        inputs, self.names = widths[0], []
        for stage, (width, n) in enumerate(zip(widths, options["blocks"])):
            blocks = []
            for i in range(n):
                stride, output = 2 if stage and not i else 1, width * block.expansion
                down = None
                if stride > 1 or inputs != output:
                    down = nn.Sequential(nn.Conv2d(inputs, output, 1, stride, bias=False), norm(output))
                blocks.append(block(inputs, width, stride, down, norm_layer=norm))
                inputs = output
            self.names.append(f"layer{stage + 1}")
            self.add_module(self.names[-1], nn.Sequential(*blocks))
        if self.pre:
            self.norm = norm(inputs)
        self.fc = nn.Linear(inputs, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        x = self.pool(x if self.pre else self.bn1(x).relu())
        for name in self.names:
            x = self.get_submodule(name)(x)
        return self.fc((self.norm(x).relu() if self.pre else x).mean((2, 3)))


class NormalizedProjection(nn.Conv2d):
    """Each patch normalized before it is projected."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.patch_norm = nn.LayerNorm(self.weight[0].numel(), eps=1e-6)

    def forward(self, x):
        p = self.kernel_size[0]
        rows = x.shape[2] // p
        patches = self.patch_norm(F.unfold(x, p, stride=p).mT)
        return (patches @ self.weight.flatten(1).T + self.bias).mT.unflatten(2, (rows, -1))


class Backbone(nn.Module):
    def __init__(self, channels, widths, groups):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, widths[0], 3, 2, 1, bias=False)
        self.conv2 = nn.Conv2d(widths[0], widths[1], 3, 2, 1, bias=False)
        self.norm1, self.norm2 = (nn.GroupNorm(g, c) for g, c in zip(groups, widths))

    def forward(self, x):
        return self.norm2(self.conv2(self.norm1(self.conv1(x)).relu())).relu()


class PostBlock(nn.Module):
    def __init__(self, dim, num_heads, mlp_ratio=4, **_):
        super().__init__()
        self.attn, self.mlp = Attention(dim, num_heads, qkv_bias=True), Mlp(dim, int(dim * mlp_ratio))
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)

    def forward(self, x):
        x = self.norm1(x + self.attn(x))
        return self.norm2(x + self.mlp(x))


def transformer(size, channels, options):
    patch, width, mode = options["patch"], options["width"], options.get("prelayernorm", "none")
    mean, post = options.get("pooling") == "mean", options.get("layerNorm") == "post"
    net = VisionTransformer(
        img_size=size,
        patch_size=patch,
        in_chans=channels,
        num_classes=CLASSES,
        embed_dim=width,
        depth=options["depth"],
        num_heads=options["heads"],
        mlp_ratio=options.get("mlpRatio", 4),
        class_token=not mean,
        global_pool="avg" if mean else "token",
        final_norm=not post,
        **({"block_fn": PostBlock} if post else {}),
    )
    embed = net.patch_embed
    if mode in ("after-projection", "both"):
        embed.norm = nn.LayerNorm(width, eps=1e-6)
    if mode in ("before-projection", "both"):
        embed.proj = NormalizedProjection(channels, width, patch, patch)
    if options.get("stem") == "conv-gn":
        embed.backbone = Backbone(channels, options["stemWidths"], options["stemGroups"])
        embed.proj = nn.Conv2d(options["stemWidths"][1], width, patch // 4, patch // 4)
        plain = embed.forward
        embed.strict_img_size, embed.patch_size = False, (patch // 4, patch // 4)
        embed.forward = lambda x: plain(embed.backbone(x))
    return net


MODULES = {"mlp": Perceptron, "plain-cnn": Plain, "resnet": Residual, "vit": transformer}

MLP = {"widths": [12, 8]}
CNN = {"widths": [4, 6], "strides": [1, 2], "convolutions": 2}
RESNET = {"block": "basic", "blocks": [1, 2], "widths": [4, 8], "stem": "small"}
VIT = {"patch": 4, "width": 12, "depth": 2, "heads": 3, "mlpRatio": 2}
STEM = {"stem": "conv-gn", "stemWidths": [4, 6], "stemGroups": [2, 3]}

# name, network, channels, options
CASES = [
    ("mlp, grey", "mlp", 1, {**MLP, "activation": "gelu"}),
    ("mlp, bn", "mlp", 3, {**MLP, "normalization": "bn"}),
    ("mlp, gn behind", "mlp", 3, {**MLP, "normalization": "gn", "groups": [3, 2], "position": "after-activation"}),
    ("mlp, ln", "mlp", 3, {**MLP, "normalization": "ln", "activation": "silu"}),
    ("cnn, bn", "plain-cnn", 3, CNN),
    ("cnn, gn, max-pooling", "plain-cnn", 1, {**CNN, "normalization": "gn", "groups": 2, "downsampling": "max-pool"}),
    ("cnn, even kernels", "plain-cnn", 3, {**CNN, "normalization": "none", "kernel": 4, "downsampling": "average-pool"}),
    ("cnn, padded", "plain-cnn", 3, {**CNN, "paddedKernels": True, "activation": "silu"}),
    ("resnet, basic", "resnet", 3, RESNET),
    ("resnet, basic, padded", "resnet", 1, {**RESNET, "paddedKernels": True}),
    ("resnet, bottleneck, gn", "resnet", 3, {**RESNET, "block": "bottleneck", "stem": "pooled", "normalization": "gn", "groups": 4}),
    ("resnet, pre-activation", "resnet", 3, {**RESNET, "block": "pre-activation", "stem": "strided"}),
    ("vit", "vit", 3, VIT),
    ("vit, mean, both", "vit", 1, {**VIT, "pooling": "mean", "prelayernorm": "both"}),
    ("vit, before", "vit", 3, {**VIT, "prelayernorm": "before-projection"}),
    ("vit, post", "vit", 3, {**VIT, "layerNorm": "post"}),
    ("vit, stem, after", "vit", 3, {**VIT, **STEM, "patch": 8, "prelayernorm": "after-projection"}),
]
SIZE = 16
SEED = 3


def written(folder, network, channels, options):
    text = lambda v: ",".join(map(text, v)) if isinstance(v, list) else str(v).lower() if isinstance(v, bool) else str(v)  # noqa: E731
    path = pathlib.Path(folder) / "net.onnx"
    flags = [f"--set={key}={text(value)}" for key, value in options.items()]
    sizes = ["--classes", str(CLASSES), "--size", str(SIZE), "--channels-in", str(channels), "--seed", str(SEED)]
    subprocess.run(["node", SNELLEN, "network", network, "-o", path, *sizes, *flags, "--json"], check=True, capture_output=True)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return model


def moved(model):
    """Adds to every parameter and kept statistic."""
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32:
            continue
        wave = 0.3 * np.sin(np.arange(values.size) ** 2 + len(tensor.name)).reshape(values.shape)
        tensor.CopyFrom(numpy_helper.from_array((values + wave).astype(np.float32), tensor.name))
    return model


def with_even_kernels(module):
    for child in module.modules():
        if isinstance(child, nn.Conv2d) and child.stride[0] == 2 and child.kernel_size[0] % 2:
            child.kernel_size = tuple(k + 1 for k in child.kernel_size)
            child.weight = nn.Parameter(torch.empty(*child.weight.shape[:2], *child.kernel_size))


def loaded(model, module):
    transposed = {node.input[1] for node in model.graph.node if node.op_type == "MatMul"}
    state = {}
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            state[tensor.name] = torch.from_numpy(values.T.copy() if tensor.name in transposed else values.copy())
    missing, unexpected = module.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    return module.double().eval()


def parameters(module):
    return sum(p.numel() for p in module.parameters())


@torch.no_grad()
def outputs_of(name, network, channels, options):
    with tempfile.TemporaryDirectory() as folder:
        model = moved(written(folder, network, channels, options))
    module = MODULES[network](SIZE, channels, options)
    if options.get("paddedKernels"):
        with_even_kernels(module)
    loaded(model, module)
    x = np.sin(np.arange(2 * channels * SIZE * SIZE) ** 2).reshape(2, channels, SIZE, SIZE).astype(np.float32)
    logits = module(torch.from_numpy(x).double()).numpy()
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    difference = np.abs(session.run(None, {"image": x})[0] - logits).max()
    print(f"{name}: {parameters(module)} parameters, logits of size {np.abs(logits).max():.3g}, {difference:.1e} apart")
    assert difference < 1e-4
    rounded = [[float(f"{v:.8g}") for v in row] for row in logits.tolist()]
    options = {**options, "classes": CLASSES, "size": [SIZE, SIZE], "channels": channels}
    return dict(name=name, network=network, options=options, seed=SEED, parameters=parameters(module), logits=rounded)


def small_resnet():
    options = {"block": "basic", "blocks": [3, 3, 3], "widths": [16, 32, 64], "stem": "small"}
    module = Residual(32, 3, options)
    module.fc = nn.Linear(64, 10)
    return module


def main(path):
    vit = dict(img_size=32, patch_size=4, embed_dim=192, depth=6, num_heads=3, num_classes=10)
    counts = {
        "resnet20": parameters(small_resnet()),
        "resnet18": parameters(torchvision.models.resnet18()),
        "resnet50": parameters(torchvision.models.resnet50()),
        "vit": parameters(timm.models.VisionTransformer(**vit)),
    }
    print(counts)
    result = {"parameters": counts, "outputs": [outputs_of(*case) for case in CASES]}
    pathlib.Path(path).write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
