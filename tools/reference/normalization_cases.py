# The networks of normalization_forms.py: one normalization each, and what it is, read off the module.
C, GROUPS, SIZE, CLASSES = 8, 2, 5, 4


def row(kind, channels, groups, across, epsilon, scale=None, bias=None, per_group=False):
    """One normalization; `scale` and `bias` are parameters by name."""
    return {
        "kind": kind,
        "channels": channels,
        "groups": groups,
        "acrossPositions": across,
        "epsilon": epsilon,
        "scale": scale,
        "bias": bias,
        "perGroup": per_group,
    }


def named(module, name):
    """`name.weight` and `name.bias`, None where the module has none."""
    parts = [getattr(module, part, None) for part in ("weight", "bias")]
    return [None if part is None else f"{name}.{kind}" for part, kind in zip(parts, ("weight", "bias"))]


def by_module(model):
    """The normalizations of a model's own torch.nn modules, in the order of registration."""
    from torch import nn

    rows = []
    for name, m in model.named_modules():
        scale, bias = named(m, name)
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            rows.append(row("batch", m.num_features, None, True, m.eps, scale, bias))
        elif isinstance(m, nn.modules.instancenorm._InstanceNorm):
            rows.append(row("instance", m.num_features, m.num_features, True, m.eps, scale, bias))
        elif isinstance(m, nn.GroupNorm):
            kind = "instance" if m.num_groups == m.num_channels else "group"
            rows.append(row(kind, m.num_channels, m.num_groups, True, m.eps, scale, bias))
        elif isinstance(m, nn.LayerNorm):
            whole = len(m.normalized_shape) > 1
            channels = m.normalized_shape[0] if whole else m.normalized_shape[-1]
            rows.append(row("layer", channels, 1, whole, m.eps, scale, bias))
        elif isinstance(m, nn.RMSNorm):
            rows.append(row("rms", m.normalized_shape[-1], 1, False, m.eps, scale))
    return rows


