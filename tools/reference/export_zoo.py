# Exports the architectures of zoo.json with both exporters, each with its PyTorch input gradient beside it.
# Usage: python export_zoo.py --out DIR [--list zoo.json] [--group first|wide|opsets] [--only REGEX]
import argparse
import contextlib
import fnmatch
import json
import os
import re
import resource
import signal
import sys
import time
import traceback

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import onnxruntime  # noqa: F401  (imported before the fork, so that children start warm)
import onnxscript  # noqa: F401
import timm  # noqa: F401
import torch
import torchvision  # noqa: F401
import transformers  # noqa: F401

from oracle import EXPORTERS, export_onnx, gradients_of, ort_run, relative_error
from zoo_models import build

SEED = 0
INPUT_SEEDS = (100, 101, 102)
ARRAYS = ("x", "seed", "logits", "grad", "grad64")


def reference(model, size, npz, sibling):
    """Writes npz, or links the other exporter's when the model gives the logits saved there. Returns
    (arrays, facts)."""
    shape = (2, 3, size, size)
    if os.path.exists(sibling):
        with np.load(sibling) as saved:
            arrays = {k: saved[k] for k in saved.files}
        if arrays["x"].shape == shape:
            with torch.no_grad():
                same = relative_error(model(torch.from_numpy(arrays["x"])), arrays["logits"]) < 1e-5
            if same:
                if os.path.exists(npz):
                    os.remove(npz)
                os.link(sibling, npz)
                with open(sibling + ".json") as file:
                    return arrays, json.load(file)
    record = gradients_of(model, shape, INPUT_SEEDS)
    arrays = {k: record[k].numpy().astype(np.float64 if k == "grad64" else np.float32) for k in ARRAYS if k in record}
    np.savez(npz, **arrays)
    facts = {k: record[k] for k in ("inputSeed", "f32Rel", "doubleError") if k in record}
    facts["gradNorm"] = float(record["grad"].norm())
    facts["logitsShape"] = list(record["logits"].shape)
    return arrays, facts


def export_one(entry, exporter, opset, out):
    """Runs in a child process: builds, exports, records. Returns the manifest row's facts."""
    base = f"{out}/{exporter}/{entry['family']}"
    onnx, npz = f"{base}.onnx", f"{base}.npz"
    other = EXPORTERS[1 - EXPORTERS.index(exporter)]
    model, size, dropped = build(entry, SEED)
    row = {"size": size, "blocksCut": dropped, "parameters": sum(p.numel() for p in model.parameters())}
    arrays, facts = reference(model, size, npz, f"{out}/{other}/{entry['family']}.npz")
    with open(npz + ".json", "w") as file:
        json.dump(facts, file)
    row |= facts
    x = torch.from_numpy(arrays["x"])
    export_onnx(model, x, onnx + ".part", exporter, opset)
    os.replace(onnx + ".part", onnx)
    row["onnxBytes"] = os.path.getsize(onnx)
    try:
        logits = ort_run(onnx, arrays["x"])
        row["ortRel"] = relative_error(logits, arrays["logits"])
        row["ortMaxAbs"] = float(np.abs(logits - arrays["logits"]).max())
    except Exception as error:
        row["ortError"] = f"{type(error).__name__}: {error}"[:300]
        return row
    try:
        three = ort_run(onnx, np.concatenate([arrays["x"], arrays["x"][:1]]))
        row["ortBatch3Rel"] = relative_error(three, np.concatenate([arrays["logits"], arrays["logits"][:1]]))
    except Exception as error:
        row["ortBatch3Error"] = f"{type(error).__name__}: {error}"[:300]
    return row


def child(entry, exporter, opset, out, log, result, limit):
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    with open(log, "w") as stream, contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        try:
            row = {"status": "ok", **export_one(entry, exporter, opset, out)}
        except BaseException as error:
            traceback.print_exc()
            row = {"status": "failed", "error": f"{type(error).__name__}: {error}"[:400]}
        with open(result, "w") as file:
            json.dump(row, file)


