"""Hand labels of every normalization scale (gamma) of real architectures, for gamma_labels.py.

They are written by module name from reading each network's forward pass: no graph is looked at. What the categories mean
(arXiv:2205.07260 has four; how they are told apart is derived here):

branch-last: on the branch of a residual sum with no normalization behind it, weight layers or not. Decay.
shortcut: on the skip side of a residual sum with no normalization behind it: of a projection, or (`stream`) in front of
    the fork, so that the branch starts from it too. No decay.
scale-invariant: another normalization takes its scale off again wherever it goes; `nearly`, where an activation that is not
    homogeneous, a gate, a softmax or a bias lies in between. Decay.
terminal: reaches the head, or a softmax alone (norms of queries and keys), without normalization or sum. No decay.
`evidence`: rules alone do not decide (post-norm, layer scale); the label says what the structure suggests.
"""

from dataclasses import dataclass
from functools import partial

import timm
import torch
import torchvision
from timm.models.vision_transformer import VisionTransformer
from torch import nn


class PreActBlock(nn.Module):
    """Identity Mappings in Deep Residual Networks (arXiv:1603.05027), the projection behind the first activation."""

    def __init__(self, width, to, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, to, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(to)
        self.conv2 = nn.Conv2d(to, to, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(width, to, 1, stride, bias=False) if stride > 1 else None

    def forward(self, x):
        activated = self.bn1(x).relu()
        skip = x if self.shortcut is None else self.shortcut(activated)
        return skip + self.conv2(self.bn2(self.conv1(activated)).relu())


class PreActResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.pool = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.MaxPool2d(3, 2, 1)
        widths = [64, 64, 128, 256, 512]
        for i in range(1, 5):
            first = PreActBlock(widths[i - 1], widths[i], 1 if i == 1 else 2)
            setattr(self, f"layer{i}", nn.Sequential(first, PreActBlock(widths[i], widths[i], 1)))
        self.bn, self.fc = nn.BatchNorm2d(512), nn.Linear(512, 1000)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.pool(self.conv1(x))))))
        return self.fc(self.bn(x).relu().mean((2, 3)))


class RmsNorm(nn.Module):
    """Written out as in LLaMA-type code: the fused one has no TorchScript export. `factory` takes timm's device and dtype."""

    def __init__(self, width, eps=1e-6, **factory):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width, **factory)), eps

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))


class PostNormEncoder(nn.Module):
    """BERT's layout over patches of an image: embeddings and their norm, four post-norm layers, class token to the head."""

    def __init__(self, width=192, depth=4):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 16, 16)
        self.class_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 197, width) * 0.02)
        self.norm = nn.LayerNorm(width)
        layer = nn.TransformerEncoderLayer(width, 3, 4 * width, batch_first=True, norm_first=False)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, 1000)

    def forward(self, x):
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(x.shape[0], -1, -1), tokens], 1) + self.positions
        return self.head(self.encoder(self.norm(tokens))[:, 0])


@dataclass(frozen=True)
class Label:
    """Of every gamma whose name (less `.weight`) matches; {0}, {1} in `why` are the pattern's groups."""

    pattern: str
    category: str
    why: str
    stream: bool = False
    nearly: bool = False
    evidence: bool = False
    kind: str = "normalization"


branch = partial(Label, category="branch-last")
shortcut = partial(Label, category="shortcut")
stream = partial(Label, category="shortcut", stream=True)
invariant = partial(Label, category="scale-invariant")
nearly = partial(Label, category="scale-invariant", nearly=True)
terminal = partial(Label, category="terminal")
layer_scale = partial(Label, category="branch-last", kind="layer-scale", evidence=True)


@dataclass(frozen=True)
class Network:
    source: str
    build: object
    reading: str
    labels: tuple
    size: int = 224
    dynamo: bool = False
    renamed: bool = False


BLOCK = r"(layer\d\.\d)"