def torch_cases():
    """Name → (model, expected rows, options of the export)."""
    import timm.layers
    import timm.layers.grn
    import torch
    import torch.nn.functional as F
    from torch import nn
    from torchvision.ops import FrozenBatchNorm2d
    from transformers.models.convnext.modeling_convnext import ConvNextLayerNorm
    from transformers.models.gemma.modeling_gemma import GemmaRMSNorm
    from transformers.models.llama.modeling_llama import LlamaRMSNorm
    from transformers.models.vit.configuration_vit import ViTConfig
    from transformers.models.vit.modeling_vit import ViTLayer

    class Net(nn.Sequential):
        """Conv → norm → ReLU → Conv on maps [N, C, 5, 5]."""

        def __init__(self, norm, bias=True):
            super().__init__()
            self.stem, self.norm = nn.Conv2d(3, C, 3, padding=1, bias=bias), norm
            self.act, self.head = nn.ReLU(), nn.Conv2d(C, CLASSES, 1)

    class Tokens(nn.Module):
        """The same on tokens [N, 25, C]."""

        def __init__(self, norm):
            super().__init__()
            self.stem, self.norm, self.head = nn.Conv2d(3, C, 1), norm, nn.Linear(C, CLASSES)

        def forward(self, x):
            return self.head(self.norm(self.stem(x).flatten(2).transpose(1, 2)))

    class Affine(nn.Module):
        def __init__(self, *shape):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))

    class ViewGroupNorm(Affine):
        """Group normalization written out, statistics by mean and var."""

        def forward(self, x):
            n, c, h, w = x.shape
            y = x.view(n, GROUPS, -1)
            y = (y - y.mean(-1, keepdim=True)) / torch.sqrt(y.var(-1, keepdim=True, unbiased=False) + 1e-5)
            return y.view(n, c, h, w) * self.weight.view(1, c, 1, 1) + self.bias.view(1, c, 1, 1)

    class ViewGroupNorm5(Affine):
        """The same on five axes, with γ first and inside."""

        def forward(self, x):
            n, c, h, w = x.shape
            y = x.reshape(n, GROUPS, c // GROUPS, h, w)
            mean = y.mean((2, 3, 4), keepdim=True)
            var = (y - mean).pow(2).mean((2, 3, 4), keepdim=True)
            y = self.weight.view(1, GROUPS, -1, 1, 1) * ((y - mean) * torch.rsqrt(var + 1e-6))
            return (y + self.bias.view(1, GROUPS, -1, 1, 1)).reshape(n, c, h, w)

    class LastGroupNorm(Affine):
        """Channels last, statistics as E[x²] − E[x]²."""

        def forward(self, x):
            x = x.permute(0, 2, 3, 1)
            n, h, w, c = x.shape
            y = x.reshape(n, h, w, GROUPS, c // GROUPS)
            mean = y.mean((1, 2, 4), keepdim=True)
            var = (y * y).mean((1, 2, 4), keepdim=True) - mean * mean
            y = ((y - mean) / torch.sqrt(var + 1e-5)).reshape(n, h, w, c) * self.weight + self.bias
            return y.permute(0, 3, 1, 2)

    class InstanceByHand(Affine):
        def forward(self, x):
            var, mean = torch.var_mean(x, (2, 3), keepdim=True, unbiased=False)
            return self.bias[:, None, None] + self.weight[:, None, None] * ((x - mean) / (var + 1e-5).sqrt())

    class ChannelsFirst(Affine):
        """As in the published code of ConvNeXt."""

        def forward(self, x):
            u = x.mean(1, keepdim=True)
            s = (x - u).pow(2).mean(1, keepdim=True)
            x = (x - u) / torch.sqrt(s + 1e-6)
            return self.weight[:, None, None] * x + self.bias[:, None, None]

    class Annotated(Affine):
        """ε outside the root, deviation with n − 1: as in The Annotated Transformer."""

        def forward(self, x):
            return self.weight * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + self.bias

    class HandRms(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(C))

        def forward(self, x):
            return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6) * self.weight

    class MapGamma(nn.Module):
        """Over the whole map, one γ a channel."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(C))

        def forward(self, x):
            return F.layer_norm(x, (C, SIZE, SIZE)) * self.weight[:, None, None]

    class Frozen(nn.Module):
        """γ frozen to ones beside a γ that is not, of the same size."""

        def __init__(self, make):
            super().__init__()
            self.a, self.mid, self.b = make(), nn.Conv2d(C, C, 1), make()

        def forward(self, x):
            return self.b(self.mid(self.a(x)))

    class Shared(nn.Module):
        def __init__(self, norm, mid):
            super().__init__()
            self.norm, self.mid = norm, mid

        def forward(self, x):
            return self.norm(self.mid(self.norm(x)))

    class Modulated(nn.Module):
        """Adaptive: the scale is computed, there is no γ."""

        def __init__(self):
            super().__init__()
            self.norm, self.to_scale = nn.LayerNorm(C, elementwise_affine=False, eps=1e-6), nn.Linear(C, 2 * C)

        def forward(self, x):
            scale, shift = self.to_scale(x.mean(1, keepdim=True)).chunk(2, -1)
            return self.norm(x) * (1 + scale) + shift

    class Standardized(nn.Module):
        """Weights are standardized, which is no normalization of the signal; the GroupNorm behind is one."""

        def __init__(self):
            super().__init__()
            self.conv, self.norm = timm.layers.StdConv2d(C, C, 1), nn.GroupNorm(GROUPS, C)

        def forward(self, x):
            return self.norm(self.conv(x))

    class Response(nn.Module):
        """Global response normalization of ConvNeXt V2: a gate, no statistics of first and second order."""

        def __init__(self):
            super().__init__()
            self.grn = timm.layers.grn.GlobalResponseNorm(C, channels_last=False)

        def forward(self, x):
            return self.grn(x)

    class Unit(nn.Module):
        def forward(self, x):
            return F.normalize(x, dim=1)

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            config = ViTConfig(hidden_size=C, num_attention_heads=2, intermediate_size=C)
            config._attn_implementation = "eager"
            self.layer = ViTLayer(config)

        def forward(self, x):
            out = self.layer(x)
            return out[0] if isinstance(out, tuple) else out

    def of(kind, groups, across, epsilon, bias=True):
        return [row(kind, C, groups, across, epsilon, "norm.weight", "norm.bias" if bias else None)]

    def modules(model, options=None):
        return model, by_module(model), options or {}

    keep = {"keep": True}
    frozen = {"frozen": True}
    shared_maps = Net(Shared(nn.GroupNorm(GROUPS, C), nn.Conv2d(C, C, 1)))
    shared_tokens = Tokens(Shared(nn.LayerNorm(C), nn.Linear(C, C)))
    return {
        "batch-kept": modules(Net(nn.BatchNorm2d(C)), keep),
        "batch-training": modules(Net(nn.BatchNorm2d(C)), {"training": True}),
        "batch-no-affine": modules(Net(nn.BatchNorm2d(C, affine=False)), keep),
        "batch-frozen-ones": modules(Net(Frozen(lambda: nn.BatchNorm2d(C))), {**keep, **frozen}),
        "batch-folded": (Net(nn.BatchNorm2d(C), bias=False), [], {"folded": 1}),
        "batch-before-conv": modules(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, CLASSES, 1))),
        "batch-frozen-module": (Net(FrozenBatchNorm2d(C)), [], {}),
        "no-normalization": (Net(nn.Identity()), [], {}),
        "group": modules(Net(nn.GroupNorm(GROUPS, C))),
        "group-1": modules(Net(nn.GroupNorm(1, C))),
        "group-all": modules(Net(nn.GroupNorm(C, C))),
        "group-no-affine": modules(Net(nn.GroupNorm(GROUPS, C, affine=False)), {"filledIn": True}),
        "group-frozen-ones": modules(Net(Frozen(lambda: nn.GroupNorm(GROUPS, C))), frozen),
        "group-shared": (shared_maps, by_module(shared_maps) * 2, {}),
        "group-standardized": modules(Net(Standardized())),
        "group-view": (Net(ViewGroupNorm(C)), of("group", GROUPS, True, 1e-5), {}),
        "group-view-5": (Net(ViewGroupNorm5(C)), of("group", GROUPS, True, 1e-6), {}),
        "group-last": (Net(LastGroupNorm(C)), of("group", GROUPS, True, 1e-5), {}),
        "instance": modules(Net(nn.InstanceNorm2d(C))),
        "instance-affine": modules(Net(nn.InstanceNorm2d(C, affine=True))),
        "instance-hand": (Net(InstanceByHand(C)), of("instance", C, True, 1e-5), {}),
        "layer-tokens": modules(Tokens(nn.LayerNorm(C))),
        "layer-no-affine": modules(Tokens(nn.LayerNorm(C, elementwise_affine=False))),
        "layer-no-bias": modules(Tokens(nn.LayerNorm(C, bias=False))),
        "layer-frozen-ones": modules(Tokens(nn.LayerNorm(C)), frozen),
        "layer-shared": (shared_tokens, by_module(shared_tokens) * 2, {}),
        "layer-modulated": modules(Tokens(Modulated())),
        "layer-map": modules(Net(nn.LayerNorm([C, SIZE, SIZE]))),
        "layer-map-channels": (Net(MapGamma()), of("layer", 1, True, 1e-5, bias=False), {}),
        "layer-annotated": (Tokens(Annotated(C)), of("layer", 1, False, 1e-6), {"deviation": True}),
        "layer-timm-2d": modules(Net(timm.layers.LayerNorm2d(C))),
        "layer-channels-first": (Net(ChannelsFirst(C)), of("layer", 1, False, 1e-6), {}),
        "layer-hf-convnext": (
            Net(ConvNextLayerNorm(C, eps=1e-6, data_format="channels_first")),
            of("layer", 1, False, 1e-6),
            {},
        ),
        "layer-hf-vit": modules(Tokens(Layer())),
        "rms": modules(Tokens(nn.RMSNorm(C, eps=1e-6))),
        "rms-hand": (Tokens(HandRms()), of("rms", 1, False, 1e-6, bias=False), {}),
        "rms-timm": (Tokens(timm.layers.RmsNorm(C)), of("rms", 1, False, 1e-6, bias=False), {}),
        "rms-timm-2d": (Net(timm.layers.RmsNorm2d(C)), of("rms", 1, False, 1e-6, bias=False), {}),
        "rms-llama": (Tokens(LlamaRMSNorm(C)), of("rms", 1, False, 1e-6, bias=False), {}),
        "rms-llama-half": (Tokens(LlamaRMSNorm(C)), of("rms", 1, False, 1e-6, bias=False), {"half": True}),
        "rms-gemma": (Tokens(GemmaRMSNorm(C)), of("rms", 1, False, 1e-6, bias=False), {"plusOne": True}),
        "rms-response": (
            Net(timm.layers.FilterResponseNormTlu2d(C)),
            of("rms", C, True, 1e-5),
            {},
        ),
        "response": (Net(Response()), [], {}),
        "evolved": (Net(timm.layers.EvoNorm2dS0(C, groups=GROUPS)), [], {}),
        "unit": (Net(Unit()), [], {}),
    }


def keras_cases(layers):
    """Name → (layer, kind, groups, across positions); γ of a LayerNormalization over the whole map is one an element."""
    return {
        "keras-batch": (layers.BatchNormalization(), None, None, True),
        "keras-batch-training": (layers.BatchNormalization(), "batch", None, True),
        "keras-group": (layers.GroupNormalization(GROUPS), "group", GROUPS, True),
        "keras-group-no-affine": (layers.GroupNormalization(GROUPS, scale=False, center=False), "group", GROUPS, True),
        "keras-instance": (layers.GroupNormalization(-1), "instance", C, True),
        "keras-layer": (layers.LayerNormalization(epsilon=1e-6), "layer", 1, False),
        "keras-layer-map": (layers.LayerNormalization(axis=[1, 2, 3]), "layer", 1, True),
        "keras-layer-no-center": (layers.LayerNormalization(center=False), "layer", 1, False),
        "keras-rms": (layers.RMSNormalization(), "rms", 1, False),
        "keras-unit": (layers.UnitNormalization(), None, None, False),
    }


def keras2_cases(layers):
    """The same of Keras 2, whose BatchNormalization is an operator of TensorFlow's."""
    return {
        "keras2-batch": (layers.BatchNormalization(), None, None, True),
        "keras2-batch-kept": (layers.BatchNormalization(), "batch", None, True),
        "keras2-layer": (layers.LayerNormalization(), "layer", 1, False),
    }
