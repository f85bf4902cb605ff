"""Records what imagecorruptions 1.1.2 makes of one small picture, as the oracle of packages/snellen/src/corruptions.

Run: python tools/reference/corruptions.py [folder]
in an environment of requirements-corruptions.txt. Writes packages/snellen/src/corruptions/fixtures/reference, the same files at
every run:

clean/         the picture, 45 wide and 37 high, of scikit-image's astronaut (NASA, public domain)
deterministic/ <picture>__<corruption>__<severity>.png of the 8 corruptions that draw nothing
recorded/      the same of the 11 others, given the draws that are stored
draws/         index.json: for each recorded picture the files and numbers that were drawn; and the files
stats.json     mean, std, min and max of 26 statistics over 64 seeds, of the random ones but frost

Draws are rounded to the type that they are stored in before the reference runs, so that its picture is an exact function of what is
stored: `z` normal float16; `counts` Poisson uint8; `mask` uint8 (0 keeps, 1 is 0, 2 is 255); `deltas` int8 (dx, dy) in the
order of drawing; `angle_deg`; `plasma_crop` float32 in [0, 1]; `texture_crop` RGB; `u_dx`, `u_dy` float16 in [0, 1] (the field
before smoothing is -m + 2 m u). Beside them `elastic_dx`, `elastic_dy` float32, the smoothed displacements, and of diamond-square
`plasma_n32_decay<d>__u`, all uniforms in the order of drawing (e = wob (-wob + 2 wob u)), and `__map`.

Frost's texture is ours and not one of the library's photographs, whose licences are unknown.
"""

import contextlib
import json
import pathlib
import shutil
import sys
import warnings
from unittest import mock

import cv2
import numpy as np
import skimage.data
from PIL import Image

from corruption_statistics import NAMES, statistics
from patched_imagecorruptions import import_patched

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/snellen/src/corruptions/fixtures/reference"

WIDTH, HEIGHT = 45, 37
PICTURE = "astronaut_w45_h37"
SEVERITIES = range(1, 6)
SEEDS = 64
PLASMA_SIZE = 32
# the library's own, for taking draws apart: of elastic_transform, of fog
ELASTIC_ALPHA = {severity: 250 * share for severity, share in zip(SEVERITIES, (0.05, 0.065, 0.085, 0.1, 0.12))}
FOG_DECAYS = (2, 1.7, 1.5, 1.4)

library = import_patched()
real_generator = np.random.default_rng


