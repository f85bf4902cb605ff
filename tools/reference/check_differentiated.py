# Checks files that `snellen differentiate` writes: valid ONNX, standard operators only, and at several batch sizes in Python's
# onnxruntime the gradients that PyTorch recorded.
#
#     python check_differentiated.py [--zoo DIR] [--only 'tv-*'] model.onnx…
#
# With --zoo, every <zoo>/<exporter>/<name>.onnx that has an .npz beside it (export_zoo.py) is checked as well. A model without
# recorded gradients is checked by a finite difference in a random direction.
import argparse
import fnmatch
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


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def differentiate(model, out, *flags):
    command = ["node", str(SNELLEN), "differentiate", str(model), "-o", out, *flags]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[0])


def cosine(a, b):
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    return 1.0 if norms == 0 and np.allclose(a, b) else float(a @ b / max(norms, 1e-300))


def inputs_of(sess, batch, rng):
    feeds = {}
    for value in sess.get_inputs():
        shape = [d if isinstance(d, int) else batch for d in value.shape]
        if "uint8" in value.type:
            feeds[value.name] = rng.integers(0, 256, shape, dtype=np.uint8)
        else:
            dtype = np.float16 if "float16" in value.type else np.float32
            feeds[value.name] = rng.standard_normal(shape).astype(dtype)
    return feeds


def check(path):
    recorded = path.with_suffix(".npz")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "grad.onnx")
        differentiate(path, out)
        onnx.checker.check_model(out, full_check=True)
        foreign = {n.domain for n in onnx.load(out, load_external_data=False).graph.node} - STANDARD
        assert not foreign, f"operators of {foreign}"
        sess = session(out)
        names = [v.name for v in sess.get_inputs()]
        seed_name = next(n for n in names if n.startswith("seed_"))
        x_name = next(n for n in names if n != seed_name)
        grad_name = "grad_" + x_name
        fixed = isinstance(sess.get_inputs()[names.index(x_name)].shape[0], int)
        assert session(str(path)).get_inputs()[0].name == x_name, "the input's name changed"
        rng = np.random.default_rng(1)
        if recorded.exists() and not fixed:
            data = np.load(recorded)
            run = lambda x, s: sess.run([grad_name], {x_name: x, seed_name: s})[0]
            x, seed = data["x"], data["seed"].reshape(data["seed"].shape)
            found = [cosine(run(x, seed), data["grad64"])]
            # one row alone and three rows must give the rows' own gradients
            found.append(cosine(run(x[:1], seed[:1]), data["grad64"][:1]))
            three = run(np.concatenate([x, x[:1]]), np.concatenate([seed, seed[:1]]))
            found.append(cosine(three, np.concatenate([data["grad64"], data["grad64"][:1]])))
            return "cosine with PyTorch at batch 2, 1, 3: " + " ".join(f"{c:.6f}" for c in found), min(found) > 0.999
        return finite_difference(sess, x_name, seed_name, grad_name, rng, fixed)


def finite_difference(sess, x_name, seed_name, grad_name, rng, fixed):
    texts, good = [], True
    for batch in (1,) if fixed else (1, 2, 3):
        feeds = inputs_of(sess, batch, rng)
        if feeds[x_name].dtype == np.uint8:
            grad = sess.run([grad_name], feeds)[0]
            texts.append(f"batch {batch}: |gradient| {np.abs(grad).max():.1e}")
            good = good and np.isfinite(grad).all() and np.abs(grad).max() > 0
            continue
        of = seed_name.removeprefix("seed_")
        feeds[x_name] = feeds[x_name] * 40 if "face" in str(x_name) else feeds[x_name]
        grad = sess.run([grad_name], feeds)[0].astype(np.float64)
        v = rng.standard_normal(feeds[x_name].shape).astype(np.float32)
        h = 1e-3
        value = lambda x: float((sess.run([of], {**feeds, x_name: x})[0].astype(np.float64) * feeds[seed_name]).sum())
        numeric = (value(feeds[x_name] + h * v) - value(feeds[x_name] - h * v)) / (2 * h)
        exact = float((grad * v).sum())
        # in a random direction the derivative is about as large as the gradient's norm; kinks of ReLUs lie within h
        error = abs(numeric - exact) / max(np.linalg.norm(grad), 1e-6)
        texts.append(f"batch {batch}: {exact:.5g} (difference {numeric:.5g})")
        good = good and error < 0.1
    return "; ".join(texts), good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", type=pathlib.Path)
    parser.add_argument("--zoo", type=pathlib.Path)
    parser.add_argument("--only", default="*")
    args = parser.parse_args()
    models = list(args.models)
    if args.zoo:
        models += sorted(p for p in args.zoo.glob("*/*.onnx") if p.with_suffix(".npz").exists())
    failed = 0
    for path in models:
        if not fnmatch.fnmatch(path.stem, args.only):
            continue
        try:
            text, good = check(path)
        except Exception as error:
            text, good = f"{type(error).__name__}: {str(error)[:300]}", False
        failed += not good
        print("ok  " if good else "FAIL", f"{path.parent.name}/{path.stem}", text, flush=True)
    sys.exit(failed > 0)


main()
