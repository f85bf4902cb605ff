"""Measures of heat maps by pytorch-grad-cam, and statistics by SciPy and scikit-image.

Usage: python measure_values.py <folder>   (writes measure-values.json there; committed as a fixture of
packages/snellen/src/cam/measures/fixtures). Besides requirements.txt it needs grad-cam==1.5.7, scipy==1.17.1 and
scikit-image==0.26.0.

The scorer is linear, softmax(W x), and a "map" is relu(sum over channels of W_0 x) over its maximum, so that a test can
repeat both without a network. ROAD's noise is switched off.
"""

import json
import os
import sys

import numpy as np
import torch
from pytorch_grad_cam.metrics import road
from pytorch_grad_cam.metrics.arcc import ARCC, Coherency, Complexity
from pytorch_grad_cam.metrics.cam_mult_image import DropInConfidence, IncreaseInConfidence
from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
from scipy import stats
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

road.NoisyLinearImputer.__init__.__defaults__ = (0.0, road.neighbors_weights)
PERCENTILES = [20, 40, 60, 80]
CHANNELS, HEIGHT, WIDTH, CLASSES = 2, 12, 14, 3
rng = np.random.default_rng(7)


def rounded(values, digits=7):
    """A nested list of numbers with so many significant digits."""
    return json.loads(json.dumps(np.asarray(values, np.float64).tolist()), parse_float=lambda t: float(f"{float(t):.{digits}g}"))


def exact(values):
    """Numbers that the fixture holds as they are used here."""
    return np.float32(rounded(values, 5))


class Linear(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.weights = torch.from_numpy(weights)

    def forward(self, x):
        return torch.einsum("kchw,nchw->nk", self.weights, x)


def smooth(shape, sigma):
    return gaussian_filter(rng.normal(size=shape), [0] * (len(shape) - 2) + [sigma, sigma])


def measures():
    x = exact(smooth((CHANNELS, HEIGHT, WIDTH), 1) * 3)
    weights = exact(smooth((CLASSES, CHANNELS, HEIGHT, WIDTH), 1) * 0.1)
    model, target = Linear(weights), [ClassifierOutputSoftmaxTarget(0)]
    # No two values are equal, and the highest is 1.
    cam = smooth((HEIGHT, WIDTH), 1.5)
    cam = exact((cam - cam.min() + 0.01) / (cam.max() - cam.min() + 0.01))
    assert cam.max() == 1 and len(np.unique(cam)) == cam.size
    inputs, cams = torch.from_numpy(x)[None], cam[None]

    def map_of(input_tensor, targets):
        raw = np.maximum((input_tensor[0].numpy() * weights[0]).sum(0), 0)
        return (raw / raw.max())[None]

    given = (inputs, cams, target, model)
    out = {
        "probability": float(target[0](model(inputs)[0])),
        "drop": DropInConfidence()(*given)[0],
        "increase": IncreaseInConfidence()(*given)[0],
        "road-most": road.ROADMostRelevantFirstAverage(PERCENTILES)(*given)[0],
        "road-least": road.ROADLeastRelevantFirstAverage(PERCENTILES)(*given)[0],
        "road-combined": road.ROADCombined(PERCENTILES)(*given)[0],
        "complexity": Complexity()(cams)[0],
        "coherency": Coherency()(*given, map_of)[0],
        "arcc": ARCC(map_of, PERCENTILES)(*given)[0],
    }
    return {"dims": [CHANNELS, HEIGHT, WIDTH], "x": rounded(x), "weights": rounded(weights), "cam": rounded(cam)} | {
        "values": {name: float(f"{float(v):.7g}") for name, v in out.items()}
    }


def imputations():
    """Filled pictures: scattered pixels, a hole, and all but a corner."""
    side = 24
    picture = exact(smooth((1, side, side), 1) * 2)
    rows, columns = np.mgrid[:side, :side]
    known = {
        "scattered": rng.random((side, side)) < 0.5,
        "hole": np.hypot(rows - 9, columns - 12) > 8,
        "corner": (rows < 5) & (columns < 4),
    }
    cases = {}
    for name, mask in known.items():
        filled = road.NoisyLinearImputer()(torch.from_numpy(picture), torch.from_numpy(np.float32(mask)))
        cases[name] = {"known": "".join("01"[int(v)] for v in mask.ravel()), "filled": rounded(filled.numpy().ravel(), 6)}
    return {"side": side, "picture": rounded(picture.ravel()), "cases": cases}


def statistics():
    first, second = exact(rng.normal(0.3, 1, 40)), exact(rng.normal(0, 1, 40))
    difference = lambda a, axis: np.mean(a, axis)

    def p(n, resamples):
        test = stats.permutation_test(
            (np.float64(first[:n] - second[:n]),), difference, permutation_type="samples", n_resamples=resamples, rng=1
        )
        return float(test.pvalue)

    bootstrap = stats.bootstrap((np.float64(first),), np.mean, n_resamples=100_000, method="percentile", rng=1)
    ties = rng.integers(0, 5, 30), rng.integers(0, 5, 30)
    maps = exact(smooth((2, 16, 20), 2))
    stretched = [(m - m.min()) / (m.max() - m.min()) for m in np.float64(maps)]
    ssim = structural_similarity(*stretched, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    return {
        "first": rounded(first),
        "second": rounded(second),
        "pOfEight": p(8, 10_000),
        "pOfForty": p(40, 200_000),
        "interval": list(bootstrap.confidence_interval),
        "ties": [t.tolist() for t in ties],
        "spearmanOfTies": float(stats.spearmanr(*ties).statistic),
        "maps": rounded(maps.reshape(2, -1)),
        "spearman": float(stats.spearmanr(maps[0].ravel(), maps[1].ravel()).statistic),
        "ssim": float(ssim),
    }


def rise_kernel():
    """One row of RISE's blur (gkern of its evaluation.py): the impulse response of a Gaussian of 5 in 11 pixels."""
    impulse = np.zeros(11)
    impulse[5] = 1
    return rounded(gaussian_filter(impulse, 5))


record = {"measures": measures(), "imputations": imputations(), "statistics": statistics(), "riseKernel": rise_kernel()}
path = os.path.join(sys.argv[1], "measure-values.json")
with open(path, "w") as file:
    json.dump(record, file, separators=(",", ":"))
    file.write("\n")
print(path, os.path.getsize(path), "bytes")
