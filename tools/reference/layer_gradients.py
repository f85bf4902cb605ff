# Records single layers for the tests of packages/autodiff: <name>.<exporter>.onnx and .json {x, seed, grad}.
# Usage: python layer_gradients.py [--out DIR] [--only GLOB]. Where both exporters write the same operators, one stays.
import argparse
import contextlib
import copy
import fnmatch
import io
import json
import logging
import math
import os
import warnings

import onnx
import torch

from layer_cases import CASES
from oracle import EXPORTERS, export_onnx, input_gradient, ort_run, relative_error, seed_everything

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "../../packages/autodiff/src/fixtures/pytorch-gradients")
INPUT_SEEDS = range(1, 40)


def input_of(shape, options, seed):
    """Distinct odd hundredths, near normal: exact in short JSON, and never on a kink at 0, 0.5, 1, 3, ..."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=generator).double() * options.get("spread", 1)
    if options.get("positive"):
        x = x.abs() + 0.2
    if options.get("ties"):
        return ((x * 2).round() / 2).float()
    taken = set()
    for i, value in enumerate(x.flatten().tolist()):
        step = math.floor(value * 50)
        while step in taken:
            step += 1
        taken.add(step)
        x.view(-1)[i] = (2 * step + 1) / 100
    return x.float()


def seed_of(shape, seed):
    return (torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double().mul(10).round() / 10).float()


def round_weights(model):
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point() and tensor.numel() > 0:
                tensor.copy_(torch.round(tensor * 1024) / 1024)


def build(name):
    """The module with seeded weights. BatchNorm statistics are drawn at random, not calibrated."""
    make, shape, options = CASES[name]
    seed_everything(len(name))
    model = make().eval()
    generator = torch.Generator().manual_seed(len(name))
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.copy_(0.3 * torch.randn(module.running_mean.shape, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.running_var.shape, generator=generator))
            torch.nn.init.uniform_(module.weight, 0.7, 1.3, generator=generator)
            torch.nn.init.normal_(module.bias, 0.0, 0.2, generator=generator)
        elif "Norm" in type(module).__name__ and getattr(module, "weight", None) is not None:
            torch.nn.init.uniform_(module.weight, 0.7, 1.3, generator=generator)
            if getattr(module, "bias", None) is not None:
                torch.nn.init.normal_(module.bias, 0.0, 0.2, generator=generator)
    round_weights(model)
    return model, shape, options


def record(model, shape, options):
    """(x, seed, grad): the gradient in float64, at the first input where float32 agrees with it."""
    double = copy.deepcopy(model).double()
    for input_seed in INPUT_SEEDS:
        x = input_of(shape, options, input_seed)
        seed = seed_of(model(x).shape, input_seed + 1000)
        _, single = input_gradient(model, x, seed)
        _, gradient = input_gradient(double, x.double(), seed.double())
        if torch.isfinite(gradient).all() and gradient.norm() > 0 and relative_error(single, gradient) < 1e-5:
            return x, seed, gradient
    raise RuntimeError("float32 and float64 gradients differ at every input tried")


def shorten_names(graph):
    """Values become v0, v1, ...; inputs, outputs and initializers keep their names, nodes lose theirs. The
    exporters' names are most of a small file; files with the original names are in the zoo."""
    kept = {v.name for v in [*graph.input, *graph.output, *graph.initializer]} | {""}
    names = {}
    for node in graph.node:
        node.name = ""
        for values in (node.input, node.output):
            for i, name in enumerate(values):
                values[i] = name if name in kept else names.setdefault(name, f"v{len(names)}")


def strip(path):
    """Removes stack traces, paths and long names from the file."""
    model = onnx.load(path)
    model.producer_version = ""
    del model.metadata_props[:]
    graph = model.graph
    for item in [graph, *graph.node, *graph.initializer, *graph.input, *graph.output]:
        item.doc_string = ""
        del item.metadata_props[:]
    del graph.value_info[:]
    if not model.functions and not any(a.HasField("g") for n in graph.node for a in n.attribute):
        shorten_names(graph)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def tensor_json(tensor, digits):
    flat = tensor.detach().to(torch.float64).reshape(-1).tolist()
    return {"dims": list(tensor.shape), "data": [float(f"{v:.{digits}g}") + 0.0 for v in flat]}


def write_case(name, exporter, out):
    """Exports, checks ONNX Runtime's output against PyTorch's, writes both files, and returns the operators."""
    model, shape, options = build(name)
    x, seed, gradient = record(model, shape, options)
    path = os.path.join(out, f"{name}.{exporter}.onnx")
    export_onnx(model, x, path, exporter, options.get("opset"), dynamic_batch=not options.get("static"))
    strip(path)
    expected = model(x).detach().numpy()
    error = relative_error(ort_run(path, x.numpy()), expected)
    if not error < 1e-5:
        raise RuntimeError(f"ONNX Runtime differs from PyTorch by {error:.1e}")
    with open(path[:-5] + ".json", "w") as file:
        case = {"x": tensor_json(x, 6), "seed": tensor_json(seed, 6), "grad": tensor_json(gradient, 6)}
        json.dump(case, file, separators=(",", ":"))
        file.write("\n")
    return [node.op_type for node in onnx.load(path).graph.node]


def remove_case(name, exporter, out):
    for ending in ("onnx", "json"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(out, f"{name}.{exporter}.{ending}"))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", default=FIXTURES)
    arguments.add_argument("--only", default="*", help="glob over case names")
    options = arguments.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    os.makedirs(options.out, exist_ok=True)
    failures = {}
    for name in CASES:
        if not fnmatch.fnmatch(name, options.only):
            continue
        written = {}
        for exporter in EXPORTERS:
            if CASES[name][2].get("only", exporter) != exporter:
                continue
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    operators = write_case(name, exporter, options.out)
                if operators in written.values():
                    remove_case(name, exporter, options.out)
                written[exporter] = operators
            except Exception as error:
                failures[f"{name}.{exporter}"] = f"{type(error).__name__}: {error}".splitlines()[0][:160]
                print("failed", name, exporter, failures[f"{name}.{exporter}"], flush=True)
                remove_case(name, exporter, options.out)
    sizes = [os.path.getsize(os.path.join(options.out, f)) for f in os.listdir(options.out)]
    print(f"{len(sizes)} files, {sum(sizes)} bytes, {len(failures)} failures")


if __name__ == "__main__":
    main()
