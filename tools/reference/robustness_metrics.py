"""Figures of a robustness benchmark by scikit-learn, SciPy and NumPy, for made-up scores of two models.

Usage: python robustness_metrics.py <folder>   (writes metrics.json there; committed as a fixture of
packages/snellen/src/robustness/figures/fixtures). Besides requirements.txt it needs scipy==1.17.1 and scikit-learn==1.9.1.

Outcomes are stored as the benchmark records them: predicted class, its probability, place of the true class. Some images have
no label, some outcomes of the second model are missing. Expected figures come from the scores and the labels themselves; the
intervals of means over corruptions from SciPy's bootstrap over images.
"""

import json
import os
import sys

import numpy as np
from scipy.special import softmax
from scipy.stats import binomtest, bootstrap
from sklearn.metrics import accuracy_score, top_k_accuracy_score

IMAGES, CLASSES, BINS = 60, 10, 15
ALEXNET = {
    "gaussian_noise": 0.886428, "shot_noise": 0.894468, "impulse_noise": 0.922640, "defocus_blur": 0.819880,
    "glass_blur": 0.826268, "motion_blur": 0.785948, "zoom_blur": 0.798360, "snow": 0.866816, "frost": 0.826572,
    "fog": 0.819324, "brightness": 0.564592, "contrast": 0.853204, "elastic_transform": 0.646056,
    "pixelate": 0.717840, "jpeg_compression": 0.606500,
}
ALEXNET_CLEAN = 0.4345
LEVELS = range(1, 6)
CONDITIONS = ["clean"] + [f"{c}/{s}" for c in ALEXNET for s in LEVELS]
rng = np.random.default_rng(11)


def scores_of(skill):
    """Logits by condition: true class above the others, less so for hard images and strong corruptions."""
    hardness = rng.normal(size=IMAGES)
    lasting = rng.normal(size=(IMAGES, CLASSES))
    found = {}
    for condition in CONDITIONS:
        corruption, _, severity = condition.partition("/")
        strength = 0 if condition == "clean" else int(severity) * (0.3 + 0.05 * list(ALEXNET).index(corruption))
        logits = lasting + 0.6 * rng.normal(size=(IMAGES, CLASSES))
        logits[np.arange(IMAGES), TRUE] += skill - hardness - strength
        found[condition] = logits.astype(np.float32)
    return found


def calibration_error(correct, confidence):
    """Guo et al. 2017: bins ((k - 1) / 15, k / 15]."""
    edges = np.linspace(0, 1, BINS + 1)
    which = np.digitize(confidence, edges[1:-1], right=True)
    gaps = [
        (which == b).mean() * abs(correct[which == b].mean() - confidence[which == b].mean())
        for b in range(BINS)
        if (which == b).any()
    ]
    return float(np.sum(gaps))


TRUE = rng.integers(0, CLASSES, IMAGES)
LABELLED = np.ones(IMAGES, bool)
LABELLED[[5, 23]] = False
models = {"a": scores_of(4.0), "b": scores_of(3.2)}
present = {m: {c: np.ones(IMAGES, bool) for c in CONDITIONS} for m in models}
present["b"]["clean"][[7]] = False
present["b"]["fog/4"][[2, 40]] = False
present["b"]["snow/1"][[30]] = False


def recorded(model, condition):
    logits, here = models[model][condition], present[model][condition]
    order = np.argsort(-logits, axis=1)
    rank = np.argmax(order == TRUE[:, None], axis=1)
    return {
        "predicted": np.where(here, logits.argmax(1), -1).tolist(),
        "confidence": [float(f"{v:.6g}") for v in softmax(logits.astype(np.float64), axis=1).max(1)],
        "rank": np.where(LABELLED, rank, -1).tolist(),
    }


def condition_figures(model, condition):
    use = present[model][condition] & LABELLED
    logits = models[model][condition]
    right = (logits.argmax(1) == TRUE)[use]
    confidence = np.float32(recorded(model, condition)["confidence"]).astype(np.float64)
    interval = binomtest(int(right.sum()), int(use.sum())).proportion_ci(0.95, method="wilson")
    both = present[model][condition] & present[model]["clean"]
    return {
        "n": int(use.sum()),
        "accuracy": accuracy_score(TRUE[use], logits.argmax(1)[use]),
        "low": interval.low,
        "high": interval.high,
        "top5": top_k_accuracy_score(TRUE[use], logits[use], k=5, labels=range(CLASSES)),
        "confidence": float(confidence[present[model][condition]].mean()),
        "ece": calibration_error(right, confidence[use]),
        "agreement": float(np.mean((logits.argmax(1) == models[model]["clean"].argmax(1))[both])),
    }


