"""Accuracy of ONNX files on a rendered set, with onnxruntime alone: a Markdown table row for each file.

    python tools/train/measure_optotypes.py --data test.bin models/optotypes-cnn.onnx models/optotypes-vit.onnx
"""

import argparse
import json
import math
import os

import numpy as np
import onnxruntime

SIZE = 64
RECORD = 1 + 3 * SIZE * SIZE


def wilson(hits, n, z=1.959964):
    """The 95 % score interval of a share (Wilson 1927)."""
    p = hits / n
    center = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return center - half, center + half


def predict(path, images, batch=100):
    """Classes that the file at `path` gives to uint8 images (N, 64, 64, 3), preprocessed as its metadata says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rule = json.loads(session.get_modelmeta().custom_metadata_map["snellen.preprocessing"])
    mean, std = (np.array(rule[key], np.float32).reshape(3, 1, 1) for key in ("mean", "std"))
    classes = []
    for i in range(0, len(images), batch):
        x = images[i : i + batch].transpose(0, 3, 1, 2).astype(np.float32) / 255
        (logits,) = session.run(["logits"], {"image": (x - mean) / std})
        classes.append(logits.argmax(1))
    return np.concatenate(classes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("models", nargs="+")
    args = parser.parse_args()
    records = np.fromfile(args.data, np.uint8).reshape(-1, RECORD)
    labels, images = records[:, 0], records[:, 1:].reshape(-1, SIZE, SIZE, 3)
    print("| file | bytes | images | accuracy | 95 % interval |\n| --- | --- | --- | --- | --- |")
    for path in args.models:
        hits = int((predict(path, images) == labels).sum())
        low, high = wilson(hits, len(labels))
        name = os.path.basename(path)
        share = f"{100 * hits / len(labels):.2f} %"
        print(f"| `{name}` | {os.path.getsize(path):,} | {len(labels):,} | {share} | {100 * low:.2f}–{100 * high:.2f} % |")


if __name__ == "__main__":
    main()
