# Shared parts of the PyTorch oracle: seeded weights, inputs, gradients, both ONNX exporters, ONNX Runtime.
# Run by export_zoo.py and layer_gradients.py; nothing of it is needed at run time.
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

EXPORTERS = ("torchscript", "dynamo")


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def uniform(shape, low, high, generator):
    return torch.rand(shape, generator=generator) * (high - low) + low


@torch.no_grad()
def randomize_constants(model, generator):
    """Gives every parameter whose elements are all equal (norm scales 1, biases 0, layer scales 1e-6,
    zero-initialised heads) seeded random values, so that no gradient is trivially 1 or 0."""
    for parameter in model.parameters():
        if not parameter.is_floating_point() or parameter.numel() == 0:
            continue
        value = parameter.flatten()[0].item()
        if parameter.min().item() != parameter.max().item():
            continue
        if parameter.numel() == 1 and value == 0:
            new = uniform(parameter.shape, 0.3, 0.7, generator)
        elif value == 0:
            new = torch.randn(parameter.shape, generator=generator) * 0.05
        elif abs(value) < 0.1:
            new = uniform(parameter.shape, 0.1, 0.3, generator)
        elif abs(value) == 1:
            new = value * uniform(parameter.shape, 0.7, 1.3, generator)
        else:
            new = value * uniform(parameter.shape, 0.9, 1.1, generator)
        parameter.copy_(new)


@torch.no_grad()
def widen_weights(model):
    """Linear and convolution weights drawn narrower than half of 1/sqrt(fan in) (0.02 is usual) are scaled up
    to it: otherwise signals die out, attention is uniform, and gradients are lost in rounding."""
    for module in model.modules():
        known = isinstance(module, (nn.Linear, nn.modules.conv._ConvNd))
        weight = module.weight if known else getattr(module, "in_proj_weight", None)
        if not isinstance(weight, nn.Parameter) or weight.numel() < 2:
            continue
        width = weight.std().item() * weight[0].numel() ** 0.5
        if 0 < width < 0.5:
            weight.mul_(1 / width)


@torch.no_grad()
def calibrate_batch_norms(model, x, generator):
    """Sets the running statistics to those of a seeded batch, then moves them a little: a deep random
    network keeps activations of order 1, and no BatchNorm is the identity."""
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.track_running_stats]
    if not norms:
        return
    momenta = [m.momentum for m in norms]
    for m in norms:
        m.momentum = 1.0
        m.train()
    model(x)
    for m, momentum in zip(norms, momenta):
        m.eval()
        m.momentum = momentum
        var = m.running_var
        var.clamp_(min=0.05 * var.mean().item() + 1e-8)
        m.running_mean.add_(0.1 * var.sqrt() * torch.randn(var.shape, generator=generator))
        var.mul_(torch.exp(0.2 * torch.randn(var.shape, generator=generator)))


def smooth_input(shape, seed):
    """Float32 [N,C,H,W], standard deviation 1 per image: noise at four scales, each upsampled bicubically."""
    generator = torch.Generator().manual_seed(seed)
    n, c, h, w = shape
    x = torch.zeros(shape)
    for cells, weight in ((4, 1.0), (12, 0.6), (36, 0.4), (max(h, w), 0.15)):
        rows, columns = min(cells, h), min(cells, w)
        noise = torch.randn((n, c, rows, columns), generator=generator)
        x += weight * F.interpolate(noise, size=(h, w), mode="bicubic", align_corners=False)
    mean, std = x.mean((1, 2, 3), keepdim=True), x.std((1, 2, 3), keepdim=True)
    return ((x - mean) / std).contiguous()


def prepare(model, size, seed, channels=3):
    """Random constants, wide weights, calibrated BatchNorms, eval mode. The model is changed in place and returned."""
    generator = torch.Generator().manual_seed(seed)
    model.eval()
    randomize_constants(model, generator)
    widen_weights(model)
    calibrate_batch_norms(model, smooth_input((4, channels, size, size), seed + 1), generator)
    return model.eval()


def input_gradient(model, x, seed):
    """logits and d(sum(seed * logits))/dx in the dtype of x."""
    x = x.clone().requires_grad_(True)
    logits = model(x)
    (gradient,) = torch.autograd.grad((logits * seed).sum(), x)
    return logits.detach(), gradient


def relative_error(a, b):
    """|a - b| / |b| over all elements, in float64; NaN propagates."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-300))


def gradients_of(model, shape, input_seeds):
    """x, seed, logits, grad, grad64 and f32Rel, for the input among `input_seeds` whose float32 gradient is
    nearest to the float64 one: a ReLU unit that flips between the precisions moves a gradient by 1e-2."""
    try:
        double = copy.deepcopy(model).double()
    except Exception:
        double = None
    best = None
    for input_seed in input_seeds:
        x = smooth_input(shape, input_seed)
        with torch.no_grad():
            out = model(x)
        seed = torch.randn(out.shape, generator=torch.Generator().manual_seed(input_seed + 7))
        logits, gradient = input_gradient(model, x, seed)
        record = {"x": x, "seed": seed, "logits": logits, "grad": gradient, "inputSeed": input_seed}
        try:
            _, record["grad64"] = input_gradient(double, x.double(), seed.double())
            record["f32Rel"] = relative_error(gradient, record["grad64"])
        except Exception as error:
            record["f32Rel"] = None
            record["doubleError"] = f"{type(error).__name__}: {error}"[:300]
        if best is None or (record["f32Rel"] is not None and record["f32Rel"] < best["f32Rel"]):
            best = record
        if best["f32Rel"] is None or best["f32Rel"] < 2e-4:
            break
    return best


def export_onnx(model, x, path, exporter, opset=None, dynamic_batch=True):
    """Writes one .onnx, input `input`, output `logits`, weights inside; batch is dynamic unless told otherwise.
    Parameters stop requiring gradients: with them, dynamo fails to decompose attention with a bias (beit)."""
    model.requires_grad_(False)
    names = {"input_names": ["input"], "output_names": ["logits"], "opset_version": opset}
    if exporter == "torchscript":
        axes = {"input": {0: "batch"}, "logits": {0: "batch"}} if dynamic_batch else None
        torch.onnx.export(model, (x,), path, dynamo=False, dynamic_axes=axes, **names)
        return
    names["dynamic_shapes"] = ({0: torch.export.Dim("batch")},) if dynamic_batch else None
    torch.onnx.export(model, (x,), path, dynamo=True, external_data=False, verbose=False, **names)


def ort_run(path, x):
    """First output of the file on ONNX Runtime's CPU provider, one thread."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: np.asarray(x)})[0]


def ort_values(model, feeds):
    """Every float value that the nodes of an ONNX model compute, by name, in the order of the graph."""
    import onnx
    import onnxruntime as ort

    graph = onnx.shape_inference.infer_shapes(model).graph
    floats = {v.name for v in [*graph.value_info, *graph.output] if v.type.tensor_type.elem_type == 1}
    names = [name for node in graph.node for name in node.output if name in floats]
    outputs = {v.name for v in graph.output}
    model = copy.deepcopy(model)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in outputs)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, feeds)))