def clean_picture():
    """Saturated orange, skin, black, white, a badge of fine detail."""
    crop = Image.fromarray(skimage.data.astronaut()).crop((60, 130, 450, 450))
    return np.asarray(crop.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def frost_texture():
    """Smooth noise with bright streaks, BGR as OpenCV reads pictures; smaller than the picture in one direction."""
    rng = np.random.RandomState(5)
    coarse = cv2.resize(rng.uniform(60, 220, (9, 12, 3)), (80, 32), interpolation=cv2.INTER_CUBIC)
    streaks = np.uint8(np.clip(coarse, 0, 255))
    for _ in range(14):
        ends = [tuple(int(v) for v in rng.uniform((0, 0), (80, 32))) for _ in range(2)]
        cv2.line(streaks, *ends, tuple(int(v) for v in rng.randint(200, 256, 3)), 1)
    return streaks


def run(corruption, picture, severity):
    """Fails where the reference divides by zero, as spatter does when it finds no edge."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return library.corrupt(picture, severity=severity, corruption_name=corruption)


class Files:
    """Writes draws, and knows what each picture drew."""

    def __init__(self, folder):
        self.folder, self.index = folder, {}

    def array(self, name, values, dtype):
        stored = np.asarray(values).astype(dtype)
        assert np.isfinite(stored).all() and (stored.dtype.kind == "f" or (stored == values).all())
        np.save(self.folder / f"{name}.npy", stored)
        return f"{name}.npy"


def save_png(path, picture):
    Image.fromarray(picture).save(path, optimize=True)


# How each random corruption's draws are replaced. Each takes the stored arrays of all severities and the severity, and gives what
# is patched while the reference runs, and a function that gives the index's entry afterwards.


def with_normals(key):
    def normals(shared, files, severity):
        z = shared[key].astype(np.float64)

        def normal(loc=0.0, scale=1.0, size=None):
            assert size == z.shape
            return loc + scale * z

        patches = [mock.patch.object(np.random, "normal", normal)]
        return patches, lambda: {"z": f"{PICTURE}__{key}.npy"}

    return normals


def with_counts(shared, files, severity):
    drawn = []
    poisson = lambda lam: drawn.append(np.random.RandomState(100 + severity).poisson(lam)) or drawn[-1]
    entry = lambda: {"counts": files.array(f"{PICTURE}__poisson__{severity}", drawn[0], np.uint8)}
    return [mock.patch.object(np.random, "poisson", poisson)], entry


def with_mask(shared, files, severity):
    """scikit-image draws from a generator of its own; a grey picture under the same seed shows what it drew."""
    drawn = []
    real = library.corruptions.sk.util.random_noise

    def random_noise(x, mode, amount):
        grey = real(np.full(x.shape, 0.5), mode=mode, rng=200 + severity, amount=amount)
        drawn.append(np.select([grey == 0, grey == 1], [1, 2]))
        return real(x, mode=mode, rng=200 + severity, amount=amount)

    entry = lambda: {"mask": files.array(f"{PICTURE}__impulse__{severity}", drawn[0], np.uint8)}
    return [mock.patch.object(library.corruptions.sk.util, "random_noise", random_noise)], entry


def with_deltas(shared, files, severity):
    rng, drawn = np.random.RandomState(300 + severity), []
    randint = lambda low, high, size: drawn.append(rng.randint(low, high, size=size)) or drawn[-1]
    entry = lambda: {"deltas": files.array(f"{PICTURE}__glass__{severity}", np.array(drawn), np.int8)}
    return [mock.patch.object(np.random, "randint", randint)], entry


def with_angle(shared, files, severity):
    rng, drawn = np.random.RandomState(400 + severity), []
    uniform = lambda low, high: drawn.append(round(rng.uniform(low, high), 4)) or drawn[-1]
    return [mock.patch.object(np.random, "uniform", uniform)], lambda: {"angle_deg": drawn[0]}


def with_flakes(shared, files, severity):
    normals, z = with_normals("z_mono")(shared, files, severity)
    uniform, angle = with_angle(shared, files, severity)
    return [*normals, *uniform], lambda: {**z(), **angle()}


def with_texture(shared, files, severity):
    rng, drawn, resized = np.random.RandomState(500 + severity), [], []
    real, texture = cv2.resize, frost_texture()
    randint = lambda *limits: drawn.append(int(rng.randint(*limits))) or drawn[-1]
    resize = lambda *args, **options: resized.append(real(*args, **options)) or resized[-1]

    def entry():
        _, row, column = drawn
        name = f"{PICTURE}__frostcrop__{severity}.png"
        crop = resized[0][row : row + HEIGHT, column : column + WIDTH, ::-1]
        save_png(files.folder / name, np.ascontiguousarray(crop))
        return {
            "texture_crop": name,
            "row0": row,
            "col0": column,
            "resized_wh": [resized[0].shape[1], resized[0].shape[0]],
        }

    patches = [
        mock.patch.object(np.random, "randint", randint),
        mock.patch.object(cv2, "imread", lambda _: texture),
        mock.patch.object(cv2, "resize", resize),
    ]
    return patches, entry


def with_plasma(shared, files, severity):
    drawn = []
    real = library.corruptions.plasma_fractal

    def plasma_fractal(mapsize, wibbledecay):
        np.random.seed(600 + severity)
        drawn.append(real(mapsize, wibbledecay).astype(np.float32))
        return drawn[0].astype(np.float64)

    entry = lambda: {
        "plasma_crop": files.array(f"{PICTURE}__plasma__{severity}", drawn[0][:HEIGHT, :WIDTH], np.float32),
        "mapsize": len(drawn[0]),
    }
    return [mock.patch.object(library.corruptions, "plasma_fractal", plasma_fractal)], entry


def with_displacements(shared, files, severity):
    waiting, smoothed = [shared["u_dx"], shared["u_dy"]], []
    real = library.corruptions.gaussian
    uniform = lambda low, high, size: low + (high - low) * waiting.pop(0).astype(np.float64)
    gaussian = lambda *args, **options: smoothed.append(real(*args, **options)) or smoothed[-1]

    def entry():
        for axis, field in zip(("dx", "dy"), smoothed, strict=True):
            if severity in (1, 5):
                moved = (field * ELASTIC_ALPHA[severity]).astype(np.float32)
                files.array(f"{PICTURE}__elastic_{axis}__{severity}", moved, np.float32)
        return {axis: f"{PICTURE}__{axis}.npy" for axis in ("u_dx", "u_dy")}

    patches = [
        mock.patch.object(np.random, "uniform", uniform),
        mock.patch.object(library.corruptions, "gaussian", gaussian),
    ]
    return patches, entry


REPLACED = {
    "gaussian_noise": with_normals("z_rgb"),
    "shot_noise": with_counts,
    "impulse_noise": with_mask,
    "speckle_noise": with_normals("z_rgb"),
    "glass_blur": with_deltas,
    "motion_blur": with_angle,
    "snow": with_flakes,
    "frost": with_texture,
    "fog": with_plasma,
    "spatter": with_normals("z_mono"),
    "elastic_transform": with_displacements,
}


def write_deterministic(folder, picture):
    for corruption in library.corruption_dict:
        if corruption not in REPLACED:
            for severity in SEVERITIES:
                save_png(folder / f"{PICTURE}__{corruption}__{severity}.png", run(corruption, picture, severity))


def shared_draws(files):
    """What serves all severities."""
    rng = np.random.RandomState(11)
    shared = {
        "z_rgb": rng.standard_normal((HEIGHT, WIDTH, 3)),
        "z_mono": rng.standard_normal((HEIGHT, WIDTH)),
        "u_dx": rng.uniform(size=(HEIGHT, WIDTH)),
        "u_dy": rng.uniform(size=(HEIGHT, WIDTH)),
    }
    for name, values in shared.items():
        files.array(f"{PICTURE}__{name}", values, np.float16)
    return {name: values.astype(np.float16) for name, values in shared.items()}


def write_recorded(folder, picture, files):
    shared = shared_draws(files)
    for corruption, replaced in REPLACED.items():
        for severity in SEVERITIES:
            patches, entry = replaced(shared, files, severity)
            with contextlib.ExitStack() as stack:
                for patch in patches:
                    stack.enter_context(patch)
                made = run(corruption, picture, severity)
            assert (made != picture).any(), f"{corruption} {severity} changes nothing"
            name = f"{PICTURE}__{corruption}__{severity}"
            save_png(folder / f"{name}.png", made)
            files.index[name] = entry()
    (files.folder / "index.json").write_text(f"{json.dumps(files.index, indent=0)}\n")


def write_plasma_vectors(files):
    u = np.random.RandomState(12).uniform(size=PLASMA_SIZE**2 - 1).astype(np.float16)
    for decay in FOG_DECAYS:
        waiting = u.astype(np.float64)

        def uniform(low, high, shape):
            nonlocal waiting
            count = int(np.prod(shape))
            taken, waiting = waiting[:count], waiting[count:]
            return low + (high - low) * taken.reshape(shape)

        with mock.patch.object(np.random, "uniform", uniform):
            made = library.corruptions.plasma_fractal(PLASMA_SIZE, decay)
        assert waiting.size == 0
        files.array(f"plasma_n{PLASMA_SIZE}_decay{decay}__u", u, np.float16)
        files.array(f"plasma_n{PLASMA_SIZE}_decay{decay}__map", made.astype(np.float32), np.float32)


def spread_over_seeds(corruption, picture, severity):
    samples = []
    for seed in range(SEEDS):
        np.random.seed(seed)
        with mock.patch.object(np.random, "default_rng", lambda _=None: real_generator(seed)):
            samples.append(statistics(run(corruption, picture, severity), picture))
    digits = lambda values: [float(f"{value:.6g}") for value in values]
    mean, std = np.mean(samples, axis=0), np.std(samples, axis=0, ddof=1)
    spread = {"mean": mean, "std": std, "min": np.min(samples, axis=0), "max": np.max(samples, axis=0)}
    return {name: digits(values) for name, values in spread.items()}


def write_statistics(path, picture):
    stats = {
        corruption: {str(severity): spread_over_seeds(corruption, picture, severity) for severity in SEVERITIES}
        for corruption in REPLACED
        if corruption != "frost"
    }
    document = {"seeds": SEEDS, "names": NAMES, "stats": {PICTURE: stats}}
    path.write_text(f"{json.dumps(document, separators=(',', ':'))}\n")


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    folders = [out / name for name in ("clean", "deterministic", "recorded", "draws")]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    clean, deterministic, recorded, draws = folders
    picture, files = clean_picture(), Files(draws)
    save_png(clean / f"{PICTURE}.png", picture)
    write_deterministic(deterministic, picture)
    write_recorded(recorded, picture, files)
    write_plasma_vectors(files)
    write_statistics(out / "stats.json", picture)


if __name__ == "__main__":
    main()
