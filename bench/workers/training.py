"""Training steps by PyTorch eager, for bench/training.ts, timed when told to, so that both sides alternate.

Takes the number of threads. Reads JSON lines on stdin: {"do": "load", "model": "mlp" | "vit" | "resnet20", "batch", "optimizer":
"sgd" | "adamw", "layout": "contiguous" | "channels_last"}, then {"do": "run", "layout", "steps", "cpu"}: forward, loss, backward, update, the
loss read after each. Answers {"ms": 12.3}, of all steps, by the clock or of the processor's time. Data are random numbers.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

SHAPES = {"mlp": (1, 28, 28), "vit": (3, 32, 32), "resnet20": (3, 32, 32)}


def mlp():
    layers = (nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    return nn.Sequential(nn.Flatten(), *layers)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d))


class Encoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self, width=192, depth=6, heads=3, patch=4):
        super().__init__()
        self.patch = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, (32 // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Encoder(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), 1) + self.positions
        return self.head(self.norm(self.blocks(x))[:, 0])


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        return F.relu(self.shortcut(x) + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        ends = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
        self.blocks = nn.Sequential(
            *(Block(a if i == 0 else b, b, s if i == 0 else 1) for a, b, s in ends for i in range(3))
        )
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.blocks(F.relu(self.norm(self.stem(x)))).mean((2, 3)))


class Training:
    def __init__(self, model, batch, optimizer, layout):
        self.model = {"mlp": mlp, "vit": Vit, "resnet20": ResNet20}[model]()
        self.x = torch.randn(batch, *SHAPES[model])
        self.classes = torch.arange(batch) % 10
        if layout == "channels_last":
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        weights = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [{"params": weights, "weight_decay": 5e-4}, {"params": others, "weight_decay": 0}]
        sgd = lambda: torch.optim.SGD(groups, lr=1e-3, momentum=0.9)
        self.optimizer = sgd() if optimizer == "sgd" else torch.optim.AdamW(groups, lr=1e-4)

    def run(self, steps, cpu):
        now = time.process_time if cpu else time.perf_counter
        start = now()
        for _ in range(steps):
            loss = F.cross_entropy(self.model(self.x), self.classes)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss.item()
        return {"ms": 1e3 * (now() - start)}


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    torch.manual_seed(0)
    trainings = {}
    for line in sys.stdin:
        ask = json.loads(line)
        if ask.pop("do") == "load":
            trainings[ask["layout"]], answer = Training(**ask), {"ok": True}
        else:
            answer = trainings[ask["layout"]].run(ask["steps"], ask["cpu"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
