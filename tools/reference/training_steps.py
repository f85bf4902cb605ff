# Records ten training steps of small networks by PyTorch, in float64 and float32: <name>.onnx and <name>.json.
# Usage: python training_steps.py ../../packages/snellen/src/train/fixtures [--only GLOB]
import argparse
import contextlib
import copy
import fnmatch
import io
import json
import logging
import os
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

from oracle import ort_run, randomize_constants, relative_error, seed_everything
from training_networks import CLASSES, EXPORTS, PICTURE, network_of, roles_of

BATCH = 8
STEPS = 10
SEEDS = range(1, 40)
KEEP_AVERAGE = 0.8

# which network has which: EXPORTS
RUNS = {
    "sgd": {"optimizer": "sgd", "rate": 0.05, "momentum": 0.9, "decay": 0.02},
    "nesterov": {"optimizer": "nesterov", "rate": 0.03, "momentum": 0.9, "decay": 0.02},
    "adamw": {"optimizer": "adamw", "rate": 0.002, "decay": 0.3},
    "smoothed": {"optimizer": "sgd", "rate": 0.05, "momentum": 0.9, "decay": 0, "labelSmoothing": 0.1},
    "clipped": {"optimizer": "sgd", "rate": 0.1, "momentum": 0.9, "decay": 0, "clip": 1.0, "average": KEEP_AVERAGE},
    "mean-squared": {"optimizer": "sgd", "rate": 0.05, "momentum": 0.9, "decay": 0, "loss": "mean-squared"},
    "binary": {"optimizer": "sgd", "rate": 0.02, "momentum": 0.9, "decay": 0, "loss": "binary", "labelSmoothing": 0.2},
}


def noise(count, stream):
    """Bytes by a hash of their index, as `made-batches.ts` makes them."""
    h = (np.arange(count, dtype=np.uint32) + np.uint32(stream * 1_000_003 & 0xFFFFFFFF)) * np.uint32(0x9E3779B1)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    return (h >> np.uint32(24)).astype(np.int64)


def batch_of(step):
    """Pictures that lean to the pattern of their class: multiples of 1/64."""
    size = int(np.prod(PICTURE))
    classes = np.array([(3 * n + step) % CLASSES for n in range(BATCH)])
    patterns = noise(CLASSES * size, 0).reshape(CLASSES, size)
    values = noise(BATCH * size, step + 1).reshape(BATCH, size) + patterns[classes] - 255
    return torch.tensor(values / 64).reshape(BATCH, *PICTURE), torch.tensor(classes)


def targets_of(classes, smoothing):
    return F.one_hot(classes, CLASSES) * (1 - smoothing) + smoothing / CLASSES


def loss_of(run, logits, classes):
    smoothing = run.get("labelSmoothing", 0)
    targets = targets_of(classes, smoothing).to(logits.dtype)
    if run.get("loss") == "mean-squared":
        return nn.MSELoss()(logits, targets)
    if run.get("loss") == "binary":
        return nn.BCEWithLogitsLoss(reduction="none")(logits, targets).sum(1).mean()
    return nn.CrossEntropyLoss(label_smoothing=smoothing)(logits, classes)


def optimizer_of(run, model):
    roles = roles_of(model)
    named = dict(model.named_parameters())
    groups = [
        {"params": [p for n, p in named.items() if roles[n] == "weight"], "weight_decay": run["decay"]},
        {"params": [p for n, p in named.items() if roles[n] != "weight"], "weight_decay": 0},
    ]
    if run["optimizer"] == "adamw":
        return torch.optim.AdamW(groups, lr=run["rate"])
    return torch.optim.SGD(groups, lr=run["rate"], momentum=run["momentum"], nesterov=run["optimizer"] == "nesterov")


def projected(tensor):
    """Two numbers that say which tensor it is: its length, and its product with fixed directions."""
    flat = tensor.detach().double().flatten()
    directions = torch.tensor((noise(flat.numel(), 77) - 127.5) / 64)
    return [flat.norm().item(), (flat @ directions).item()]


