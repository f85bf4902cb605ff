# The layers whose gradients layer_gradients.py records: name -> (module, input shape, options).
# Options: static (batch is fixed), ties (input rounded to 0.5 so that equal values occur), positive, only (exporter).
import torch
import torch.nn.functional as F
from torch import nn


class Fn(nn.Module):
    """A function of the input, and of seeded parameters if shapes are given."""

    def __init__(self, function, *shapes):
        super().__init__()
        self.function = function
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(s)) for s in shapes])

    def forward(self, x):
        return self.function(x, *self.weights)


class PreActivationBlock(nn.Module):
    """BatchNorms that no Conv precedes, so that the exporters cannot fold them, and a strided shortcut."""

    def __init__(self):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(2), nn.BatchNorm2d(3)
        self.conv1 = nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False)
        self.conv2 = nn.Conv2d(3, 3, 3, padding=1)
        self.shortcut = nn.Conv2d(2, 3, 1, stride=2, bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.bn1(x)))
        return self.conv2(F.relu(self.bn2(y + 1) - 0.1)) + self.shortcut(x)


class ResidualBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.Conv2d(4, 3, 3, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(4), nn.BatchNorm2d(3)
        self.head = nn.Linear(3, 4)

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + x)
        return self.head(F.adaptive_avg_pool2d(y, 1).flatten(1))


class SqueezeExcite(nn.Module):
    def __init__(self, gate):
        super().__init__()
        self.reduce, self.expand, self.gate = nn.Conv2d(4, 2, 1), nn.Conv2d(2, 4, 1), gate

    def forward(self, x):
        return x * self.gate(self.expand(F.silu(self.reduce(x.mean((2, 3), keepdim=True)))))


class ChannelAttention(nn.Module):
    """ECA: a 1-D convolution over the pooled channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv(F.adaptive_avg_pool2d(x, 1).flatten(2).transpose(1, 2))
        return x * y.transpose(1, 2).unsqueeze(-1).sigmoid().expand_as(x)


class SelectiveKernel(nn.Module):
    """Two branches mixed by a softmax over axis 1 of rank 5."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(2, 3, 3, padding=1), nn.Conv2d(2, 3, 3, padding=2, dilation=2)
        self.score = nn.Conv2d(3, 6, 1)

    def forward(self, x):
        branches = torch.stack([self.a(x), self.b(x)], 1)
        pooled = branches.sum(1).mean((2, 3), keepdim=True)
        weights = self.score(pooled).view(-1, 2, 3, 1, 1).softmax(1)
        return (branches * weights).sum(1)


class Attention(nn.Module):
    def __init__(self, mode="plain"):
        super().__init__()
        self.norm = nn.LayerNorm(6)
        self.qkv, self.proj = nn.Linear(6, 18), nn.Linear(6, 6)
        self.mode = mode
        self.register_buffer("mask", torch.tensor([[True, True, False, True], [True, True, True, False]] * 2))

    def forward(self, x):
        tokens = x.shape[1]
        q, k, v = self.qkv(self.norm(x)).reshape(-1, tokens, 3, 2, 3).permute(2, 0, 3, 1, 4).unbind(0)
        if self.mode == "mask":
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask)
        elif self.mode == "eager":
            y = ((q * 3**-0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=self.mode == "causal")
        return x + self.proj(y.transpose(1, 2).reshape(-1, tokens, 6))


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


class LatentQuery(nn.Module):
    """Attention pooling: the query is a parameter, the path enters through keys and values only."""

    def __init__(self):
        super().__init__()
        self.query, self.kv = nn.Parameter(torch.randn(1, 1, 4)), nn.Linear(4, 8)

    def forward(self, x):
        k, v = self.kv(x).chunk(2, -1)
        return F.scaled_dot_product_attention(
            self.query.expand(x.shape[0], -1, -1).unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1)
        ).flatten(1)


