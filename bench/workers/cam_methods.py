"""Maps by pytorch-grad-cam, torch-cam and Captum, for bench/cam-methods.ts: one process that times one call when told
to, so that all sides alternate.

Reads JSON lines on stdin: {"do": "load", "model": "resnet50"}, {"do": "run", "library": "captum", "method": "grad-cam",
"batch": 8, "channels": 64}. Answers {"ms": 12.3, "images": 8}, or {"none": "why"}. `channels`: Score-CAM and Ablation-CAM run
that many, and the time that their weights took is scaled to all; 0 runs all of them.
As a command, `cam_methods.py --peak <model> <batch> <threads>`, it prints the peak memory in MB of Grad-CAM by pytorch-grad-cam.
Random weights: time does not depend on them.
"""

import contextlib
import io
import json
import sys
import time

import numpy as np
import pytorch_grad_cam as pgc
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from speed import Bench, target_layer, tokens_to_map

BY_GRADIENT_CAM = {
    "grad-cam": pgc.GradCAM,
    "grad-cam++": pgc.GradCAMPlusPlus,
    "hires-cam": pgc.HiResCAM,
    "element-wise-cam": pgc.GradCAMElementWise,
    "layer-cam": pgc.LayerCAM,
    "xgrad-cam": pgc.XGradCAM,
    "score-cam": pgc.ScoreCAM,
    "ablation-cam": pgc.AblationCAM,
    "eigen-cam": pgc.EigenCAM,
    "eigen-grad-cam": pgc.EigenGradCAM,
    "kpca-cam": pgc.KPCA_CAM,
    "full-grad": pgc.FullGrad,
    "shapley-cam": pgc.ShapleyCAM,
    "finer-cam": pgc.FinerCAM,
    "random-cam": pgc.RandomCAM,
}
SLOW = ("score-cam", "ablation-cam")
# larger batches do not fit 16 GB: FullGrad enlarges every channel, ShapleyCAM keeps the graph of the gradient
LARGEST = {"full-grad": 1, "shapley-cam": 8}


class Clock:
    """Time spent on weights of channels."""

    def __init__(self):
        self.ms = 0.0

    def timed(self, work):
        start = time.perf_counter()
        found = work()
        self.ms += 1e3 * (time.perf_counter() - start)
        return found


def shortened(library_class, count, clock):
    """Score-CAM of the first `count` channels; the others' weights are zero. Ablation-CAM chooses by its layer."""
    cuts = library_class is pgc.ScoreCAM

    class Shortened(library_class):
        def get_cam_weights(self, x, layer, targets, activations, grads):
            few = activations[:, :count] if cuts else activations
            found = super().get_cam_weights
            weights = clock.timed(lambda: found(x, layer, targets, few, grads))
            return np.pad(weights, ((0, 0), (0, activations.shape[1] - weights.shape[1])))

    return Shortened


def first_channels(layer_class, count):
    """Ablation-CAM of the first `count` channels; the others count as not important."""

    class First(layer_class):
        def activations_to_be_ablated(self, activations, ratio_channels_to_ablate=1.0):
            self.indices = np.arange(min(count, activations.shape[0]), dtype=np.int32)
            return self.indices

    return First()


class FromShapley(pgc.ShapleyCAM):
    """On tokens the library multiplies weights of channels with activations that it did not lay out, and stops."""

    def get_cam_image(self, x, layer, targets, activations, grads, eigen_smooth=False):
        weights = self.get_cam_weights(x, layer, targets, activations, grads)
        laid_out = self.activations_and_grads.reshape_transform(activations).detach().numpy()
        return (weights[:, :, None, None] * laid_out).sum(axis=1)

    def __exit__(self, *_):
        for handle in self.activations_and_grads.handles:
            handle.remove()

    def __del__(self):
        pass


