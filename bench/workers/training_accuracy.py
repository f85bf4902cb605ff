"""Trains a small network by PyTorch with a recipe of bench/training-accuracy.ts, once for each seed, and writes the accuracies as JSON."""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer
from torch import nn

SIDE = 28


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        return F.relu(self.downsample(x) + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


def mlp():
    layers = nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    net = nn.Sequential(nn.Flatten(), *layers)
    for layer in layers[:4:2]:
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    return net


def resnet():
    stem = nn.Conv2d(1, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
    blocks = Block(8, 8, 1), Block(8, 16, 2), Block(16, 32, 2)
    net = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return net


def vit():
    sizes = {"embed_dim": 48, "depth": 3, "num_heads": 3, "mlp_ratio": 2}
    return VisionTransformer(img_size=SIDE, patch_size=4, in_chans=1, num_classes=10, **sizes)


NETWORKS = {"mlp": mlp, "resnet": resnet, "vit": vit}


def pictures(path):
    """Pixels (N, 1, 28, 28), 0..1 with mean and std 0.5, and classes."""
    data = np.fromfile(path, np.uint8)
    count = len(data) // (SIDE * SIDE + 1)
    pixels = data[: count * SIDE * SIDE].reshape(count, 1, SIDE, SIDE)
    return torch.from_numpy((pixels / 255 - 0.5) / 0.5).float(), torch.from_numpy(data[count * SIDE * SIDE :]).long()


def optimizer_of(net, order):
    """Decay for the weights of layers alone."""
    layers = (nn.Linear, nn.Conv2d)
    decayed = [m.weight for m in net.modules() if isinstance(m, layers)]
    ids = {id(p) for p in decayed}
    others = [p for p in net.parameters() if id(p) not in ids]
    groups = [{"params": decayed, "weight_decay": order["decay"]}, {"params": others, "weight_decay": 0.0}]
    if order["optimizer"] == "adamw":
        return torch.optim.AdamW(groups, lr=order["rate"])
    return torch.optim.SGD(groups, lr=order["rate"], momentum=0.9)


def train(order, seed, x, y, tx, ty):
    torch.manual_seed(seed)
    net = NETWORKS[order["model"]]()
    optimizer = optimizer_of(net, order)
    per_epoch = len(x) // order["batch"]
    steps = order["epochs"] * per_epoch
    for step in range(steps):
        if step % per_epoch == 0:
            shuffled = torch.randperm(len(x))
        for group in optimizer.param_groups:
            group["lr"] = order["rate"] * 0.5 * (1 + math.cos(math.pi * step / steps))
        chosen = shuffled[(step % per_epoch) * order["batch"] :][: order["batch"]]
        optimizer.zero_grad()
        F.cross_entropy(net(x[chosen]), y[chosen]).backward()
        optimizer.step()
    net.eval()
    with torch.inference_mode():
        hits = sum(int((net(a).argmax(1) == b).sum()) for a, b in zip(tx.split(500), ty.split(500)))
    return hits / len(ty)


def main():
    order = json.loads(sys.argv[1])
    torch.set_num_threads(order["threads"])
    data = [tensor for path in order["files"] for tensor in pictures(path)]
    accuracies = [train(order, seed, *data) for seed in range(order["seeds"])]
    with open(order["result"], "w") as file:
        json.dump(accuracies, file)


if __name__ == "__main__":
    main()