class ShiftedWindows(nn.Module):
    """Swin: roll, window partition, attention with a relative position bias, and back. Input [N,4,4,4] NHWC."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 12)
        self.bias = nn.Parameter(torch.randn(9, 2))
        a = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")).flatten(1)
        d = (a[:, :, None] - a[:, None, :] + 1).permute(1, 2, 0)
        self.register_buffer("index", (d[..., 0] * 3 + d[..., 1]).flatten())

    def forward(self, x):
        y = torch.roll(x, (-1, -1), (1, 2))
        y = y.view(-1, 2, 2, 2, 2, 4).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, 4)
        q, k, v = self.qkv(y).reshape(-1, 4, 3, 2, 2).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[self.index].view(4, 4, 2).permute(2, 0, 1)
        y = ((q @ k.transpose(-2, -1)) * 2**-0.5 + bias).softmax(-1) @ v
        y = y.transpose(1, 2).reshape(-1, 2, 2, 2, 2, 4).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, 4, 4)
        return x + torch.roll(y, (1, 1), (1, 2))


class Rotary(nn.Module):
    """Rotary position embedding of interleaved pairs, then the products of the rotated queries and keys."""

    def __init__(self):
        super().__init__()
        angle = torch.arange(4.0)[:, None] * torch.tensor([1.0, 0.1]).repeat_interleave(2)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())

    def forward(self, x):
        turned = torch.stack([-x[..., 1::2], x[..., ::2]], -1).reshape(x.shape)
        y = x * self.cos + turned * self.sin
        return y @ y.transpose(1, 2)


class ClassToken(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 4, 2, stride=2)
        self.token, self.position = nn.Parameter(torch.randn(1, 1, 4)), nn.Parameter(torch.randn(1, 5, 4))
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        y = self.patch(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.token.expand(x.shape[0], -1, -1), y], 1) + self.position
        y = self.norm(y * y.roll(1, 1))
        return y[:, 0] + y[:, 1:].mean(1)


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.cell = kind(3, 2, batch_first=True, **options)

    def forward(self, x):
        return self.cell(x)[0]


class LayerNorm2d(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ChannelsLastPool(nn.Module):
    """Global pooling of a permuted tensor; dynamo writes the pooling through as_strided."""

    def __init__(self):
        super().__init__()
        self.norm, self.head = nn.LayerNorm(3), nn.Linear(3, 2)

    def forward(self, x):
        y = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return self.head(F.adaptive_avg_pool2d(y, 1).flatten(1))


class InvertedResidual(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2, 6, 1, bias=False), nn.BatchNorm2d(6), activation,
            nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False), nn.BatchNorm2d(6), activation,
            nn.Conv2d(6, 2, 1, bias=False), nn.BatchNorm2d(2),
        )

    def forward(self, x):
        return x + self.body(x)


class ScaledByExtrema(nn.Module):
    def forward(self, x):
        low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return (x - low) / (high - low + 0.1)


def slice_assign(x):
    y = x * 2
    y[:, 1:3] = x[:, :2] * x[:, 1:3]
    y[:, :, 0] = 1.5
    return y


def masked(x):
    return x.masked_fill(x > 0.3, -1.0) * torch.where(x < 0, x.exp(), x * x)


def resize(mode, align=None, size=None, scale=None, **options):
    return Fn(lambda x: F.interpolate(x, size=size, scale_factor=scale, mode=mode, align_corners=align, **options))


IMAGE = (2, 2, 4, 5)
MAP = (2, 1, 6, 6)
SMALL = (2, 2, 3, 4)
POINTS = (2, 1, 3, 4)
TOKENS = (2, 4, 6)
ROWS = (2, 3, 4)

REPEATED = torch.tensor([[0, 2, 2, 1], [3, 3, 3, 0], [1, 0, 1, 2]])

CASES = {
    # blocks
    "bn-preactivation-block": (PreActivationBlock, IMAGE, {}),
    "bn-residual-block": (ResidualBlock, (2, 3, 4, 4), {}),
    "squeeze-excite-sigmoid": (lambda: SqueezeExcite(nn.Sigmoid()), (2, 4, 3, 3), {}),
    "squeeze-excite-hardsigmoid": (lambda: SqueezeExcite(nn.Hardsigmoid()), (2, 4, 3, 3), {}),
    "channel-attention-eca": (ChannelAttention, (2, 4, 3, 3), {}),
    "selective-kernel": (SelectiveKernel, (2, 2, 4, 4), {}),
    "inverted-residual-hardswish": (lambda: InvertedResidual(nn.Hardswish()), (2, 2, 4, 4), {}),
    "inverted-residual-relu6": (lambda: InvertedResidual(nn.ReLU6()), (2, 2, 4, 4), {}),
    "attention-sdpa": (Attention, TOKENS, {}),
    "attention-eager": (lambda: Attention("eager"), TOKENS, {}),
    "attention-causal": (lambda: Attention("causal"), TOKENS, {}),
    "attention-bool-mask": (lambda: Attention("mask"), TOKENS, {}),
    "attention-multihead-module": (MultiHead, (2, 3, 4), {}),
    "attention-latent-query": (LatentQuery, (2, 5, 4), {}),
    "attention-shifted-windows": (ShiftedWindows, (2, 4, 4, 4), {}),
    "rotary-embedding": (Rotary, (2, 4, 4), {}),
    "class-token": (ClassToken, (2, 3, 4, 4), {}),
    "lstm": (lambda: Recurrent(nn.LSTM), (2, 4, 3), {}),
    "lstm-bidirectional": (lambda: Recurrent(nn.LSTM, bidirectional=True), (2, 4, 3), {}),
    "gru": (lambda: Recurrent(nn.GRU), (2, 4, 3), {}),
    # normalizations
    "group-norm": (lambda: nn.GroupNorm(2, 4), (2, 4, 3, 3), {}),
    "instance-norm": (lambda: nn.InstanceNorm2d(2, affine=True), SMALL, {}),
    "layer-norm": (lambda: nn.LayerNorm(6), TOKENS, {}),
    "layer-norm-two-axes": (lambda: nn.LayerNorm((4, 6)), TOKENS, {}),
    "layer-norm-2d": (LayerNorm2d, (2, 4, 3, 3), {}),
    "rms-norm": (lambda: nn.RMSNorm(6), TOKENS, {"only": "dynamo"}),
    "rms-norm-by-hand": (lambda: Fn(lambda x, w: x * torch.rsqrt(x.pow(2).mean(-1, True) + 1e-6) * w, (6,)), TOKENS, {}),
    "local-response-norm": (lambda: nn.LocalResponseNorm(3, alpha=0.5, beta=0.75, k=1.0), (2, 4, 2, 3), {}),
    "batch-norm-1d": (lambda: nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3), nn.BatchNorm1d(3)), (3, 4), {}),
    "l2-normalize": (lambda: Fn(lambda x, w: F.normalize(x, dim=1) @ F.normalize(w, dim=1).t(), (3, 4)), (3, 4), {}),
    "standardize": (lambda: Fn(lambda x: (x - x.mean((2, 3), True)) / (x.std((2, 3), keepdim=True) + 0.1)), SMALL, {}),
    # activations
    "hardswish": (nn.Hardswish, POINTS, {"spread": 3}),
    "hardsigmoid": (nn.Hardsigmoid, POINTS, {"spread": 3}),
    "silu": (nn.SiLU, POINTS, {}),
    "gelu": (nn.GELU, POINTS, {}),
    "gelu-tanh": (lambda: nn.GELU(approximate="tanh"), POINTS, {}),
    "mish": (nn.Mish, POINTS, {}),
    "softplus": (lambda: nn.Softplus(beta=2), POINTS, {}),
    "prelu": (lambda: nn.PReLU(2), SMALL, {}),
    "activations-exponential": (
        lambda: Fn(lambda x: torch.cat([F.elu(x, 0.7), F.selu(x), F.celu(x, 1.3), F.logsigmoid(x), F.softsign(x)], 1)),
        (2, 1, 3, 3),
        {},
    ),
    "activations-piecewise": (
        lambda: Fn(
            lambda x: torch.cat(
                [F.leaky_relu(x, 0.1), F.relu6(x * 4), F.hardtanh(x), F.softshrink(x, 0.4), F.hardshrink(x, 0.4),
                 x.clamp(max=0.5), x.abs()], 1)
        ),
        (2, 1, 3, 3),
        {},
    ),
    "elementwise-smooth": (
        lambda: Fn(lambda x: torch.cat([x.sin(), x.cos(), x.atan(), x.erf(), x.exp(), torch.tanh(x), x**3, 2**x], 1)),
        (2, 1, 3, 3),
        {},
    ),
    "elementwise-positive": (
        lambda: Fn(lambda x: torch.cat([x.sqrt(), x.rsqrt(), x.log(), x.reciprocal(), x**1.7, x**-0.5, x.log1p()], 1)),
        (2, 1, 3, 3),
        {"positive": True},
    ),
    "glu": (lambda: Fn(lambda x: F.glu(x, 1) + F.softmin(x[:, :2], 2)), (2, 4, 3), {}),
    "maximum-minimum-ties": (
        lambda: Fn(lambda x: torch.maximum(x[:, :1], x[:, 1:]) * torch.minimum(x[:, :1], x[:, 1:] * 2)),
        (2, 2, 3, 4),
        {"ties": True},
    ),
    # convolutions
    "conv-grouped": (lambda: nn.Conv2d(4, 6, 3, padding=1, groups=2), (2, 4, 3, 4), {}),
    "conv-dilated": (lambda: nn.Conv2d(2, 2, 3, padding=(2, 1), dilation=2), IMAGE, {}),
    "conv-strided-remainder": (lambda: nn.Conv2d(1, 3, 3, stride=3), (2, 1, 7, 5), {}),
    "conv-stride-above-kernel": (lambda: nn.Conv2d(2, 3, 1, stride=2), IMAGE, {}),
    "conv-depthwise": (lambda: nn.Conv2d(3, 3, 3, padding=1, groups=3), (2, 3, 4, 4), {}),
    "conv-depthwise-multiplier": (lambda: nn.Conv2d(2, 6, 3, stride=2, padding=1, groups=2), IMAGE, {}),
    "conv-same-even-kernel": (lambda: nn.Conv2d(2, 2, (4, 3), padding="same"), SMALL, {}),
    "conv-padding-reflect": (lambda: nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), SMALL, {}),
    "conv-1d": (lambda: nn.Conv1d(3, 4, 3, stride=2, padding=1), (2, 3, 8), {}),
    "conv-3d": (lambda: nn.Conv3d(2, 2, (3, 2, 3), stride=(1, 2, 1), padding=(1, 0, 1)), (2, 2, 3, 4, 3), {}),
    "conv-transpose": (lambda: nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), (2, 2, 3, 4), {}),
    "conv-transpose-output-padding": (lambda: nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1), (2, 2, 3, 4), {}),
    "conv-transpose-grouped": (lambda: nn.ConvTranspose2d(4, 4, 2, stride=2, groups=2, bias=False), (2, 4, 3, 3), {}),
    "conv-transpose-dilated": (lambda: nn.ConvTranspose2d(2, 2, 3, dilation=2, padding=1), (2, 2, 3, 4), {}),
    # pooling
    "max-pool-overlap": (lambda: nn.MaxPool2d(3, 2, 1), MAP, {}),
    "max-pool-ceil": (lambda: nn.MaxPool2d(3, 2, ceil_mode=True), MAP, {}),
    "max-pool-ties": (lambda: nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2, 1)), MAP, {"ties": True}),
    "max-pool-dilated": (lambda: nn.MaxPool2d((2, 3), 1, dilation=2), MAP, {}),
    "max-pool-1d": (lambda: nn.MaxPool1d(3, 2, 1), (2, 3, 7), {}),
    "max-pool-3d": (lambda: nn.MaxPool3d(2, 2), (2, 1, 4, 4, 2), {}),
    "avg-pool-ceil-exclude": (lambda: nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), (2, 1, 5, 5), {}),
    "avg-pool-ceil-include": (lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True), MAP, {}),
    "avg-pool-pad-include": (lambda: nn.AvgPool2d(3, 1, 1), SMALL, {}),
    "avg-pool-pad-exclude": (lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False), MAP, {}),
    "avg-pool-stride-above-kernel": (lambda: nn.AvgPool2d(1, 2), (2, 1, 5, 5), {}),
    "avg-pool-1d": (lambda: nn.AvgPool1d(3, 2, 1), (2, 3, 7), {}),
    "adaptive-avg-divisible": (lambda: nn.AdaptiveAvgPool2d((2, 3)), (2, 1, 4, 6), {}),
    "adaptive-avg-uneven": (lambda: nn.AdaptiveAvgPool2d((3, 2)), (2, 1, 5, 5), {"only": "dynamo"}),
    "adaptive-max-global": (lambda: nn.AdaptiveMaxPool2d(1), SMALL, {}),
    "lp-pool": (lambda: nn.LPPool2d(2, 2), (2, 1, 4, 4), {"positive": True}),
    "channels-last-pool": (ChannelsLastPool, (2, 3, 4, 4), {}),
    # resampling and rearrangement
    "resize-nearest-double": (lambda: resize("nearest", scale=2), (2, 1, 3, 3), {}),
    "resize-nearest-uneven": (lambda: resize("nearest", size=(7, 4)), (2, 1, 5, 6), {}),
    "resize-nearest-exact": (lambda: resize("nearest-exact", size=(4, 7)), (2, 1, 5, 5), {"only": "dynamo"}),
    "resize-bilinear": (lambda: resize("bilinear", False, size=(6, 5)), (2, 1, 3, 4), {}),
    "resize-bilinear-down": (lambda: resize("bilinear", False, size=(3, 2)), (2, 1, 5, 5), {}),
    "resize-bilinear-corners": (lambda: resize("bilinear", True, size=(6, 5)), (2, 1, 3, 4), {}),
    "resize-bilinear-scale": (lambda: resize("bilinear", False, scale=1.7), (2, 1, 4, 4), {}),
    "resize-bicubic": (lambda: resize("bicubic", False, size=(6, 7)), (2, 1, 4, 4), {}),
    "resize-bicubic-corners": (lambda: resize("bicubic", True, size=(6, 7)), (2, 1, 4, 4), {}),
    "resize-bicubic-down": (lambda: resize("bicubic", False, size=(4, 3)), (2, 1, 7, 6), {}),
    "resize-bilinear-antialias": (lambda: resize("bilinear", False, size=(3, 3), antialias=True), (2, 1, 6, 7), {"only": "dynamo"}),
    "resize-linear-1d": (lambda: resize("linear", False, size=7), (2, 2, 4), {}),
    "pixel-shuffle": (lambda: nn.PixelShuffle(2), (2, 4, 2, 3), {}),
    "pixel-unshuffle": (lambda: nn.PixelUnshuffle(2), (2, 1, 4, 4), {}),
    "channel-shuffle": (lambda: Fn(lambda x: x.view(-1, 2, 2, 3, 3).transpose(1, 2).reshape(-1, 4, 3, 3)), (2, 4, 3, 3), {}),
    "pad-reflect": (lambda: nn.ReflectionPad2d((2, 1, 1, 2)), SMALL, {}),
    "pad-replicate": (lambda: nn.ReplicationPad2d((2, 1, 1, 3)), SMALL, {}),
    "pad-circular": (lambda: nn.CircularPad2d((2, 1, 1, 2)), SMALL, {}),
    "pad-constant-negative": (lambda: nn.ConstantPad2d((1, -2, -1, 2), 0.5), SMALL, {}),
    "unfold": (lambda: nn.Unfold(3, padding=1, stride=2), SMALL, {}),
    "fold": (lambda: Fn(lambda x: F.fold(x.flatten(2), (5, 5), 3, padding=1, stride=2) ** 2), (2, 9, 3, 3), {"opset": 18}),
    "roll": (lambda: Fn(lambda x: x * torch.roll(x, (1, -2), (2, 3))), SMALL, {}),
    "flip": (lambda: Fn(lambda x: x * x.flip(3)), SMALL, {}),
    "slices-with-steps": (lambda: Fn(lambda x: x[:, :, ::2, 1::2] * x[:, :, 1:3, :2] + x[:, :1, -2:, -3:-1]), SMALL, {}),
    "split-unbind-stack": (
        lambda: Fn(lambda x: torch.stack([a * b for a, b in zip(x.unbind(1), x.flip(1).unbind(1))], 1) + torch.cat(x.split([1, 2], 1), 1)),
        (2, 3, 4),
        {},
    ),
    "tile-expand": (lambda: Fn(lambda x: x.repeat(1, 2, 1, 3) * x.mean((2, 3), True).expand(-1, -1, 2, 9).repeat(1, 2, 1, 1)), (2, 1, 2, 3), {}),
    # indexing
    "slice-assign": (lambda: Fn(slice_assign), (2, 4, 3), {}),
    "gather-repeated": (lambda: Fn(lambda x: x.gather(1, REPEATED[:2].repeat(2, 1, 1)[:, :, :3].transpose(1, 2))), (2, 4, 3), {"static": True}),
    "index-select-repeated": (lambda: Fn(lambda x: x[:, [2, 0, 2, 2]] ** 2), (2, 3, 4), {}),
    "index-pairs-repeated": (lambda: Fn(lambda x: x[:, [0, 1, 1, 2], [3, 0, 0, 1]]), ROWS, {}),
    "scatter-add": (lambda: Fn(lambda x: torch.zeros_like(x).scatter_add(1, REPEATED[None, :, :3].expand(2, -1, -1) % 3, x * x)), (2, 3, 3), {"static": True}),
    "topk": (lambda: Fn(lambda x: x.topk(2, dim=1).values * x[:, :2]), (2, 4, 3), {}),
    "topk-smallest": (lambda: Fn(lambda x: x.topk(2, dim=2, largest=False).values), ROWS, {}),
    "sort": (lambda: Fn(lambda x, w: x.sort(dim=-1).values * w, (4,)), ROWS, {}),
    "masked-fill-where": (lambda: Fn(masked), SMALL, {}),
    "where-branch-not-taken": (lambda: Fn(lambda x: torch.where(x > 0, x.clamp(min=1e-3).log(), torch.zeros_like(x))), SMALL, {}),
    "triangular": (lambda: Fn(lambda x: x.tril() @ x.triu(1)), (2, 3, 3), {}),
    # reductions
    "amax-ties": (lambda: Fn(lambda x: x.amax((2, 3)) * x.amin(1).mean((1, 2), keepdim=True).squeeze(-1)), SMALL, {"ties": True}),
    "max-dim": (lambda: Fn(lambda x: x.max(2).values * x.min(3).values.mean(2, keepdim=True)), SMALL, {}),
    # No max(dim) with ties: PyTorch gives the gradient to one of them, and the exporters write the ReduceMax of amax.
    "range-normalize": (ScaledByExtrema, (2, 2, 3, 4), {}),
    "prod": (lambda: Fn(lambda x: x.prod(2) * x.prod(1, keepdim=True)[:, :, 0]), ROWS, {}),
    "var-std": (lambda: Fn(lambda x: torch.cat([x.var(-1), x.std(-1), x.var(-1, correction=0)], 1)), ROWS, {}),
    "norms": (lambda: Fn(lambda x: torch.cat([x.norm(dim=-1), x.abs().sum(-1), x.norm(p=float("inf"), dim=-1), x.square().sum(-1)], 1)), ROWS, {}),
    "logsumexp": (lambda: Fn(lambda x: torch.cat([x.logsumexp(1), x.exp().sum(1).log()], 1)), ROWS, {}),
    "log-softmax": (lambda: nn.LogSoftmax(1), (2, 3, 2, 2), {}),
    "softmax-channels": (lambda: nn.Softmax(1), (2, 3, 2, 2), {}),
    "cumsum": (lambda: Fn(lambda x: x.cumsum(1) * x), ROWS, {}),
    "mean-sum-axes": (lambda: Fn(lambda x: x.mean((1, 3)) * x.sum((2, 3), keepdim=False)[:, :1] + x.sum((1, 2, 3), keepdim=True).flatten(1)), SMALL, {}),
    # products
    "einsum": (lambda: Fn(lambda x, w: torch.einsum("bchw,cd->bdhw", x, w), (2, 3)), (2, 2, 3, 3), {}),
    "einsum-two-paths": (lambda: Fn(lambda x: torch.einsum("bij,bkj->bik", x, x * x)), ROWS, {}),
    "matmul-broadcast": (lambda: Fn(lambda x, w: w @ x.unsqueeze(1) @ x.transpose(1, 2).unsqueeze(1), (5, 2, 3)), ROWS, {}),
    "linear-rank-3": (lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2, bias=False)), ROWS, {}),
    "addmm": (lambda: Fn(lambda x, w: torch.addmm(x[:, :3], x, w, alpha=0.5, beta=2.0), (4, 3)), (3, 4), {}),
    "cosine-similarity": (lambda: Fn(lambda x: F.cosine_similarity(x.unsqueeze(1), x.unsqueeze(2), dim=-1)), ROWS, {}),
    "bilinear-gate": (lambda: Fn(lambda x, w: (x @ w) * x.sigmoid() / (1 + x.abs()), (4, 4)), ROWS, {}),
}
