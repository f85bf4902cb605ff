"""The 26 statistics of a corrupted picture that distributions over seeds are recorded in.

Of one output o and its clean picture c, bytes as doubles: mean and population standard deviation of each channel; mean |o - c|
of each channel; the share of pixels of which a channel differs; log10(mean power + 0.001) in eight bands of frequency, of the
luma of o and of o - c. Luma is .299 R + .587 G + .114 B, power |F|² / (H W) of its Fourier transform F, the band min(7, int(16 r)) at
frequency r in cycles a pixel; the constant part is left out.
"""

import numpy as np

BANDS = 8
LUMA = np.array([0.299, 0.587, 0.114])
NAMES = [
    *(f"{what}_{channel}" for what in ("mean", "std", "absdiff") for channel in "rgb"),
    "changed",
    *(f"psd_{what}_{band}" for what in ("img", "res") for band in range(BANDS)),
]


def statistics(made, clean):
    o, c = made.astype(np.float64), clean.astype(np.float64)
    return np.concatenate(
        [
            o.mean(axis=(0, 1)),
            o.std(axis=(0, 1)),
            np.abs(o - c).mean(axis=(0, 1)),
            [(made != clean).any(axis=2).mean()],
            band_powers(o @ LUMA),
            band_powers((o - c) @ LUMA),
        ]
    )


def band_powers(values):
    height, width = values.shape
    power = np.abs(np.fft.fft2(values)) ** 2 / (height * width)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    bands = np.minimum(BANDS - 1, (16 * radius).astype(int))
    bands[0, 0] = -1
    return np.array([np.log10(power[bands == band].mean() + 1e-3) for band in range(BANDS)])
