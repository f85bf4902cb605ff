"""Accuracy of a classifier under ImageNet-C's corruptions as Python has it: Pillow, imagecorruptions 1.1.2, ONNX Runtime.

Run: python bench/robustness_reference.py --model <file.onnx> --images <folder> [--out robustness-reference.json]
     [--mean 127] [--std 128] [--short-side 256] [--size 224] [--limit N]
in an environment of tools/reference/requirements-corruptions.txt. One core; stops and goes on where it was (<out>.lines holds a
line a picture). Files are named `<class>_<anything>`. NumPy is seeded by CRC-32 of "file|corruption|severity". glass_blur's loop,
which takes seconds in Python, is compiled here; each run first checks that it gives the same bytes as the library's.

Writes {"model", "images", "files", "labels", "clean": [[class, probability] …], "corrupted": {corruption: {severity: [[class,
probability] … a picture]}}, "summary"}; prints the summary: top-1 errors by corruption and severity, their means, mCE over the
errors of AlexNet that ImageNet-C is counted by, and mCE without them (the mean error of the fifteen).
"""

import argparse
import json
import os
import pathlib
import sys
import time
import zlib

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ[name] = "1"

import cv2
import numba
import numpy as np
import onnxruntime
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools" / "reference"))
from patched_imagecorruptions import import_patched

cv2.setNumThreads(1)
SEVERITIES = range(1, 6)

# Top-1 error of AlexNet on ImageNet-C, mean of five severities (Hendrycks & Dietterich 2019, table 1 and its scripts).
ALEXNET = {
    "gaussian_noise": 0.886428,
    "shot_noise": 0.894468,
    "impulse_noise": 0.922640,
    "defocus_blur": 0.819880,
    "glass_blur": 0.826268,
    "motion_blur": 0.785948,
    "zoom_blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic_transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
}


def cropped(path, short_side, size):
    """Short side bicubic, then the centre, as torchvision's Resize and CenterCrop place them; 8 bits."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    width, height = picture.size
    short = min(width, height)
    resized = picture.resize(
        (int(short_side * width / short), int(short_side * height / short)), Image.Resampling.BICUBIC
    )
    left, top = (round((side - size) / 2) for side in resized.size)
    return np.asarray(resized.crop((left, top, left + size, top + size)))


@numba.njit
def copy_pixels(picture, offsets, reach):
    drawn = 0
    while drawn < len(offsets):
        for row in range(picture.shape[0] - reach, reach, -1):
            for column in range(picture.shape[1] - reach, reach, -1):
                picture[row, column] = picture[row + offsets[drawn, 1], column + offsets[drawn, 0]]
                drawn += 1


def compiled_glass_blur(library):
    """The library's glass_blur with the same draws, taken at once."""
    gaussian = library.corruptions.gaussian

    def glass_blur(image, severity=1):
        sigma, reach, iterations = [(0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)][severity - 1]
        picture = np.uint8(gaussian(np.array(image) / 255.0, sigma=sigma, channel_axis=-1) * 255)
        targets = (picture.shape[0] - 2 * reach) * (picture.shape[1] - 2 * reach)
        copy_pixels(picture, np.random.randint(-reach, reach, size=(iterations * targets, 2)), reach)
        return np.clip(gaussian(picture / 255.0, sigma=sigma, channel_axis=-1), 0, 1) * 255

    return glass_blur


def use_compiled_glass_blur(library, picture):
    """Puts it in the library's place once both agree on a picture at all severities."""
    theirs = [corrupted(library, picture, "check", "glass_blur", severity) for severity in SEVERITIES]
    library.corruption_dict["glass_blur"] = compiled_glass_blur(library)
    ours = [corrupted(library, picture, "check", "glass_blur", severity) for severity in SEVERITIES]
    if not np.array_equal(theirs, ours):
        raise SystemExit("the compiled glass_blur differs from the library's")
    print("compiled glass_blur gives the library's own bytes at all severities", file=sys.stderr, flush=True)


class Classifier:
    def __init__(self, path, mean, std):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.mean, self.std = mean, std

    def top(self, picture):
        """The best class and its softmax."""
        x = ((picture.astype(np.float32) - self.mean) / self.std).transpose(2, 0, 1)[None]
        scores = self.session.run(None, {self.input: np.ascontiguousarray(x)})[0][0].astype(np.float64)
        shares = np.exp(scores - scores.max())
        best = int(scores.argmax())
        return [best, round(float(shares[best] / shares.sum()), 6)]


