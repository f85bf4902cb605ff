"""Trains the two embedded optotype networks, a residual CNN and a Vision Transformer, and writes them as ONNX.

    python tools/train/train_optotypes.py cnn --data train.bin --val val.bin --out models/optotypes-cnn.onnx
"""

import argparse
import json
import math
import time

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

LABELS = ["C", "D", "H", "K", "N", "O", "R", "S", "V", "Z"]
SIZE = 64
MEAN = [0.5, 0.5, 0.5]
STD = [0.5, 0.5, 0.5]
RECORD = 1 + 3 * SIZE * SIZE


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions (He et al. 2016); where the shape changes, a strided 1x1 convolution as the shortcut."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResidualNet(nn.Module):
    """3x3 stride-2 stem, one block a stage, global average pooling, linear head; the last map is 8x8."""

    def __init__(self, widths=(16, 32, 64, 96), strides=(2, 2, 1)):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, 2, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        stages = zip(widths, widths[1:], strides)
        self.stages = nn.Sequential(
            ResidualBlock(widths[0], widths[0], 1), *(ResidualBlock(a, b, s) for a, b, s in stages)
        )
        self.head = nn.Linear(widths[-1], len(LABELS))

    def features(self, image):
        """The last feature map [batch, 96, 8, 8]."""
        return self.stages(self.stem(image))

    def forward(self, image):
        return self.head(F.adaptive_avg_pool2d(self.features(image), 1).flatten(1))


class EncoderBlock(nn.Module):
    """Pre-normalized attention and MLP (Dosovitskiy et al. 2021)."""

    def __init__(self, dim, heads, mlp, tokens):
        super().__init__()
        # Sizes kept as numbers: read from tensors, they would be exported as Shape and Gather nodes.
        self.split = (-1, tokens, 3, heads, dim // heads)
        self.scale = (dim // heads) ** -0.5
        self.norm1 = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp), nn.GELU(), nn.Linear(mlp, dim))

    def attend(self, x):
        q, k, v = self.qkv(x).reshape(self.split).permute(2, 0, 3, 1, 4).unbind(0)
        if self.training:
            return self.merge(F.scaled_dot_product_attention(q, k, v))  # the same, faster
        weights = (q @ k.transpose(-2, -1) * self.scale).softmax(-1)
        return self.merge(weights @ v)

    def merge(self, x):
        return self.proj(x.transpose(1, 2).flatten(2))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def grid_waves(side, dim):
    """Sines and cosines of row and column (side^2, dim): positions that start out knowing who is whose neighbour."""
    rates = math.pi * 2.0 ** -torch.linspace(0, math.log2(side), dim // 4)
    angles = torch.arange(side)[:, None] * rates
    waves = torch.cat([angles.sin(), angles.cos()], 1)
    rows = waves[:, None].expand(-1, side, -1)
    columns = waves[None].expand(side, -1, -1)
    return torch.cat([rows, columns], 2).reshape(side * side, dim)


class VisionTransformer(nn.Module):
    """Patch 8 on 64x64: 64 patch tokens and a class token, learned positions, head on the class token."""

    def __init__(self, dim=96, depth=4, heads=3, mlp=288, patch=8):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        tokens = 1 + (SIZE // patch) ** 2
        waves = 0.3 * grid_waves(SIZE // patch, dim)
        self.pos_embed = nn.Parameter(torch.cat([torch.zeros(1, dim), waves])[None])
        self.blocks = nn.Sequential(*(EncoderBlock(dim, heads, mlp, tokens) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, len(LABELS))
        nn.init.trunc_normal_(self.cls_token, std=0.02)

    def features(self, image):
        """The tokens [batch, 65, dim] that the last block reads."""
        tokens = self.patch_embed(image).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(tokens.shape[0], -1, -1), tokens], 1)
        return self.blocks[:-1](tokens + self.pos_embed)

    def classify(self, tokens):
        return self.head(self.norm(self.blocks[-1](tokens))[:, 0])

    def forward(self, image):
        return self.classify(self.features(image))


class Hints(nn.Module):
    """A second loss for the ViT (Romero et al. 2015): each patch token should tell what the CNN sees at its place.

    Both have an 8x8 grid. A transformer takes long to learn from class labels alone which patches matter; the
    teacher's map says so for all 64 of them. The projection is dropped after training.
    """

    def __init__(self, teacher, dim, weight):
        super().__init__()
        self.teacher = teacher.eval().requires_grad_(False)
        self.project = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, teacher.head.in_features))
        self.weight = weight

    def forward(self, tokens, image):
        with torch.no_grad():
            seen = self.teacher.features(image).flatten(2).transpose(1, 2)
            seen = seen / seen.std()
        return self.weight * F.mse_loss(self.project(tokens[:, 1:]), seen)