# Basic block: relu(x + bn2(conv2(relu(bn1(conv1(x)))))), x through conv and norm where the width changes. layer1 changes no
# width: the stem's norm, behind relu and max-pool, is what its identity shortcut adds.
RESNET_BASIC = (
    stream(r"bn1", why="Behind relu and max-pool it is what the identity shortcut of layer1.0 adds."),
    invariant(rf"{BLOCK}\.bn1", why="Relu and conv2 lead to {0}.bn2 alone."),
    branch(rf"{BLOCK}\.bn2", why="It is the last layer of the branch of {0}, added as it is."),
    shortcut(rf"{BLOCK}\.downsample\.1", why="It is the last layer of the projection shortcut of {0}."),
)

# Bottleneck: relu(x + bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))). layer1.0 widens 64 to 256 channels, so that its
# shortcut is a projection too, and the stem is normalized again on both sides.
RESNET_BOTTLENECK = (
    invariant(
        r"bn1", why="Layer1.0 projects its shortcut, so that both conv1 and the projection lead to a norm of their own."
    ),
    invariant(rf"{BLOCK}\.bn1", why="Relu and conv2 lead to {0}.bn2 alone."),
    invariant(rf"{BLOCK}\.bn2", why="Relu and conv3 lead to {0}.bn3 alone."),
    branch(rf"{BLOCK}\.bn3", why="It is the last layer of the branch of {0}, added as it is."),
    shortcut(rf"{BLOCK}\.downsample\.1", why="It is the last layer of the projection shortcut of {0}."),
)

# x + conv2(relu(bn2(conv1(relu(bn1(x)))))); the first block of layer2, 3 and 4 projects relu(bn1(x)) instead of adding x.
PREACT_RESNET_18 = (
    stream(r"(layer[234]\.0)\.bn1", why="The projection shortcut of {0} reads it, with no norm of its own."),
    invariant(r"(layer1\.0|layer\d\.1)\.bn1", why="The shortcut of {0} is x itself; conv1 leads to bn2 alone."),
    branch(rf"{BLOCK}\.bn2", why="Only relu and conv2 stand between it and the sum of {0}."),
    terminal(r"bn", why="The last norm: relu, mean and the classifier follow."),
)

# The same with three convolutions; timm calls the norms, which have the relu inside, norm1 to norm3. Every stage's first
# block has a `downsample` convolution that reads norm1's output.
RESNETV2_50 = (
    stream(r"(stages\.\d\.blocks\.0)\.norm1", why="The projection shortcut of {0} reads it, with no norm of its own."),
    invariant(
        r"(stages\.\d\.blocks\.[1-9])\.norm1", why="The shortcut of {0} is x itself; conv1 leads to norm2 alone."
    ),
    invariant(r"(stages\.\d\.blocks\.\d)\.norm2", why="Relu and conv2 lead to {0}.norm3 alone."),
    branch(r"(stages\.\d\.blocks\.\d)\.norm3", why="Only relu and conv3 stand between it and the sum of {0}."),
    terminal(r"norm", why="The last norm: relu, mean and the classifier follow."),
)

# Bottlenecks with squeeze-and-excitation between conv2 and conv3. All four stages begin with stride 2, so that their first
# blocks project, the stem's reader s1.b1 among them.
REGNETY = (
    invariant(
        r"stem\.bn", why="s1.b1 projects its shortcut, so that both conv1 and the projection lead to a norm of their own."
    ),
    invariant(r"(s\d\.b\d+)\.conv1\.bn", why="Relu and conv2 lead to {0}.conv2.bn alone."),
    nearly(
        r"(s\d\.b\d+)\.conv2\.bn",
        why="Conv3 leads to {0}.conv3.bn alone, but the gate of squeeze-and-excitation, a sigmoid, reads it in between.",
    ),
    branch(r"(s\d\.b\d+)\.conv3\.bn", why="It is the last layer of the branch of {0}, added as it is."),
    shortcut(r"(s\d\.b1)\.downsample\.bn", why="It is the last layer of the projection shortcut of {0}."),
)