def train(model, run, dtype):
    """The model after ten steps, and all that a step tells."""
    model = copy.deepcopy(model).to(dtype).train()
    optimizer = optimizer_of(run, model)
    average = {n: p.detach().clone() for n, p in model.named_parameters()}
    told = {"losses": [], "gradientNorms": [], "correct": []}
    first = {}
    for step in range(STEPS):
        x, classes = batch_of(step)
        logits = model(x.to(dtype))
        loss = loss_of(run, logits, classes)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            first = {n: p.grad.norm().item() for n, p in model.named_parameters()}
        norm = nn.utils.clip_grad_norm_(model.parameters(), run.get("clip", float("inf")))
        optimizer.step()
        for n, p in model.named_parameters():
            average[n].mul_(KEEP_AVERAGE).add_(p.detach(), alpha=1 - KEEP_AVERAGE)
        told["losses"].append(loss.item())
        told["gradientNorms"].append(norm.item())
        told["correct"].append((logits.argmax(1) == classes).sum().item())
    model.eval()
    x, classes = batch_of(STEPS)
    with torch.no_grad():
        logits = model(x.to(dtype))
        plain = {**run, "labelSmoothing": 0}
        evaluation = {
            "loss": loss_of(plain, logits, classes).item(),
            "accuracy": (logits.argmax(1) == classes).double().mean().item(),
            "logits": logits.flatten().tolist(),
        }
    statistics = {n: projected(b) for n, b in model.named_buffers() if b.is_floating_point()}
    return {
        **told,
        "firstGradients": first,
        "weights": {n: projected(p) for n, p in model.named_parameters()},
        "statistics": statistics,
        "averages": {n: projected(a) for n, a in average.items()} if "average" in run else {},
        "evaluation": evaluation,
    }


def apart(single, double):
    """Largest relative distance of the float32 run from the float64 one, over losses and final scores."""
    pairs = [(single[k], double[k]) for k in ("losses", "gradientNorms")]
    pairs.append((single["evaluation"]["logits"], double["evaluation"]["logits"]))
    # biases of keys have no gradient but rounding's, which Adam scales up
    weights = [(single["weights"][n], double["weights"][n]) for n in double["weights"] if not n.endswith("qkv.bias")]
    return max(relative_error(a, b) for a, b in [*pairs, *weights])


def record(name, runs, untrained):
    """The first seed of which no run has a ReLU that flips between the precisions."""
    best = None
    for seed in SEEDS:
        seed_everything(seed)
        model = network_of(name)
        if not untrained:
            randomize_constants(model, torch.Generator().manual_seed(seed))
        doubles = {k: train(model, run, torch.float64) for k, run in runs.items()}
        singles = {k: train(model, run, torch.float32) for k, run in runs.items()}
        distances = {k: apart(singles[k], doubles[k]) for k in runs}
        if best is None or max(distances.values()) < max(best[2].values()):
            best = (model, doubles, distances)
        if max(distances.values()) < 5e-6:
            break
    return best


def strip(path):
    """Removes stack traces and paths; names stay, as parameters are found by them."""
    model = onnx.load(path)
    model.producer_version = ""
    del model.metadata_props[:], model.graph.value_info[:]
    for item in [model.graph, *model.graph.node, *model.graph.initializer, *model.graph.input, *model.graph.output]:
        item.doc_string = ""
        del item.metadata_props[:]
    onnx.save(model, path)


def export(model, path, exporter):
    """As a network is written that is to be trained: nothing folded."""
    x = batch_of(0)[0].float()
    model = copy.deepcopy(model).eval()
    if exporter == "torchscript":
        mode = torch.onnx.TrainingMode.PRESERVE
        names = {"input_names": ["input"], "output_names": ["logits"], "opset_version": 17}
        axes = {"input": {0: "batch"}, "logits": {0: "batch"}}
        options = {"dynamic_axes": axes, "training": mode, "do_constant_folding": False}
        torch.onnx.export(model, (x,), path, dynamo=False, **names, **options)
    else:
        keeps_norms = any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
        torch.onnx.export(
            model, (x,), path, dynamo=True, optimize=not keeps_norms, external_data=False, verbose=False,
            input_names=["input"], output_names=["logits"], dynamic_shapes=({0: torch.export.Dim("batch")},),
        )  # fmt: skip
    strip(path)
    error = relative_error(ort_run(path, x.numpy()), model(x).detach().numpy())
    if not error < 1e-5:
        raise RuntimeError(f"ONNX Runtime differs from PyTorch by {error:.1e}")


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out")
    arguments.add_argument("--only", default="*", help="glob over names")
    options = arguments.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    os.makedirs(options.out, exist_ok=True)
    for name, (exporter, untrained, chosen) in EXPORTS.items():
        if not fnmatch.fnmatch(name, options.only):
            continue
        runs = {k: RUNS[k] for k in chosen}
        model, recorded, distances = record(name, runs, untrained)
        path = f"{options.out}/{name}.onnx"
        with contextlib.redirect_stdout(io.StringIO()):
            export(model, path, exporter)
        case = {
            "roles": roles_of(model),
            "initial": {n: projected(p) for n, p in model.named_parameters()},
            "runs": {k: {"settings": run, "f32Apart": distances[k], **recorded[k]} for k, run in runs.items()},
        }
        with open(f"{path[:-5]}.json", "w") as file:
            json.dump(rounded(case), file, separators=(",", ":"))
            file.write("\n")
        sizes = [os.path.getsize(f"{options.out}/{name}.{kind}") for kind in ("onnx", "json")]
        print(name, sizes, {k: f"{d:.1e}" for k, d in distances.items()}, flush=True)


if __name__ == "__main__":
    main()
