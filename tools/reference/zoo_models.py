# Builds one entry of zoo.json as a float32 module from one image tensor to one logits tensor.
# Sources: timm, torchvision (classification, segmentation, FPN backbones), transformers (random from config).
import inspect
import math

import torch
from torch import nn

from oracle import prepare, seed_everything, smooth_input

CLASSES = 10


class Pick(nn.Module):
    """Calls the model and takes one tensor of its answer: an attribute, a key, or an index path."""

    def __init__(self, model, path):
        super().__init__()
        self.model = model
        self.path = path

    def forward(self, x):
        out = self.model(x)
        for step in self.path:
            out = getattr(out, step) if isinstance(step, str) and hasattr(out, step) else out[step]
        return out


def signature(module):
    """What must agree for two neighbours of a stage to be exchangeable: types, and shapes of their tensors."""
    types = tuple(type(m).__name__ for m in module.modules())
    strides = tuple(m.stride for m in module.modules() if isinstance(m, nn.Conv2d))
    shapes = tuple((name, tuple(t.shape)) for name, t in module.state_dict().items())
    return types, strides, shapes


def cut_repeats(model, keep=2):
    """Drops, in every Sequential or ModuleList, what follows the first `keep` blocks of the same signature.
    Returns how many blocks went."""
    dropped = 0
    for container in [m for m in model.modules() if isinstance(m, (nn.Sequential, nn.ModuleList))]:
        seen, kept = {}, []
        for name, child in container.named_children():
            composite = sum(1 for m in child.modules() if not list(m.children())) >= 2
            if composite and any(True for _ in child.parameters()):
                key = signature(child)
                seen[key] = seen.get(key, 0) + 1
                if seen[key] > keep:
                    dropped += 1
                    continue
            kept.append((name, child))
        if len(kept) == len(container):
            continue
        container._modules.clear()
        for i, (name, child) in enumerate(kept):
            container._modules[str(i) if isinstance(container, nn.ModuleList) or name.isdigit() else name] = child
    return dropped


def construct(entry):
    source, name, kwargs = entry["source"], entry.get("name"), dict(entry.get("kwargs", {}))
    if source == "timm":
        import timm

        return timm.create_model(name, **{"num_classes": CLASSES, **kwargs})
    if source == "torchvision":
        import torchvision

        return torchvision.models.get_model(name, weights=None, **{"num_classes": CLASSES, **kwargs})
    if source == "torchvision-segmentation":
        import torchvision

        return torchvision.models.get_model(name, weights=None, weights_backbone=None, num_classes=CLASSES, **kwargs)
    if source == "torchvision-fpn":
        from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

        return resnet_fpn_backbone(backbone_name=name, weights=None, norm_layer=nn.BatchNorm2d, **kwargs)
    if source == "transformers":
        import transformers

        config = getattr(transformers, entry["config"])(**kwargs)
        if "backbone" in entry:
            config.backbone_config = getattr(transformers, entry["backbone"])(**entry.get("backboneKwargs", {}))
        config.num_labels = entry.get("labels", CLASSES)
        return getattr(transformers, name)(config)
    raise ValueError(f"unknown source {source}")


def native_size(entry, model):
    """The entry's size, else the published one; networks that take any size of 200 or more get 160."""
    if "size" in entry:
        return [entry["size"]]
    if entry["source"] == "timm":
        cfg = model.pretrained_cfg
        native = max(cfg["input_size"][1:])
        return [native] if cfg.get("fixed_input_size") or native < 200 else [160, native]
    return [160, 224] if entry["source"].startswith("torchvision") else [64, 224]


def has_flags(model):
    """Whether forward has arguments with a default such as False, which the TorchScript exporter turns into tensors."""
    defaults = [p.default for p in inspect.signature(model.forward).parameters.values()]
    return any(d is not None and d is not inspect.Parameter.empty for d in defaults)


def build(entry, seed, cut=True):
    """(model, size, dropped blocks): seeded, cut where the forward pass allows it, prepared by oracle.prepare."""
    attempts = [True, False] if cut and entry.get("cut", True) else [False]
    last = None
    for cutting in attempts:
        seed_everything(seed)
        model = construct(entry)
        sizes = native_size(entry, model)
        if "pick" in entry or has_flags(model):
            model = Pick(model, entry.get("pick", ()))
        model.eval()
        dropped = cut_repeats(model, entry.get("keep", 2)) if cutting else 0
        if cutting and dropped == 0:
            attempts = [False]
        for size in sizes:
            try:
                with torch.no_grad():
                    out = model(smooth_input((2, 3, size, size), seed))
                if not torch.is_tensor(out):
                    raise TypeError(f"output is {type(out).__name__}, give `pick`")
                prepare(model, size, seed)
                with torch.no_grad():
                    out = model(smooth_input((2, 3, size, size), seed))
                if not math.isfinite(out.abs().max().item()):
                    raise ValueError("logits are not finite")
                return model, size, dropped
            except Exception as error:
                last = error
        if not cutting or dropped == 0:
            break
    raise last
