"""Reconstruction errors of scikit-learn's non-negative matrix factorization, the best of several starts, for small features.

Usage: python nmf_errors.py <file>   (committed as packages/snellen/src/cam/fixtures/nmf.json)

{ "dims": [N, K, h, w], "features": [...], "errors": { "<components>": |V - W.H| / |V| } }; V has a row a position and a column a
channel, as in pytorch-grad-cam's DeepFeatureFactorization, whose solver this is. scikit-learn 1.9.1.
"""

import json
import sys

import numpy as np
from sklearn.decomposition import NMF

N, K, H, W = 3, 20, 5, 6
RANK = 7


def features(rng):
    """As behind a ReLU: sparse, of a few causes that overlap, with noise."""
    where = np.maximum(rng.standard_normal((N, RANK, H, W)), 0)
    what = np.maximum(rng.standard_normal((RANK, K)) - 0.3, 0)
    noise = 0.4 * rng.standard_normal((N, K, H, W))
    return np.maximum(np.einsum("nrhw,rk->nkhw", where, what) + noise - 0.2, 0).round(2)


def main():
    values = features(np.random.default_rng(0))
    rows = values.transpose(0, 2, 3, 1).reshape(-1, K)
    errors = {}
    for components in (1, 2, 4, 7, 10):
        starts = [dict(init="nndsvda")] + [dict(init="random", random_state=seed) for seed in range(20)]
        found = [NMF(components, max_iter=5000, tol=1e-7, **start).fit(rows).reconstruction_err_ for start in starts]
        errors[components] = round(min(found) / np.linalg.norm(rows), 6)
        print(components, errors[components], "worst start", round(max(found) / np.linalg.norm(rows), 6))
    with open(sys.argv[1], "w") as file:
        json.dump({"dims": values.shape, "features": values.ravel().tolist(), "errors": errors}, file, separators=(",", ":"))
        file.write("\n")


main()
