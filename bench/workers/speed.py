"""Forward, gradient and Grad-CAM by PyTorch, for bench/speed.ts: one process that times one call when told to,
so that both sides alternate.

Reads JSON lines on stdin: {"do": "load", "model": "resnet50"}, {"do": "run", "what": "forward" | "gradient" | "grad-cam" |
"captum" | "torchcam", "batch": 8}. Answers {"ms": 12.3} or {"rss_mb": 900}. Random weights: time does not depend on them.
"""

import json
import resource
import sys
import time

import numpy as np
import torch

torch.manual_seed(0)


def build(name):
    if name.startswith("vit") or name.startswith("deit"):
        import timm

        return timm.create_model(name, pretrained=False).eval()
    import torchvision

    return getattr(torchvision.models, name)(weights=None).eval()


def target_layer(name, model):
    """The layers that users of pytorch-grad-cam name."""
    if name.startswith("vit") or name.startswith("deit"):
        return model.blocks[-1].norm1
    if name.startswith("resnet"):
        return model.layer4[-1]
    if name == "swin_t":
        return model.norm
    return model.features[-1]


def tokens_to_map(name):
    if name.startswith("vit") or name.startswith("deit"):
        return lambda t: t[:, 1:].reshape(t.shape[0], 14, 14, -1).permute(0, 3, 1, 2)
    if name == "swin_t":
        return lambda t: t.permute(0, 3, 1, 2)
    return None


class Bench:
    def __init__(self, name):
        self.name, self.model = name, build(name)

    def forward(self, x):
        with torch.inference_mode():
            self.model(x)

    def gradient(self, x):
        for p in self.model.parameters():
            p.requires_grad_(False)
        x = x.detach().requires_grad_(True)
        torch.autograd.grad(self.model(x)[:, 7].sum(), x)

    def __getattr__(self, what):
        return getattr(self, "cam_" + what.replace("-", "_"))

    def inputs(self, x):
        """From bytes to the network's input, as a user of these libraries would."""
        mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        return (x.permute(0, 3, 1, 2).float() / 255 - mean) / std

    def cam_grad_cam(self, x):
        from pytorch_grad_cam import GradCAM

        for p in self.model.parameters():
            p.requires_grad_(True)
        with GradCAM(self.model, [target_layer(self.name, self.model)], tokens_to_map(self.name)) as cam:
            cam(self.inputs(x), None)

    def cam_captum(self, x):
        from captum.attr import LayerAttribution, LayerGradCam

        for p in self.model.parameters():
            p.requires_grad_(True)
        x = self.inputs(x)
        with torch.no_grad():
            top = self.model(x).argmax(1)
        maps = LayerGradCam(self.model, target_layer(self.name, self.model)).attribute(x, target=top)
        LayerAttribution.interpolate(maps, (224, 224), "bilinear")

    def cam_torchcam(self, x):
        from torchcam.methods import GradCAM

        for p in self.model.parameters():
            p.requires_grad_(True)
        with GradCAM(self.model, target_layer(self.name, self.model), input_shape=(3, 224, 224)) as cam:
            scores = self.model(self.inputs(x))
            maps = cam(scores.argmax(1).tolist(), scores)
            torch.nn.functional.interpolate(maps[0].unsqueeze(1), (224, 224), mode="bilinear")


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    bench = None
    for line in sys.stdin:
        ask = json.loads(line)
        if ask["do"] == "load":
            bench, answer = Bench(ask["model"]), {"ok": True}
        elif ask["do"] == "rss":
            answer = {"rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        else:
            bytes_in = ask["what"] not in ("forward", "gradient")
            n = ask["batch"]
            x = torch.randint(0, 255, (n, 224, 224, 3), dtype=torch.uint8) if bytes_in else torch.randn(n, 3, 224, 224)
            start = time.perf_counter()
            getattr(bench, ask["what"])(x)
            answer = {"ms": 1e3 * (time.perf_counter() - start)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
