"""Least squares of PreLayerNorm's gamma and beta by NumPy, for packages/snellen/src/patch-embedding/prelayernorm.

Usage: python prelayernorm_least_squares.py > ../../packages/snellen/src/patch-embedding/prelayernorm/fixtures/least-squares.json

Patches p [40, 6] and a projection E [8, 6] are written out with what numpy.linalg.lstsq gives: `channels`, t = E p regressed on its
layer normalization channel by channel; `elements`, gamma and beta that change E p least when p is normalized, from the whole design
matrix [E diag(n_i) | E] and without any normal equations.
"""

import json

import numpy as np

rng = np.random.default_rng(0)
patches = rng.uniform(-1, 1, (40, 1)) + rng.uniform(0.2, 2, (40, 1)) * rng.standard_normal((40, 6))
projection = rng.standard_normal((8, 6))


def normalized(x, epsilon=1e-6):
    centred = x - x.mean(1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(1, keepdims=True) + epsilon)


def solve(design, target):
    solution = np.linalg.lstsq(design, target, rcond=None)[0]
    return solution, float(((design @ solution - target) ** 2).sum())


target = patches @ projection.T
vectors = normalized(target)
columns = [solve(np.stack([vectors[:, d], np.ones(40)], 1), target[:, d]) for d in range(8)]
design = np.concatenate([np.concatenate([projection * n, projection], 1) for n in normalized(patches)])
found, residual = solve(design, target.reshape(-1))
total = float(((target - target.mean(0)) ** 2).sum())
print(json.dumps({
    "patches": patches.tolist(),
    "projection": projection.tolist(),
    "total": total,
    "channels": {"scale": [s[0] for s, _ in columns], "bias": [s[1] for s, _ in columns], "residual": sum(r for _, r in columns)},
    "elements": {"scale": found[:6].tolist(), "bias": found[6:].tolist(), "residual": residual},
}))
