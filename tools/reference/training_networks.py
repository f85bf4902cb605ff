# Small networks for training_steps.py: every kind of parameter that training changes, in a few thousand numbers each.
# Sizes are chosen so that ten steps on eight pictures are well conditioned in float32.
import torch
import torch.nn.functional as F
from torch import nn

PICTURE = (3, 12, 12)
CLASSES = 4


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3 * 12 * 12, 16)
        self.middle = nn.Linear(16, 12)
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x):
        return self.head(F.relu(self.middle(F.relu(self.hidden(x.flatten(1))))))


class Block(nn.Module):
    """ResNet's basic block; a strided one has a projection beside it."""

    def __init__(self, inputs, outputs, stride, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = norm(outputs)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))

    def forward(self, x):
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return F.relu(shortcut + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class ResNet(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.norm = norm(4)
        self.stages = nn.Sequential(Block(4, 4, 1, norm), Block(4, 8, 2, norm), Block(8, 16, 2, norm))
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.head(self.stages(F.relu(self.norm(self.stem(x)))).mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, t, d))


class Encoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 2 * width)
        self.fc2 = nn.Linear(2 * width, width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Vit(nn.Module):
    def __init__(self, width=16, heads=2, depth=2):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 10, width))
        self.blocks = nn.Sequential(*(Encoder(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class Squeeze(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.reduce = nn.Conv2d(width, 2, 1)
        self.expand = nn.Conv2d(2, width, 1)

    def forward(self, x):
        return x * self.expand(F.silu(self.reduce(x.mean((2, 3), keepdim=True)))).sigmoid()


class Depthwise(nn.Module):
    """An inverted bottleneck with squeeze and excitation."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.depthwise = nn.Conv2d(6, 6, 5, 1, 2, groups=6, bias=False)
        self.norm1 = nn.BatchNorm2d(6)
        self.squeeze = Squeeze(6)
        self.project = nn.Conv2d(6, 10, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(10)
        self.act = nn.PReLU(10)
        self.head = nn.Linear(10, CLASSES)

    def forward(self, x):
        x = F.silu(self.norm(self.stem(x)))
        x = self.squeeze(F.silu(self.norm1(self.depthwise(x))))
        return self.head(self.act(self.norm2(self.project(x))).mean((2, 3)))


NETWORKS = {
    "mlp": Mlp,
    "resnet-bn": lambda: ResNet(nn.BatchNorm2d),
    "resnet-gn": lambda: ResNet(lambda channels: nn.GroupNorm(2, channels)),
    "vit": Vit,
    "depthwise": Depthwise,
}

ALL = ("sgd", "nesterov", "adamw", "smoothed", "clipped")
# Exporter, whether constants that are one number throughout stay so (exporters merge those), and which runs.
EXPORTS = {
    "mlp": ("torchscript", False, (*ALL, "mean-squared", "binary")),
    "resnet-bn": ("torchscript", False, ("sgd", "adamw", "clipped")),
    "resnet-bn-untrained": ("torchscript", True, ("sgd",)),
    "resnet-bn-dynamo": ("dynamo", False, ("nesterov",)),
    "resnet-gn": ("torchscript", False, ("sgd", "adamw")),
    "vit": ("torchscript", False, ALL),
    "vit-untrained": ("dynamo", True, ("sgd", "adamw")),
    "depthwise": ("torchscript", False, ("sgd", "clipped")),
}


def network_of(name):
    return NETWORKS[name.removesuffix("-untrained").removesuffix("-dynamo")]()


ROLES = {
    (nn.Linear, "weight"): "weight",
    (nn.Conv2d, "weight"): "weight",
    (nn.Linear, "bias"): "bias",
    (nn.Conv2d, "bias"): "bias",
    (nn.PReLU, "weight"): "scale",
    **{(kind, "weight"): "scale" for kind in (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)},
    **{(kind, "bias"): "shift" for kind in (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)},
    (Vit, "cls_token"): "embedding",
    # an addend like any other
    (Vit, "pos_embed"): "shift",
}


def roles_of(model):
    """What each parameter is, by the module that holds it."""
    return {
        f"{path}.{name}" if path else name: ROLES[type(module), name]
        for path, module in model.named_modules()
        for name, _ in module.named_parameters(recurse=False)
    }