NETWORKS = {"cnn": ResidualNet, "vit": VisionTransformer}


def read_records(path):
    """Labels (N) and images (N, 64, 64, 3) of a file by make-data.ts, mapped and not loaded."""
    records = np.memmap(path, np.uint8, "r").reshape(-1, RECORD)
    return records[:, 0], records[:, 1:].reshape(-1, SIZE, SIZE, 3)


def to_input(images):
    """uint8 NHWC array to the normalized float NCHW tensor that the networks take."""
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def augment(x):
    """Channel order and, for half of the batch, inverted brightness: a letter's identity is in neither."""
    x = x[:, torch.randperm(3)]
    flip = (torch.rand(x.shape[0], 1, 1, 1) < 0.5).float() * -2 + 1
    return x * flip


def accuracy(model, labels, images, batch=250):
    model.eval()
    with torch.inference_mode():
        hits = sum(
            int((model(to_input(images[i : i + batch])).argmax(1).numpy() == labels[i : i + batch]).sum())
            for i in range(0, len(labels), batch)
        )
    model.train()
    return hits / len(labels)


def decay_groups(modules, decay):
    """Weight decay for matrices and kernels only, as is usual."""
    parameters = [p for module in modules for p in module.parameters() if p.requires_grad]
    matrices = [p for p in parameters if p.ndim > 1]
    vectors = [p for p in parameters if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]


def train(model, hints, args):
    labels, images = read_records(args.data)
    val_labels, val_images = read_records(args.val)
    optimizer = torch.optim.AdamW(decay_groups([model, hints] if hints else [model], args.decay), lr=args.lr, betas=(0.9, 0.98))
    per_epoch = len(labels) // args.batch
    steps = int(args.epochs * per_epoch)
    warmup = min(500, steps // 10)
    rng = np.random.default_rng(args.seed)
    started = time.time()
    running = 0.0
    for step in range(steps):
        if step % per_epoch == 0:
            order = rng.permutation(len(labels))
        rate = min(1, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = args.lr * rate
        chosen = np.sort(order[(step % per_epoch) * args.batch :][: args.batch])
        x = augment(to_input(images[chosen]))
        y = torch.from_numpy(labels[chosen].astype(np.int64))
        if hints:
            tokens = model.features(x)
            logits, hint_loss = model.classify(tokens), hints(tokens, x)
        else:
            logits, hint_loss = model(x), 0.0
        loss = F.cross_entropy(logits, y, label_smoothing=args.smoothing) + hint_loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += (loss.item() - running) / min(step + 1, 100)
        if (step + 1) % args.log == 0 or step + 1 == steps:
            share = accuracy(model, val_labels, val_images)
            progress = f"step {step + 1}/{steps} loss {running:.4f} hints {float(hint_loss):.4f}"
            print(f"{progress} val {share:.4f} {time.time() - started:.0f} s", flush=True)


def export(model, path):
    """TorchScript exporter, opset 17, dynamic batch; BatchNormalization is merged into the convolutions."""
    model.eval()
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, SIZE, SIZE),),
        path,
        dynamo=False,
        opset_version=17,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
    )
    proto = onnx.load(path)
    preprocessing = {
        "size": [SIZE, SIZE],
        "mean": MEAN,
        "std": STD,
        "range": "0..1",
        "layout": "NCHW",
        "resize": "squash",
    }
    metadata = {"labels": json.dumps(LABELS), "snellen.preprocessing": json.dumps(preprocessing)}
    onnx.helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--data", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--weights", help="where the trained weights go as a PyTorch file too")
    parser.add_argument("--teacher", help="weights of a trained CNN that guides the ViT")
    parser.add_argument("--hints", type=float, default=1.0, help="weight of the teacher's loss")
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=int, default=250)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    model = NETWORKS[args.network]()
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    hints = None
    if args.teacher:
        teacher = ResidualNet()
        teacher.load_state_dict(torch.load(args.teacher, weights_only=True))
        hints = Hints(teacher, model.head.in_features, args.hints)
    train(model, hints, args)
    export(model, args.out)
    if args.weights:
        torch.save(model.state_dict(), args.weights)


if __name__ == "__main__":
    main()