class Maps:
    def __init__(self, name):
        bench = Bench(name)
        self.inputs, self.model = bench.inputs, bench.model
        self.layer, self.reshape = target_layer(name, self.model), tokens_to_map(name)
        self.is_tokens = self.reshape is not None
        self.channels = self.count_channels()

    def count_channels(self):
        found = []
        handle = self.layer.register_forward_hook(lambda m, i, out: found.append(out.shape[-1 if self.is_tokens else 1]))
        with torch.no_grad():
            self.model(torch.zeros(1, 3, 224, 224))
        handle.remove()
        return found[0]

    def gradient_cam(self, method, x, count, clock):
        if method == "guided-backprop":
            guided = pgc.GuidedBackpropReLUModel(self.model)
            return np.stack([guided(image[None]).sum(-1) for image in self.inputs(x)])
        library_class, options = BY_GRADIENT_CAM[method], {}
        if method == "shapley-cam" and self.is_tokens:
            library_class = FromShapley
        if method in SLOW:
            library_class = shortened(library_class, count, clock)
        if method == "ablation-cam":
            layer_class = pgc.AblationLayerVit if self.is_tokens else pgc.AblationLayer
            options = {"ablation_layer": first_channels(layer_class, count)}
        layers, reshape = ([], None) if method == "full-grad" else ([self.layer], self.reshape)
        # fused attention has no second derivative
        attention = sdpa_kernel(SDPBackend.MATH) if method == "shapley-cam" else contextlib.nullcontext()
        with attention, library_class(self.model, layers, reshape, **options) as cam:
            return cam(self.inputs(x)) if method == "finer-cam" else cam(self.inputs(x), None)

    def torch_cam(self, method, x, count, clock):
        from torchcam import methods

        found = {
            "cam": methods.CAM,
            "grad-cam": methods.GradCAM,
            "grad-cam++": methods.GradCAMpp,
            "layer-cam": methods.LayerCAM,
            "xgrad-cam": methods.XGradCAM,
            "score-cam": methods.ScoreCAM,
        }[method]
        if method == "score-cam":
            found = first_scores(found, count, clock)
        with found(self.model, self.layer, input_shape=(3, 224, 224)) as cam:
            scores = self.model(self.inputs(x))
            maps = cam(scores.argmax(1).tolist(), scores)
            return torch.nn.functional.interpolate(maps[0].unsqueeze(1), (224, 224), mode="bilinear")

    def captum(self, method, x, _count, _clock):
        from captum.attr import GuidedBackprop, LayerAttribution, LayerGradCam, LayerGradientXActivation

        x = self.inputs(x)
        with torch.no_grad():
            top = self.model(x).argmax(1)
        if method == "guided-backprop":
            return GuidedBackprop(self.model).attribute(x.requires_grad_(True), target=top).sum(1)
        if method == "grad-cam":
            maps = LayerGradCam(self.model, self.layer).attribute(x, target=top)
        else:
            maps = LayerGradientXActivation(self.model, self.layer).attribute(x, target=top)
            maps = (self.reshape(maps) if self.is_tokens else maps).sum(1, keepdim=True)
        return LayerAttribution.interpolate(maps, (224, 224), "bilinear")

    def offers(self, library, method):
        if library == "pytorch-grad-cam":
            return method in BY_GRADIENT_CAM or (method == "guided-backprop" and not self.is_tokens)
        if library == "torch-cam":
            known = ("cam", "grad-cam", "grad-cam++", "layer-cam", "xgrad-cam", "score-cam")
            return method in known and not self.is_tokens
        return method == "hires-cam" or (method in ("grad-cam", "guided-backprop") and not self.is_tokens)

    def time(self, library, method, batch, channels):
        if not self.offers(library, method):
            return {"none": "not offered"}
        n = min(batch, LARGEST.get(method, batch)) if library == "pytorch-grad-cam" else batch
        x = torch.randint(0, 255, (n, 224, 224, 3), dtype=torch.uint8)
        work = {"pytorch-grad-cam": self.gradient_cam, "torch-cam": self.torch_cam, "captum": self.captum}[library]
        count, clock = min(channels or self.channels, self.channels), Clock()
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            maps = work(method, x, count, clock)
        ms = 1e3 * (time.perf_counter() - start)
        assert maps.shape[0] == n and tuple(maps.shape[-2:]) == (224, 224), maps.shape
        return {"ms": ms + clock.ms * (self.channels / count - 1), "images": n}


def first_scores(library_class, count, clock):
    """torch-cam's Score-CAM of the first `count` channels; the others' weights are zero."""

    class First(library_class):
        def _get_score_weights(self, activations, *args, **kwargs):
            weights = super()._get_score_weights
            found = clock.timed(lambda: weights([a[:, :count] for a in activations], *args, **kwargs))
            return [torch.nn.functional.pad(w, (0, a.shape[1] - w.shape[1])) for w, a in zip(found, activations)]

    return First


def peak(name, batch):
    Maps(name).time("pytorch-grad-cam", "grad-cam", batch, 0)
    with open("/proc/self/status") as file:
        kilobytes = next(line.split()[1] for line in file if line.startswith("VmHWM"))
    print(int(kilobytes) / 1024)


def main():
    torch.manual_seed(0)
    if sys.argv[1] == "--peak":
        torch.set_num_threads(int(sys.argv[4]))
        return peak(sys.argv[2], int(sys.argv[3]))
    torch.set_num_threads(int(sys.argv[1]))
    maps = None
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "load":
                maps, answer = Maps(ask["model"]), {}
            else:
                answer = maps.time(ask["library"], ask["method"], ask["batch"], ask.get("channels", 0))
        except Exception as error:
            answer = {"none": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