# features.1-17 are inverted residuals: 1x1 conv, BN, ReLU6, depthwise conv, BN, ReLU6, 1x1 conv, BN (features.1 without the
# first three). x is added where stride is 1 and the width stays: not in 1, 2, 4, 7, 11, 14 and 17. Of these, 2, 4, 7, 11 and
# 14 are followed by a block that adds; 1 by 2, and 17 by the head's conv and BN.
MOBILENET_V2 = (
    nearly(r"features\.0\.1", why="The depthwise conv of features.1 leads to a norm; features.1 adds nothing; ReLU6 cuts."),
    nearly(
        r"features\.(\d+)\.conv\.0\.1",
        why="ReLU6, which cuts, and the next conv of features.{0} lead to its next norm alone.",
    ),
    nearly(
        r"features\.(\d+)\.conv\.1\.1",
        why="ReLU6, which cuts, and the projecting conv of features.{0} lead to its last norm alone.",
    ),
    invariant(r"features\.1\.conv\.2", why="Features.2 adds nothing: its first conv leads to a norm, with no ReLU6 before."),
    invariant(r"features\.17\.conv\.3", why="The head's conv leads to a norm, with no ReLU6 before; nothing is added."),
    stream(
        r"features\.(2|4|7|11|14)\.conv\.3",
        why="Features.{0} adds nothing, the next block adds this output: it starts the residual stream of a stage.",
    ),
    branch(
        r"features\.(3|5|6|8|9|10|12|13|15|16)\.conv\.3",
        why="It is the last layer of the branch of features.{0}, added as it is.",
    ),
    terminal(r"features\.18\.1", why="The head's norm: ReLU6, mean and the classifier follow."),
)

# blocks.0.0 is a separable conv (depthwise, bn1, SiLU, SE, 1x1, bn2), all others inverted residuals (1x1, bn1, SiLU,
# depthwise, bn2, SiLU, SE, 1x1, bn3). Each stage's first block adds nothing, its others add x; stages 0 and 6 have one block.
EFFICIENTNET_B0 = (
    nearly(r"bn1", why="The depthwise conv of blocks.0.0 leads to a norm; that block adds nothing; SiLU lies in between."),
    nearly(r"blocks\.0\.0\.bn1", why="The 1x1 conv leads to blocks.0.0.bn2 alone, behind SiLU and the gate."),
    invariant(r"blocks\.0\.0\.bn2", why="Blocks.1.0 adds nothing: its first conv leads to a norm, with no SiLU before."),
    nearly(r"(blocks\.[1-6]\.\d)\.bn1", why="The depthwise conv leads to {0}.bn2 alone, behind SiLU."),
    nearly(r"(blocks\.[1-6]\.\d)\.bn2", why="The projecting conv leads to {0}.bn3 alone, behind SiLU and the gate."),
    stream(
        r"(blocks\.[1-5])\.0\.bn3",
        why="{0}.0 adds nothing, {0}.1 adds this output: it starts the residual stream of a stage.",
    ),
    branch(r"(blocks\.[1-5]\.[1-9])\.bn3", why="It is the last layer of the branch of {0}, added as it is."),
    invariant(r"blocks\.6\.0\.bn3", why="The head's conv leads to a norm, with no SiLU before; nothing is added."),
    terminal(r"bn2", why="The head's norm: SiLU, mean and the classifier follow."),
)

# No sums: layers concatenate. norm1 -> relu -> 1x1 -> norm2 -> relu -> 3x3 -> concatenated with what came before; every
# reader of a concatenation is a BatchNorm, which normalizes each channel by itself.
DENSENET = (
    invariant(r"features\.norm0", why="Relu and max-pool lead to the concatenation, which only BatchNorms read."),
    invariant(r"features\.(denseblock\d\.denselayer\d+)\.norm1", why="Relu and the 1x1 conv lead to norm2 of {0} alone."),
    invariant(
        r"features\.(denseblock\d\.denselayer\d+)\.norm2",
        why="Relu and the 3x3 conv lead to the concatenation, which only BatchNorms read.",
    ),
    invariant(
        r"features\.(transition\d)\.norm",
        why="Relu, the conv and the mean pool of {0} lead to the concatenation, which only BatchNorms read.",
    ),
    terminal(r"features\.norm5", why="The last norm: relu, mean and the classifier follow."),
)

