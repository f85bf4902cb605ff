"""Gaussian fits of small receptive fields by SciPy's curve_fit, and high-contribution areas by NumPy.

Usage: python field_fits.py <file>   (committed as packages/snellen/src/receptive-field/size/fixtures/field-fits.json)

{ "small": [{ "name", "dims": [H, W], "values": whole numbers, "start": where SciPy started,
              "fit": { "amplitude", "centreX", "centreY", "sigmaX", "sigmaY", "r2" },
              "areas": [[threshold, side, ratio]], "logAreas": the same of log10(values + 1) }],
  "large": [{ "dims", "centre": [x, y], "widths": [x, y], "start", "fit" }] }, whose values are those of `tailed`

The fit is of values / sum(values), and the same from two starts (checked here), so that it is the optimum and not where one
solver happened to stop. `areas` has nulls where no window is enough. SciPy 1.17.1, NumPy 2.4.6.
"""

import json
import sys

import numpy as np
from scipy.optimize import curve_fit

NAMES = ("amplitude", "centreX", "centreY", "sigmaX", "sigmaY")


def grid(height, width):
    y, x = np.mgrid[0:height, 0:width].astype(float)
    return x, y


def gaussian(at, amplitude, cx, cy, sx, sy):
    x, y = at
    return amplitude * np.exp(-((x - cx) ** 2) / (2 * sx**2) - (y - cy) ** 2 / (2 * sy**2)) / (2 * np.pi * sx * sy)


def shape(dims, cx, cy, sx, sy):
    return gaussian(grid(*dims), 2 * np.pi * sx * sy, cx, cy, sx, sy)


def fields(rng):
    square = (40, 40)
    x, y = grid(*square)
    plain = shape(square, 20, 18.5, 6, 4)
    comb = np.where((x % 2 == 0) & (y % 2 == 0), 1.0, 0.15)
    distance = np.hypot((x - 19) / 1.3, y - 21)
    wide = shape((96, 160), 84, 50, 25, 14)
    spike = 0.35 * shape(square, 20, 20, 9, 11) + 0.1
    spike[20, 20] = spike[19, 20] = 1
    yield "exact", plain
    yield "noisy", np.maximum(plain * rng.gamma(2, 0.5, square) + 0.02 * rng.standard_normal(square), 0)
    yield "non-square", wide * rng.gamma(4, 0.25, wide.shape)
    yield "off-centre", shape(square, 31.3, 7.8, 3.2, 5.1) * rng.gamma(9, 1 / 9, square)
    yield "cut off", shape(square, 12, 36, 33, 24)
    yield "checkerboard", shape(square, 19.5, 20.5, 8, 7) * comb
    yield "heavy tails", (1 + (distance / 4) ** 2) ** -1.5
    yield "spike on a base", spike
    yield "narrow", shape(square, 20.2, 19.7, 0.8, 1.1)
    yield "background", 0.3 + 0.7 * shape(square, 20, 20, 5, 5) + 0.02 * rng.standard_normal(square)


def tailed(dims, centre, widths):
    """Heavy tails and a checkerboard; the tests make the same from the same few numbers."""
    x, y = grid(*dims)
    square = ((x - centre[0]) / widths[0]) ** 2 + ((y - centre[1]) / widths[1]) ** 2
    return (1 + square) ** -1.5 * np.where((x + y) % 2 == 0, 1.0, 0.25)


LARGE = [((600, 520), (270.3, 288.6), (60, 85)), ((700, 700), (101.2, 598.7), (7, 9))]


def named(values):
    return dict(zip(NAMES, np.round(values, 7).tolist()))


def fit(values, start):
    height, width = values.shape
    x, y = grid(height, width)
    target = values / values.sum()
    found, _ = curve_fit(
        gaussian, (x.ravel(), y.ravel()), target.ravel(), p0=start, maxfev=20000, ftol=1e-13, xtol=1e-13, gtol=1e-15
    )
    found[3:] = np.abs(found[3:])
    return found, 1 - np.var(target - gaussian((x, y), *found)) / np.var(target)


def areas(picture):
    """As RepLKNet's tool finds them: windows of side 3, 5, ... around [h // 2, w // 2]."""
    h, w = picture.shape
    rows = []
    for threshold in (0.2, 0.3, 0.5, 0.99):
        rows.append([threshold, None, None])
        for i in range(1, max(h, w) // 2):
            window = picture[max(h // 2 - i, 0) : h // 2 + i + 1, max(w // 2 - i, 0) : w // 2 + i + 1]
            if window.sum() / picture.sum() > threshold:
                rows[-1] = [threshold, 2 * i + 1, window.size / picture.size]
                break
    return rows


def moments(values):
    x, y = grid(*values.shape)
    weight = np.maximum(values - np.median(values), 0)
    weight = weight / weight.sum()
    cx, cy = (weight * x).sum(), (weight * y).sum()
    return 1, cx, cy, np.sqrt((weight * (x - cx) ** 2).sum()), np.sqrt((weight * (y - cy) ** 2).sum())


def main():
    rows = []
    for name, field in fields(np.random.default_rng(0)):
        values = np.round(999 * field / field.max()).clip(0).astype(int)
        height, width = values.shape
        start = (1, width / 2, height / 2, width / 5, height / 5)
        if name == "narrow":
            start = (1, width / 2, height / 2, 2, 2)
        (found, r2), (again, _) = fit(values, start), fit(values, moments(values))
        print(name, np.round(found, 4), "r2", round(r2, 4), "starts differ by", np.abs(found - again).max())
        assert np.abs(found / again - 1).max() < 1e-5, name
        rows.append(
            dict(
                name=name,
                dims=[height, width],
                values=values.ravel().tolist(),
                start=named(start),
                fit={**named(found), "r2": round(r2, 7)},
                areas=areas(values),
                logAreas=areas(np.log10(values + 1) / np.log10(values + 1).max()),
            )
        )
    large = []
    for dims, centre, widths in LARGE:
        start = (1, *centre, *widths)
        found, r2 = fit(tailed(dims, centre, widths), start)
        print(dims, np.round(found, 4), "r2", round(r2, 4))
        own = dict(dims=dims, centre=centre, widths=widths, start=named(start), fit={**named(found), "r2": round(r2, 7)})
        large.append(own)
    lines = lambda values: ",\n".join(json.dumps(value, separators=(",", ":")) for value in values)
    with open(sys.argv[1], "w") as file:
        file.write('{"small":[\n' + lines(rows) + '\n],"large":[\n' + lines(large) + "\n]}\n")


main()