def corrupted(library, picture, key, corruption, severity):
    """impulse_noise draws from a generator of its own, which scikit-image leaves unseeded."""
    seed = zlib.crc32(f"{key}|{corruption}|{severity}".encode())
    np.random.seed(seed)
    fresh = np.random.default_rng
    np.random.default_rng = lambda _=None: fresh(seed)
    try:
        return library.corrupt(picture, severity=severity, corruption_name=corruption)
    finally:
        np.random.default_rng = fresh


def row_of(path, library, classifier, args):
    picture = cropped(path, args.short_side, args.size)
    return {
        "file": path.name,
        "clean": classifier.top(picture),
        "corrupted": {
            name: {
                str(severity): classifier.top(corrupted(library, picture, path.name, name, severity))
                for severity in SEVERITIES
            }
            for name in library.get_corruption_names("all")
        },
    }


def summary_of(rows, labels, names):
    wrong = lambda tops: float(np.mean([top[0] != label for top, label in zip(tops, labels)]))
    errors = {
        name: [wrong([row["corrupted"][name][str(severity)] for row in rows]) for severity in SEVERITIES]
        for name in names
    }
    means = {name: float(np.mean(by_severity)) for name, by_severity in errors.items()}
    return {
        "images": len(rows),
        "cleanError": wrong([row["clean"] for row in rows]),
        "errors": errors,
        "meanErrors": means,
        "mCE": float(np.mean([means[name] / ALEXNET[name] for name in ALEXNET])),
        "meanErrorOfFifteen": float(np.mean([means[name] for name in ALEXNET])),
        "meanErrorOfNineteen": float(np.mean(list(means.values()))),
    }


def table_of(summary):
    lines = [
        f"{summary['images']} pictures, clean error {summary['cleanError']:.4f}, mCE {summary['mCE']:.4f}, "
        f"mean error of the fifteen {summary['meanErrorOfFifteen']:.4f}, of the nineteen {summary['meanErrorOfNineteen']:.4f}",
        "",
        "| corruption | 1 | 2 | 3 | 4 | 5 | mean error |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, errors in summary["errors"].items():
        lines.append(f"| {name} | {' | '.join(f'{e:.3f}' for e in errors)} | {summary['meanErrors'][name]:.4f} |")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--out", default="robustness-reference.json", type=pathlib.Path)
    parser.add_argument("--mean", default=127, type=float)
    parser.add_argument("--std", default=128, type=float)
    parser.add_argument("--short-side", default=256, type=int)
    parser.add_argument("--size", default=224, type=int)
    parser.add_argument("--limit", type=int)
    return parser.parse_args()


def main():
    args = arguments()
    library, classifier = import_patched(), Classifier(args.model, args.mean, args.std)
    files = sorted(path for path in args.images.iterdir() if path.suffix in {".jpg", ".jpeg", ".png"})[: args.limit]
    use_compiled_glass_blur(library, cropped(files[0], args.short_side, args.size))
    done_file = args.out.with_name(f"{args.out.name}.lines")
    lines = done_file.read_text().splitlines() if done_file.exists() else []
    done = {row["file"]: row for row in map(json.loads, lines)}
    for count, path in enumerate(files):
        if path.name in done:
            continue
        start = time.perf_counter()
        done[path.name] = row_of(path, library, classifier, args)
        with done_file.open("a") as file:
            file.write(f"{json.dumps(done[path.name])}\n")
        print(f"{count + 1} of {len(files)}, {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
    rows = [done[path.name] for path in files]
    labels = [int(path.name.split("_")[0]) for path in files]
    names = library.get_corruption_names("all")
    summary = summary_of(rows, labels, names)
    document = {
        "model": pathlib.Path(args.model).name,
        "preprocess": {key: getattr(args, key) for key in ("mean", "std", "short_side", "size")},
        "files": [path.name for path in files],
        "labels": labels,
        "clean": [row["clean"] for row in rows],
        "corrupted": {
            name: {str(s): [row["corrupted"][name][str(s)] for row in rows] for s in SEVERITIES} for name in names
        },
        "summary": summary,
    }
    args.out.write_text(f"{json.dumps(document)}\n")
    print(table_of(summary))


if __name__ == "__main__":
    main()
