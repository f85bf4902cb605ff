# Checks files that `snellen cam --export` writes: valid ONNX (full check), standard operators only, and in Python's onnxruntime
# the maps that `snellen cam` writes for the same batch, beside the model's own outputs as its own file gives them.
#
#     python check_exported_cam.py [--methods grad-cam,extended-cam] [--upsampling gaussian] model.onnx…
#
# Differences are relative to the largest value; bar 1e-5, as the two runtimes sum in different orders. A quantized network's outputs
# must be those of its own file with or without ONNX Runtime's optimization, which fuses quantized operators into integer kernels
# and moves these outputs by up to 10 of 255 steps; where a map reads what lies between, it cannot.
# Measured (onnxruntime 1.32, seven networks, all one-graph methods, three upsamplings): at most 1.4e-6.
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort

SNELLEN = pathlib.Path(__file__).resolve().parents[2] / "packages/cli/bin/snellen.js"
STANDARD = {"", "ai.onnx"}
BATCH = 3


def session(path, optimized=True):
    options = ort.SessionOptions()
    if not optimized:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def smooth_noise(shape, rng):
    """[N, C, H, W] with blobs, as pictures have: noise on a coarse grid, stretched."""
    n, c, h, w = shape
    coarse = rng.standard_normal((n, c, 8, 8)).astype(np.float32)
    rows, columns = np.arange(h) * 8 // h, np.arange(w) * 8 // w
    return coarse[:, :, rows][:, :, :, columns] + 0.3 * rng.standard_normal(shape).astype(np.float32)


def batch_for(value):
    """A batch as .npy holds it, float32 [N, C, H, W], and as the model takes it."""
    dims = [d if isinstance(d, int) else 0 for d in value.shape]
    is_nhwc = dims[3] in (1, 3) and dims[1] not in (1, 3)
    size = dims[1:3] if is_nhwc else dims[2:4]
    height, width = [s or 224 for s in size]
    noise = smooth_noise((BATCH, dims[3 if is_nhwc else 1] or 3, height, width), np.random.default_rng(7))
    if "uint8" in value.type:
        noise = np.clip(np.round(128 + 50 * noise), 0, 255).astype(np.float32)
    given = noise.transpose(0, 2, 3, 1) if is_nhwc else noise
    return noise, np.ascontiguousarray(given).astype(np.uint8 if "uint8" in value.type else np.float32)


def relative(found, expected):
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape, f"shape {found.shape}, expected {expected.shape}"
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-6))


def check(path, methods, upsampling):
    own, plain = session(path), session(path, optimized=False)
    value = own.get_inputs()[0]
    slots, batch = batch_for(value)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        np.save(folder / "batch.npy", slots)
        out = folder / "exported.onnx"
        flags = ["--method", ",".join(methods), "--upsampling", upsampling, "--quiet"]
        command = ["node", str(SNELLEN), "cam", str(path), "--images", str(folder / "batch.npy"), "--export", str(out)]
        done = subprocess.run(
            [*command, "--out", str(folder), *flags], capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        onnx.checker.check_model(str(out), full_check=True)
        model = onnx.load(str(out))
        foreign = {node.domain for node in model.graph.node} - STANDARD
        assert not foreign, f"operators of {foreign}"
        facts = {p.key: p.value for p in model.metadata_props}
        assert facts["snellen.method"] == ", ".join(methods) and facts["snellen.upsampling"] == upsampling, facts
        exported = session(out)
        names = [v.name for v in exported.get_outputs()]
        theirs = [v.name for v in own.get_outputs()]
        assert names[: len(theirs)] == theirs, f"outputs {names}"
        maps, cells, outputs = 0.0, 0.0, 0.0
        fixed = isinstance(exported.get_inputs()[0].shape[0], int)
        for rows in [slice(i, i + 1) for i in range(BATCH)] if fixed else [slice(0, BATCH), slice(0, 1)]:
            found = dict(zip(names, exported.run(None, {value.name: batch[rows]})))
            indices = range(BATCH)[rows]
            for j, i in enumerate(indices):
                rows_of = [np.split(found[output], len(indices))[j] for output in theirs]
                differences = [
                    max(map(relative, rows_of, of.run(None, {value.name: batch[i : i + 1]}))) for of in (own, plain)
                ]
                outputs = max(outputs, min(differences))
                for method in methods:
                    suffix = "" if len(methods) == 1 else "_" + method.replace("+", "_plus").replace("-", "_")
                    written = folder / f"batch-{i}__{method}"
                    assert np.abs(found["heatmap_cells" + suffix][j]).max() > 0, f"{method}: all cells are zero, nothing was compared"
                    maps = max(maps, relative(found["heatmap" + suffix][j], np.load(f"{written}.npy")))
                    cells = max(cells, relative(found["heatmap_cells" + suffix][j], np.load(f"{written}.cells.npy")))
    return len(model.graph.node), fixed, maps, cells, outputs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--methods", default="grad-cam,extended-cam,layer-cam")
    parser.add_argument("--upsampling", default="bilinear,gaussian,nearest")
    args = parser.parse_args()
    failed = 0
    for path in args.models:
        for upsampling in args.upsampling.split(","):
            try:
                nodes, fixed, maps, cells, outputs = check(path, args.methods.split(","), upsampling)
                good = max(maps, cells, outputs) < 1e-5
                batch = "batch 1 only" if fixed else "batch 1 and 3"
                text = f"{nodes} nodes, {batch}: maps {maps:.1e}, cells {cells:.1e}, own outputs {outputs:.1e}"
            except Exception as error:
                text, good = f"{type(error).__name__}: {str(error)[:300]}", False
            failed += not good
            print("ok  " if good else "FAIL", path.stem, upsampling, text, flush=True)
    sys.exit(failed > 0)


main()
