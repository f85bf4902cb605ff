"""Effective receptive fields by PyTorch, from a folder of JPEGs, for bench/erf.ts: one process that times one pass when
told to, so that all sides alternate.

Reads JSON lines on stdin: {"do": "make", "folder", "n": 50} writes JPEGs; {"do": "load", "model": "resnet50", "layer":
"layer4"}; {"do": "run", "what": "loop" | "openerf", "folder", "n": 50, "batch": 8}. Answers {"ms": 12.3}, the whole pass.
As a command, `erf.py --peak <model> <layer> <what> <folder> <n> <batch> <threads>`, it prints the peak memory in MB.
`loop` is Algorithm 1 of arXiv:2108.13576 as one would write it; `openerf` is OpenERF 0.6.1 (pip install openerf), which takes one
image at a time. Random weights: time does not depend on them.
"""

import contextlib
import json
import os
import resource
import sys
import time

import numpy as np
import timm
import torch
from PIL import Image

torch.manual_seed(0)


def make(folder, n):
    """Smooth noise of 500 x 375, about the size of ImageNet's pictures."""
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(0)
    for i in range(n):
        coarse = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
        coarse.resize((500, 375), Image.BICUBIC).save(os.path.join(folder, f"{i:04}.jpg"), quality=90)


class Images(torch.utils.data.Dataset):
    def __init__(self, folder, n, transform):
        self.files = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        self.n, self.transform = n, transform

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        # a folder of fewer files is read again from its start
        with Image.open(self.files[i % len(self.files)]) as image:
            return self.transform(image.convert("RGB"))


class Fields:
    def __init__(self, model, layer):
        self.model, self.layer = timm.create_model(model).eval(), layer
        config = timm.data.resolve_model_data_config(self.model)
        self.transform = timm.data.create_transform(**config, is_training=False)

    def loop(self, folder, n, batch):
        self.model.requires_grad_(False)
        seen = []
        handle = self.model.get_submodule(self.layer).register_forward_hook(lambda m, i, out: seen.append(out))
        field = torch.zeros(224, 224, dtype=torch.float64)
        for x in torch.utils.data.DataLoader(Images(folder, n, self.transform), batch_size=batch):
            x.requires_grad_(True)
            self.model(x)
            feature = seen.pop()
            height, width = feature.shape[2:]
            unit = feature[:, :, height // 2, width // 2].mean(1).sum()
            (gradient,) = torch.autograd.grad(unit, x)
            field += gradient.mean(1).relu().sum(0) / n
        handle.remove()
        return field

    def openerf(self, folder, n, batch):
        import openerf

        assert batch == 1 and n <= len(os.listdir(folder))
        # as its users have it: with the gradients of all parameters open
        self.model.requires_grad_(True)
        return openerf.compute_erf(
            self.model, image_dir=folder, max_images=n, target_layer=self.layer, device="cpu", show_progress=False
        )


def print_peak(model, layer, what, folder, n, batch, threads):
    torch.set_num_threads(int(threads))
    getattr(Fields(model, layer), what)(folder, int(n), int(batch))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    fields = None
    for line in sys.stdin:
        ask = json.loads(line)
        answer = {"ok": True}
        # what libraries print is no answer
        with contextlib.redirect_stdout(sys.stderr):
            if ask["do"] == "make":
                make(ask["folder"], ask["n"])
            elif ask["do"] == "load":
                fields = Fields(ask["model"], ask["layer"])
            else:
                start = time.perf_counter()
                getattr(fields, ask["what"])(ask["folder"], ask["n"], ask["batch"])
                answer = {"ms": 1e3 * (time.perf_counter() - start)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print_peak(*sys.argv[2:]) if sys.argv[1:2] == ["--peak"] else main()