# x + gamma * mlp(norm(conv_dw(x))); the stem's and each downsampling's norm come before the stage's stream, with at most
# a convolution in between. Mean, norm and the classifier end it.
CONVNEXT_TIMM = (
    stream(r"stem\.1", why="Its output is the residual stream of stage 0."),
    stream(
        r"(stages\.[123])\.downsample\.0", why="Behind the strided conv it is the residual stream of {0}, never normalized."
    ),
    branch(r"(stages\.\d\.blocks\.\d)\.norm", why="The MLP and the layer scale alone stand between it and the sum of {0}."),
    layer_scale(r"(stages\.\d\.blocks\.\d)\.gamma", why="It multiplies the branch of {0} right before the sum."),
    terminal(r"head\.norm", why="The last norm: the classifier follows."),
)

# The same network; features.1, 3, 5, 7 are the stages, 2, 4, 6 the downsamplings.
CONVNEXT_TORCHVISION = (
    stream(r"features\.0\.1", why="Its output is the residual stream of features.1."),
    stream(
        r"features\.([246])\.0", why="Behind the strided conv of features.{0} it is the next stage's residual stream."
    ),
    branch(
        r"(features\.[1357]\.\d)\.block\.2", why="The MLP and the layer scale alone stand between it and the sum of {0}."
    ),
    layer_scale(r"(features\.[1357]\.\d)\.layer_scale", why="It multiplies the branch of {0} right before the sum."),
    terminal(r"classifier\.0", why="The last norm: the classifier follows."),
)

# Pre-norm: x + attn(norm1(x)), x + mlp(norm2(x)). The softmax normalizes weights, not values: norm1 reaches the sum
# through the values.
PRE_NORM = (
    branch(r"(blocks\.\d+)\.norm1", why="Through the values of the attention it reaches the sum of {0}."),
    branch(r"(blocks\.\d+)\.norm2", why="The MLP alone stands between it and the sum of {0}."),
    terminal(r"norm", why="The last norm: the class token goes to the classifier."),
)

# The same with RMSNorm, norms of queries and keys, and a layer scale on both branches.
RMS_QK = (
    *PRE_NORM,
    terminal(r"(blocks\.\d+)\.attn\.([qk])_norm", why="It reaches the softmax of {0} alone, whose temperature it sets."),
    layer_scale(r"(blocks\.\d+)\.ls([12])\.gamma", why="It multiplies branch {1} of {0} right before the sum."),
)

# Pre-norm blocks on windows. patch_embed.norm and each downsampling's norm (norm, then a linear reduction) come right before
# a stage's stream.
SWIN = (
    stream(r"patch_embed\.norm", why="Its output is the residual stream of layers.0."),
    stream(
        r"(layers\.[123])\.downsample\.norm", why="Behind the linear reduction it is the residual stream of {0}."
    ),
    branch(r"(layers\.\d\.blocks\.\d)\.norm1", why="Through the values of the attention it reaches the sum of {0}."),
    branch(r"(layers\.\d\.blocks\.\d)\.norm2", why="The MLP alone stands between it and the sum of {0}."),
    terminal(r"norm", why="The last norm: mean and the classifier follow."),
)

# Norm behind the branch: x + norm1(attn(x)), x + norm2(mlp(x)). Downsampling reduces first and normalizes then. The cosine
# attention normalizes queries and keys without a gamma.
SWIN_V2 = (
    stream(r"patch_embed\.norm", why="Its output is the residual stream of layers.0."),
    stream(r"(layers\.[123])\.downsample\.norm", why="Its output is the residual stream of {0}."),
    branch(r"(layers\.\d\.blocks\.\d)\.norm1", why="It is the last layer of the attention branch of {0}."),
    branch(r"(layers\.\d\.blocks\.\d)\.norm2", why="It is the last layer of the MLP branch of {0}."),
    terminal(r"norm", why="The last norm: mean and the classifier follow."),
)

# norm1(x + attention(x)), norm2(x + mlp(x)): each norm's output is both skip and branch of the next sum, so that scaling
# it scales both, and the norm behind the sum takes it off again but for softmax and biases.
POST_NORM = (
    nearly(
        r"norm", why="It is skip and branch of the first attention's sum, which layer 0's norm1 follows.", evidence=True
    ),
    nearly(
        r"encoder\.layers\.(\d)\.norm1",
        why="It is skip and branch of the MLP's sum of layer {0}, which norm2 follows.", evidence=True,
    ),
    nearly(
        r"encoder\.layers\.([012])\.norm2",
        why="It is skip and branch of the attention's sum of the layer after {0}, which its norm1 follows.", evidence=True,
    ),
    terminal(r"encoder\.layers\.3\.norm2", why="The last norm: the class token goes to the classifier."),
)