def wrong(model, condition):
    """Per image; NaN where the outcome or the label is missing."""
    values = (models[model][condition].argmax(1) != TRUE).astype(np.float64)
    return np.where(present[model][condition] & LABELLED, values, np.nan)


def corruption_figures(model, corruption):
    errors = np.mean([wrong(model, f"{corruption}/{s}") for s in LEVELS], axis=0)
    predictions = np.array([models[model][f"{corruption}/{s}"].argmax(1) for s in LEVELS])
    here = np.all([present[model][f"{corruption}/{s}"] for s in LEVELS], axis=0)
    clean = wrong(model, "clean")
    both = ~np.isnan(errors + clean)
    extra = errors[both].mean() - clean[both].mean()
    return {
        "n": int((~np.isnan(errors)).sum()),
        "error": np.nanmean(errors),
        "ce": np.nanmean(errors) / ALEXNET[corruption],
        "relativeCe": extra / (ALEXNET[corruption] - ALEXNET_CLEAN),
        "flips": float(np.mean((predictions[1:] != predictions[:-1])[:, here])),
    }


def error_matrix(model):
    """[images, clean and fifteen corruptions]"""
    rows = [wrong(model, "clean")] + [np.mean([wrong(model, f"{c}/{s}") for s in LEVELS], axis=0) for c in ALEXNET]
    return np.stack(rows, axis=1)


def mce(matrix, reference):
    return np.mean(matrix[..., 1:].mean(-2) / reference, axis=-1)


def relative_mce(matrix, reference, clean):
    means = matrix.mean(-2)
    return np.mean((means[..., 1:] - means[..., :1]) / (reference - clean), axis=-1)


def with_interval(statistic, images):
    """Bootstrap over images (percentiles), all conditions of an image together."""
    drawn = bootstrap(
        (images,), lambda index, axis: statistic(index), n_resamples=20_000, method="percentile",
        rng=np.random.default_rng(3), batch=500,
    )
    return {
        "value": float(statistic(images)), "n": len(images), "error": float(drawn.standard_error),
        "low": float(drawn.confidence_interval.low), "high": float(drawn.confidence_interval.high),
    }


def summaries():
    reference = np.array(list(ALEXNET.values()))
    a, b = error_matrix("a"), error_matrix("b")
    complete = {m: np.flatnonzero(~np.isnan(x[:, 1:]).any(1)) for m, x in (("a", a), ("b", b))}
    with_clean = {m: np.flatnonzero(~np.isnan(x).any(1)) for m, x in (("a", a), ("b", b))}
    both = np.flatnonzero(~np.isnan(a[:, 1:] + b[:, 1:]).any(1))
    return {
        "mce": {m: with_interval(lambda i, x=x: mce(x[i], reference), complete[m]) for m, x in (("a", a), ("b", b))},
        "relativeMce": {
            m: with_interval(lambda i, x=x: relative_mce(x[i], reference, ALEXNET_CLEAN), with_clean[m])
            for m, x in (("a", a), ("b", b))
        },
        "meanError": {m: with_interval(lambda i, x=x: x[i][..., 1:].mean((-1, -2)), complete[m]) for m, x in (("a", a), ("b", b))},
        "mceOfAByB": with_interval(lambda i: mce(a[i], b[i][..., 1:].mean(-2)), both),
        "mceDifference": with_interval(lambda i: mce(a[i], reference) - mce(b[i], reference), both),
    }


if __name__ == "__main__":
    result = {
        "images": IMAGES,
        "classes": CLASSES,
        "outcomes": {m: {c: recorded(m, c) for c in CONDITIONS} for m in models},
        "conditions": {m: {c: condition_figures(m, c) for c in CONDITIONS} for m in models},
        "corruptions": {m: {c: corruption_figures(m, c) for c in ALEXNET} for m in models},
        "summaries": summaries(),
    }
    path = os.path.join(sys.argv[1], "metrics.json")
    with open(path, "w") as file:
        json.dump(json.loads(json.dumps(result), parse_float=lambda t: float(f"{float(t):.9g}")), file, separators=(",", ":"))
        file.write("\n")
    print(path, os.path.getsize(path))
