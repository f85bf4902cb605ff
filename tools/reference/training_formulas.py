# Losses, optimizers and schedules of a training by PyTorch alone, on a few numbers: formulas.json.
# Usage: python training_formulas.py ../../packages/snellen/src/train/fixtures
import json
import sys

import torch
from torch import nn
from torch.optim import lr_scheduler as lr

STEPS, WARMUP = 21, 5
# scores that overflow e^y in float32 too
SCORES = [[0.5, -1.25, 2.0], [-3.0, 0.25, 0.125], [100.0, -100.0, 30.0], [0.0, 0.0, 0.0]]
CLASSES = [2, 0, 1, 1]
ONE_SCORE = [[0.5], [-1.25], [100.0], [-100.0], [0.0]]
YES = [1, 1, 0, 1, 0]
SMOOTHING = 0.1
GRADIENTS = [[0.5, -2.0, 0.0, 1e-6], [-0.25, -2.0, 0.0, 1e-6], [3.0, 1.0, 0.0, -1e-6], [0.0, 0.0, 0.0, 0.0], [1.0, 0.5, -4.0, 2e-6]]
WEIGHTS = [1.0, -0.5, 2.0, 0.25]


def loss_case(kind, scores, classes, smoothing):
    """Mean loss over the pictures, and its gradient by the scores."""
    y = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    t = torch.tensor(classes)
    count = y.shape[1]
    if count == 1:
        targets = t.double()[:, None] * (1 - smoothing) + smoothing / 2
    else:
        targets = nn.functional.one_hot(t, count).double() * (1 - smoothing) + smoothing / count
    value = {
        "cross-entropy": lambda: nn.CrossEntropyLoss(label_smoothing=smoothing)(y, t),
        # one term a score, summed
        "binary": lambda: nn.BCEWithLogitsLoss()(y, targets) * count,
        "mean-squared": lambda: nn.MSELoss()(y, targets),
    }[kind]()
    value.backward()
    case = {"scores": scores, "classes": classes, "labelSmoothing": smoothing}
    return {"loss": kind, **case, "value": value.item(), "gradient": y.grad.tolist()}


def losses():
    cases = [loss_case(k, SCORES, CLASSES, s) for k in ("cross-entropy", "binary", "mean-squared") for s in (0, SMOOTHING)]
    return cases + [loss_case(k, ONE_SCORE, YES, s) for k in ("binary", "mean-squared") for s in (0, SMOOTHING)]


def optimizers():
    """Weights after each step with given gradients."""
    made = {
        "sgd": lambda p, decay: torch.optim.SGD([p], lr=0.1, momentum=0.9, weight_decay=decay),
        "nesterov": lambda p, decay: torch.optim.SGD([p], lr=0.1, momentum=0.8, nesterov=True, weight_decay=decay),
        "adamw": lambda p, decay: torch.optim.AdamW([p], lr=0.01, betas=(0.8, 0.95), weight_decay=decay),
    }
    settings = {
        "sgd": {"rate": 0.1, "momentum": 0.9, "secondMoment": 0},
        "nesterov": {"rate": 0.1, "momentum": 0.8, "secondMoment": 0},
        "adamw": {"rate": 0.01, "momentum": 0.8, "secondMoment": 0.95},
    }
    cases = []
    for kind, make in made.items():
        for decay in (0, 0.1):
            parameter = nn.Parameter(torch.tensor(WEIGHTS, dtype=torch.float64))
            optimizer = make(parameter, decay)
            after = []
            for gradient in GRADIENTS:
                parameter.grad = torch.tensor(gradient, dtype=torch.float64)
                optimizer.step()
                after.append(parameter.detach().tolist())
            cases.append({"optimizer": kind, **settings[kind], "decay": decay, "after": after})
    return {"weights": WEIGHTS, "gradients": GRADIENTS, "cases": cases}


def schedules():
    """Shares of the highest rate at each step, by PyTorch's schedulers behind a linear warm-up."""
    rest = STEPS - WARMUP
    made = {
        "cosine": lambda o: lr.CosineAnnealingLR(o, rest),
        "steps": lambda o: lr.MultiStepLR(o, [rest // 2, 3 * rest // 4], 0.1),
        "linear": lambda o: lr.PolynomialLR(o, rest, 1),
        "constant": lambda o: lr.ConstantLR(o, 1, 1),
    }
    shares = {}
    for kind, make in made.items():
        for warmup in (0, WARMUP):
            optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
            scheduler = make(optimizer)
            if warmup:
                optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
                rise = lr.LinearLR(optimizer, 1 / warmup, 1, warmup - 1)
                scheduler = lr.SequentialLR(optimizer, [rise, make(optimizer)], [warmup])
            values = []
            for _ in range(warmup + rest):
                values.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                scheduler.step()
            shares[f"{kind} {warmup}"] = values
    return shares


def main():
    with open(f"{sys.argv[1]}/formulas.json", "w") as file:
        json.dump({"losses": losses(), "optimizers": optimizers(), "schedules": schedules()}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