def in_child(entry, exporter, opset, out, limit):
    """Forks and returns the row. The child has `limit` seconds of processor time and eight times as many on the
    clock, for machines that are busy otherwise; a crash or a hang loses only this export."""
    base = f"{out}/logs/{exporter}-{entry['family']}"
    log, result = f"{base}.log", f"{base}.json"
    if os.path.exists(result):
        os.remove(result)
    start = time.time()
    pid = os.fork()
    if pid == 0:
        try:
            child(entry, exporter, opset, out, log, result, limit)
        finally:
            os._exit(0)
    status = None
    while time.time() - start < 8 * limit:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return {"status": "timeout", "seconds": round(time.time() - start, 1)}
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return {"status": "timeout", "seconds": round(time.time() - start, 1)}
    if not os.path.exists(result):
        return {"status": "crashed", "waitStatus": status, "seconds": round(time.time() - start, 1)}
    with open(result) as file:
        row = json.load(file)
    os.remove(result)
    return {**row, "seconds": round(time.time() - start, 1)}


def load_manifest(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)


def save_manifest(path, rows):
    with open(path + ".tmp", "w") as file:
        json.dump(rows, file, indent=1)
    os.replace(path + ".tmp", path)


def jobs_of(zoo, group):
    """(entry, exporter, opset, folder) in order. Group `opsets` holds named families at other opsets."""
    families = {e["family"]: e for g in ("first", "wide") for e in zoo[g]}
    for name in ("first", "opsets", "wide") if group == "all" else (group,):
        if name == "opsets":
            for exporter, opsets in zoo["opsets"]["versions"].items():
                for opset in opsets:
                    for family in zoo["opsets"]["families"]:
                        yield families[family], exporter, opset, f"opsets/{opset}"
            continue
        for exporter in EXPORTERS:
            for entry in zoo[name]:
                yield entry, exporter, None, ""


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--list", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "zoo.json"))
    arguments.add_argument("--group", default="all", choices=("all", "first", "wide", "opsets"))
    arguments.add_argument("--only", default="*", help="glob over family names")
    arguments.add_argument("--limit", type=int, default=120, help="processor seconds per export")
    arguments.add_argument("--retry", action="store_true", help="try again what failed or timed out before")
    arguments.add_argument("--max-gb", type=float, default=22, help="stop when the .onnx files reach this size")
    arguments.add_argument("--max-mb", type=float, default=25, help="group wide: no second exporter for larger files")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    manifest = f"{options.out}/manifest.json"
    with open(options.list) as file:
        zoo = json.load(file)
    for entry, exporter, opset, folder in jobs_of(zoo, options.group):
        if not fnmatch.fnmatch(entry["family"], options.only):
            continue
        rows = load_manifest(manifest)
        key = (entry["family"], exporter, folder)
        old = [r for r in rows if (r["family"], r["exporter"], r["folder"]) == key]
        if old and (old[0]["status"] == "ok" or not options.retry):
            continue
        sibling = next((r for r in rows if r["family"] == key[0] and r["folder"] == folder), {})
        if entry in zoo["wide"] and not folder and sibling.get("onnxBytes", 0) > options.max_mb * 1e6:
            continue
        if sum(r.get("onnxBytes", 0) for r in rows) > options.max_gb * 1e9:
            sys.exit(f"the zoo has reached {options.max_gb} GB")
        out = os.path.join(options.out, folder) if folder else options.out
        for sub in (*EXPORTERS, "logs"):
            os.makedirs(f"{out}/{sub}", exist_ok=True)
        row = in_child(entry, exporter, opset, out, options.limit)
        base = f"{out}/{exporter}/{entry['family']}"
        row = {
            "family": entry["family"],
            "exporter": exporter,
            "folder": folder,
            "opset": opset,
            "source": entry["source"],
            "name": entry.get("name"),
            "onnx": f"{base}.onnx",
            "npz": f"{base}.npz",
            **row,
        }
        rows = [r for r in load_manifest(manifest) if (r["family"], r["exporter"], r["folder"]) != key]
        save_manifest(manifest, [*rows, row])
        print(time.strftime("%H:%M:%S"), exporter, entry["family"], folder, row["status"], row["seconds"],
              re.sub(r"\s+", " ", row.get("error", "") or row.get("ortError", ""))[:120],
              f"ort {row.get('ortRel')} f32 {row.get('f32Rel')}", flush=True)


if __name__ == "__main__":
    main()
