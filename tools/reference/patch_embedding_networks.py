"""Networks of our own for patch_embedding_cases.py: patches cut out in several ways, positions where they are and are not added."""

import torch
from torch import nn

SIZE, PATCH, D, HEADS, CLASSES = 32, 8, 48, 3, 10


class Logits(nn.Module):
    """A transformers model as a function of the image, with a linear head where it has none."""

    def __init__(self, model, width=D, **options):
        super().__init__()
        self.model, self.options = model, options
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        out = self.model(pixel_values=x, **self.options)
        return out.logits if hasattr(out, "logits") else self.head(out.last_hidden_state.mean(1))


class UnfoldPatches(nn.Module):
    """Patches by nn.Unfold (im2col), then a Linear."""

    def __init__(self):
        super().__init__()
        self.unfold, self.proj = nn.Unfold(PATCH, stride=PATCH), nn.Linear(3 * PATCH * PATCH, D)

    def forward(self, x):
        return self.proj(self.unfold(x).transpose(1, 2))


class ReshapedPatches(nn.Module):
    """Patches by reshape and permute, as einops writes `b c (h p1) (w p2) -> b (h w) (p1 p2 c)`, then a Linear."""

    def __init__(self, norms=False, bias=True):
        super().__init__()
        size = 3 * PATCH * PATCH
        self.before = nn.LayerNorm(size) if norms else nn.Identity()
        self.proj = nn.Linear(size, D, bias=bias)
        self.behind = nn.LayerNorm(D) if norms else nn.Identity()

    def forward(self, x):
        n, c, h, w = x.shape
        x = x.reshape(n, c, h // PATCH, PATCH, w // PATCH, PATCH).permute(0, 2, 4, 3, 5, 1)
        x = x.reshape(n, (h // PATCH) * (w // PATCH), PATCH * PATCH * c)
        return self.behind(self.proj(self.before(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.qkv, self.out = nn.LayerNorm(D), nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(x)).chunk(3, -1)
        return x + self.out((q @ k.transpose(-2, -1) * D**-0.5).softmax(-1) @ v)


class Written(nn.Module):
    """A transformer with a patch embedding of one's own; `where` the class token joins: before or after the addition, or never."""

    def __init__(self, patches, where="before", positions=True):
        super().__init__()
        self.patches, self.where, self.has_positions = patches, where, positions
        count = (SIZE // PATCH) ** 2 + (where == "before")
        self.positions = nn.Parameter(torch.randn(1, count, D)) if positions else None
        self.cls_token = nn.Parameter(torch.randn(1, 1, D)) if where else None
        self.block, self.head = Block(), nn.Linear(D, CLASSES)

    def with_class(self, x):
        return torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1)

    def forward(self, x):
        x = self.patches(x)
        if self.where == "before":
            x = self.with_class(x)
        if self.has_positions:
            x = x + self.positions
        if self.where == "after":
            x = self.with_class(x)
        return self.head(self.block(x).mean(1))


class FactoredPositions(nn.Module):
    """E_pos as the sum of a row's and a column's vector, added to the map one after the other."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, D, PATCH, PATCH)
        self.rows, self.columns = nn.Parameter(torch.randn(1, D, 4, 1)), nn.Parameter(torch.randn(1, D, 1, 4))
        self.block, self.head = Block(), nn.Linear(D, CLASSES)

    def forward(self, x):
        x = self.proj(x) + self.rows + self.columns
        return self.head(self.block(x.flatten(2).transpose(1, 2)).mean(1))


class MapNorm(nn.Module):
    """A CNN with a layer normalization over whole maps, whose bias is an image of its own: no positional embedding."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 4, 4), nn.LayerNorm([16, 8, 8])
        self.conv, self.head = nn.Conv2d(16, 16, 3, padding=1), nn.Linear(16, CLASSES)

    def forward(self, x):
        return self.head(self.conv(self.norm(self.stem(x))).relu().mean((2, 3)))


class QueryPositions(nn.Module):
    """As detectors have it: positions are added to queries and keys only, values and residuals do without."""

    def __init__(self):
        super().__init__()
        self.proj, self.positions = nn.Conv2d(3, D, PATCH, PATCH), nn.Parameter(torch.randn(1, 16, D))
        self.q, self.k, self.v = nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D)
        self.head = nn.Linear(D, CLASSES)

    def forward(self, x):
        x = self.proj(x).flatten(2).transpose(1, 2)
        placed = x + self.positions
        x = x + (self.q(placed) @ self.k(placed).transpose(-2, -1)).softmax(-1) @ self.v(x)
        return self.head(x.mean(1))
