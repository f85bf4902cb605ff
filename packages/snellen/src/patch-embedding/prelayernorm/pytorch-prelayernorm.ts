// Python code that gives a PyTorch model the PreLayerNorm that a mended ONNX file has, so that it can be fine-tuned there.
import { oneLine } from "../../python.ts";
import type { InsertedPreLayerNorm } from "./insert-prelayernorm.ts";

/**
 * A Python file with `add_prelayernorm(model, path)`, for models of timm, torchvision and Hugging Face and any other whose projection
 * is a Conv2d or a Linear.
 * @param file name of the mended ONNX file, from which γ and β are read
 */
export function pytorchPreLayerNorm(
  { before, after, module }: Pick<InsertedPreLayerNorm, "before" | "after" | "module">,
  { file, epsilon }: { readonly file: string; readonly epsilon: number },
): string {
  const names = (of: InsertedPreLayerNorm["before"]) =>
    of === null ? "None" : `(${JSON.stringify(of.scale)}, ${JSON.stringify(of.bias)})`;
  return `${HEAD(file)}

FILE = ${JSON.stringify(file)}
MODULE = ${module === null ? "None  # no name tells it: known places are looked at" : JSON.stringify(module)}
PATCH_NORM = ${names(before)}  # of each flattened patch, before the projection
NORM = ${names(after)}  # of each patch's vector, behind the projection
EPSILON = ${epsilon}
${CODE}`;
}

const HEAD = (
  file: string,
): string => `# Puts PreLayerNorm into a PyTorch model's patch embedding as in ${oneLine(file)} (snellen fix prelayernorm, arXiv:2111.08413).
#
#     add_prelayernorm(model)  # a model with its weights, and the .onnx file beside this one; then fine-tune
#
# timm's models get it as patch_embed.norm, where timm's own option embed_norm_layer puts it too.
import pathlib

import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper`;

const CODE = `
PLACES = ("patch_embed.proj", "conv_proj", "patch_embeddings.projection", "patch_embedding")


def normalized_patches(norm, image, patch):
    """The image with every patch normalized by itself; what no patch holds is left out."""
    (n, c, height, width), (p, q) = image.shape, patch
    h, w = height // p, width // q
    cut = image[:, :, : h * p, : w * q].reshape(n, c, h, p, w, q).permute(0, 2, 4, 1, 3, 5)
    patches = norm(cut.reshape(n, h, w, c * p * q)).reshape(n, h, w, c, p, q)
    return patches.permute(0, 3, 1, 4, 2, 5).reshape(n, c, h * p, w * q)


class PreLayerNormConv2d(nn.Conv2d):
    """A projection with normalizations around it; its weights keep their names."""

    def forward(self, x):
        if "patch_norm" in self._modules:
            x = normalized_patches(self.patch_norm, x, self.kernel_size)
        x = super().forward(x)
        return self.norm(x.movedim(1, -1)).movedim(-1, 1) if "norm" in self._modules else x


class PreLayerNormLinear(nn.Linear):
    """The same of a projection of vectors."""

    def forward(self, x):
        x = super().forward(self.patch_norm(x) if "patch_norm" in self._modules else x)
        return self.norm(x) if "norm" in self._modules else x


CLASSES = {nn.Conv2d: PreLayerNormConv2d, nn.Linear: PreLayerNormLinear}


def projection_of(model):
    """Name of the layer that embeds patches."""
    modules = dict(model.named_modules())
    known = [MODULE] if MODULE in modules else [n for p in PLACES for n in modules if ("." + n).endswith("." + p)]
    if not known:
        raise LookupError("no layer that embeds patches is found: set MODULE to its name")
    return known[0]


def layer_norm(tensors, names, weight):
    """A LayerNorm with the calibrated scale and bias."""
    scale, bias = (torch.tensor(numpy_helper.to_array(tensors[name])).to(weight) for name in names)
    norm = nn.LayerNorm(scale.numel(), EPSILON).to(weight)
    norm.weight.data, norm.bias.data = scale, bias
    return norm


def add_prelayernorm(model, path=pathlib.Path(__file__).with_name(FILE)):
    """Adds the normalizations, and returns the model. Make optimizers afterwards."""
    tensors = {tensor.name: tensor for tensor in onnx.load(path).graph.initializer}
    name = projection_of(model)
    owner, layer = model.get_submodule(name.rpartition(".")[0]), model.get_submodule(name)
    if type(layer) not in CLASSES:
        raise TypeError(f"{name} is {type(layer).__name__}: add the normalizations by hand")
    is_timm = isinstance(getattr(owner, "norm", None), nn.Identity) and getattr(owner, "flatten", False)
    if NORM is not None and is_timm:
        owner.norm = layer_norm(tensors, NORM, layer.weight)
    elif NORM is not None:
        layer.add_module("norm", layer_norm(tensors, NORM, layer.weight))
    if PATCH_NORM is not None:
        layer.add_module("patch_norm", layer_norm(tensors, PATCH_NORM, layer.weight))
    layer.__class__ = CLASSES[type(layer)]
    return model
`;