def rms_qk():
    return VisionTransformer(
        embed_dim=192, depth=4, num_heads=3, norm_layer=RmsNorm, qk_norm=True, init_values=0.1, num_classes=1000
    )


def network(source, reading, labels, build=None, **options):
    if build is None:
        library, name = source.split(".", 1)
        build = partial(timm.create_model if library == "timm" else torchvision.models.get_model, name)
    return Network(source, build, reading, labels, **options)


BASIC = "BasicBlock adds bn2(conv2(relu(bn1(conv1(x))))) and x, or its projection."
BOTTLENECK = "Bottleneck adds bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))) and x, or its projection; layer1.0 projects."

NETWORKS = {
    "resnet18": network("torchvision.resnet18", BASIC, RESNET_BASIC, dynamo=True, renamed=True),
    "resnet50": network("torchvision.resnet50", BOTTLENECK, RESNET_BOTTLENECK),
    "resnext50_32x4d": network("torchvision.resnext50_32x4d", BOTTLENECK, RESNET_BOTTLENECK),
    "resnet50_gn": network("timm.resnet50_gn", f"{BOTTLENECK} All norms are GroupNorm.", RESNET_BOTTLENECK, dynamo=True),
    "preact_resnet18": network(
        "PreActResNet18 of tools/reference/gamma_cases.py",
        "x + conv2(relu(bn2(conv1(relu(bn1(x)))))); projections read relu(bn1(x)).", PREACT_RESNET_18, PreActResNet18,
    ),
    "resnetv2_50": network("timm.resnetv2_50", "Pre-activation bottlenecks; projections read norm1's output.", RESNETV2_50),
    "regnety_004": network("timm.regnety_004", "Bottlenecks with squeeze-and-excitation behind conv2.", REGNETY),
    "mobilenet_v2": network(
        "torchvision.mobilenet_v2", "Inverted residuals with linear ends; those of stride 1 and equal width add x.",
        MOBILENET_V2, dynamo=True,
    ),
    "efficientnet_b0": network(
        "timm.efficientnet_b0", "Inverted residuals with squeeze-and-excitation and SiLU; all but a stage's first add x.",
        EFFICIENTNET_B0,
    ),
    "densenet121": network("torchvision.densenet121", "Concatenations, no sums; every reader is a BatchNorm.", DENSENET),
    "convnext_tiny": network("timm.convnext_tiny", "x + gamma * mlp(norm(conv_dw(x))).", CONVNEXT_TIMM, dynamo=True),
    "convnext_tiny_tv": network(
        "torchvision.convnext_tiny", "x + layer_scale * mlp(norm(depthwise(x))).", CONVNEXT_TORCHVISION
    ),
    "vit_base_patch16_224": network(
        "timm.vit_base_patch16_224", "x + attn(norm1(x)), x + mlp(norm2(x)), a last norm.", PRE_NORM, dynamo=True
    ),
    "vit_rms_qk": network(
        "timm VisionTransformer, 4 blocks of width 192, qk_norm, layer scale, RMSNorm written out",
        "x + ls1(attn(norm1(x))), x + ls2(mlp(norm2(x))), norms of queries and keys.", RMS_QK, rms_qk, dynamo=True,
    ),
    "swin_tiny": network(
        "timm.swin_tiny_patch4_window7_224", "Pre-norm blocks on windows; norm, then reduction between stages.", SWIN,
        dynamo=True,
    ),
    "swinv2_tiny": network(
        "timm.swinv2_tiny_window8_256", "x + norm1(attn(x)), x + norm2(mlp(x)); reduction, then norm between stages.",
        SWIN_V2, size=256,
    ),
    "post_norm_encoder": network(
        "PostNormEncoder of tools/reference/gamma_cases.py", "norm1(x + attention(x)), norm2(x + mlp(x)), no last norm.",
        POST_NORM, PostNormEncoder,
    ),
}
