"""Exports vision transformers (patch_embedding_cases.py) without their weights, with hand labels of their patch embeddings and
the names of the values that hold the vectors of patches and z0.

Usage: nice -n 10 python patch_embeddings.py <folder> [--only GLOB ...]
(writes <case>.<exporter>.onnx.gz and labels.json; committed as packages/snellen/src/patch-embedding/fixtures)

Names are found by comparing numbers: every float value of the graph as ONNX Runtime computes it, with what PyTorch's modules gave
(`projection`: the module's output, in any layout; `z0`: the first input of the first block). Each export gives PyTorch's output in
ONNX Runtime (1e-4). Opsets differ from case to case on purpose.
"""

import argparse
import contextlib
import fnmatch
import gzip
import io
import json
import logging
import os
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch

from oracle import prepare, relative_error, seed_everything, smooth_input
from patch_embedding_cases import CASES

EXTERNAL_ABOVE = 256
SAME = 1e-4
DYNAMO_OPSETS = (18, 19, 20)


def export(model, x, path, exporter, opset, optimize):
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if exporter == "torchscript":
        axes = {"input": {0: "batch"}, "logits": {0: "batch"}}
        torch.onnx.export(model, (x,), path, dynamo=False, opset_version=opset, dynamic_axes=axes, **names)
    else:
        torch.onnx.export(
            model, (x,), path, dynamo=True, opset_version=opset, external_data=False, verbose=False,
            optimize=optimize, dynamic_shapes=({0: torch.export.Dim("batch")},), **names,
        )


def module_values(model, case, x):
    """Output of the projection and first input of the first block, as numpy arrays by name."""
    kept, hooks = {}, []

    def keep(name, value):
        kept.setdefault(name, value.detach().numpy())

    if case.projection:
        module = model.get_submodule(case.projection)
        hooks.append(module.register_forward_hook(lambda _m, _i, out: keep("projection", out)))
    if case.first:
        module = model.get_submodule(case.first)
        hook = lambda _m, args, kwargs: keep("z0", args[0] if args else kwargs["hidden_states"])
        hooks.append(module.register_forward_pre_hook(hook, with_kwargs=True))
    with torch.no_grad():
        out = model(x).numpy()
    for hook in hooks:
        hook.remove()
    return out, kept


def layouts(value):
    """The same numbers as a map, as channels-last and as tokens in either order."""
    if value.ndim == 3:
        return [value, value.swapaxes(1, 2)]
    if value.ndim != 4:
        return [value]
    flat = value.reshape(*value.shape[:2], -1)
    last = value.transpose(0, 2, 3, 1)
    return [value, last, flat, flat.swapaxes(1, 2), last.reshape(len(last), -1, last.shape[-1])]


def run_all(path, x):
    """The output and every float value of the graph, by name."""
    proto = onnx.load(path)
    outputs = {o.name for o in proto.graph.output}
    wanted = [name for node in proto.graph.node for name in node.output if name and name not in outputs]
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = ort.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: x})))


def named(values, wanted):
    """Names of the values that hold the numbers of `wanted`, in graph order."""
    same = lambda v, w: v.shape == w.shape and relative_error(v, w) < SAME
    floats = {n: v for n, v in values.items() if isinstance(v, np.ndarray) and v.dtype == np.float32 and v.size}
    return [n for n, v in floats.items() if any(same(v, w) for w in layouts(wanted))]


def strip(proto):
    """Leaves out notes and, of floats above 256 bytes, the numbers: they point to a file that nobody keeps."""
    offset = 0
    proto.graph.ClearField("value_info")
    proto.ClearField("metadata_props")
    proto.graph.ClearField("metadata_props")
    for node in proto.graph.node:
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    for value in [*proto.graph.initializer, *proto.graph.input, *proto.graph.output]:
        value.ClearField("metadata_props")
        value.ClearField("doc_string")
    constants = [a.t for n in proto.graph.node if n.op_type == "Constant" for a in n.attribute if a.name == "value"]
    for tensor in [*proto.graph.initializer, *constants]:
        length = 4 * int(np.prod(tensor.dims))
        if tensor.data_type != onnx.TensorProto.FLOAT or length <= EXTERNAL_ABOVE:
            continue
        for name in ("raw_data", "float_data"):
            tensor.ClearField(name)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, text in (("location", "weights.bin"), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(text))
        offset += length


def write_graph(path, proto):
    data = gzip.compress(proto.SerializeToString(deterministic=True), 9, mtime=0)
    with open(path, "wb") as file:
        file.write(data)
    return len(data)


def record(folder, name, case, number):
    """Exports a case; yields a row a file."""
    seed_everything(0)
    height, width = case.size if isinstance(case.size, tuple) else (case.size, case.size)
    model = prepare(case.build(), max(height, width), 0).requires_grad_(False)
    x = smooth_input((2, 3, height, width), 1)
    out, modules = module_values(model, case, x)
    for exporter in case.exporters:
        opset = case.opset if exporter == "torchscript" else DYNAMO_OPSETS[number % len(DYNAMO_OPSETS)]
        file = f"{name}.{exporter}"
        with tempfile.TemporaryDirectory() as temporary:
            path = os.path.join(temporary, "model.onnx")
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    export(model, x, path, exporter, opset, case.optimize)
                values = run_all(path, x.numpy())
            except Exception as error:
                print(f"{file}: {type(error).__name__}: {str(error)[:150]}", flush=True)
                continue
            proto = onnx.load(path)
        apart = relative_error(values["logits"], out)
        if not apart < SAME:
            print(f"{file}: ONNX Runtime is {apart:.1e} from PyTorch, dropped", flush=True)
            continue
        names = {key: named(values, value) for key, value in modules.items()}
        for key, found in names.items():
            if not found:
                print(f"{file}: no value is {key}", flush=True)
        opsets = next(o.version for o in proto.opset_import if o.domain in ("", "ai.onnx"))
        strip(proto)
        size = write_graph(f"{folder}/{file}.onnx.gz", proto)
        print(f"{file}: {size} bytes, {len(proto.graph.node)} nodes, opset {opsets}", flush=True)
        yield {"file": file, "exporter": exporter, "opset": opsets, "case": name, "values": names, "label": case.label}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--only", nargs="*", default=["*"])
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.makedirs(options.folder, exist_ok=True)
    # the fused encoder layer has no export
    torch.backends.mha.set_fastpath_enabled(False)
    listing = f"{options.folder}/labels.json"
    rows = {}
    if os.path.exists(listing):
        with open(listing) as file:
            rows = {row["file"]: row for row in json.load(file)}
    for number, (name, case) in enumerate(CASES.items()):
        if not any(fnmatch.fnmatch(name, glob) for glob in options.only):
            continue
        try:
            rows |= {row["file"]: row for row in record(options.folder, name, case, number)}
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        write_listing(listing, rows)


def write_listing(path, rows):
    """In the order of the cases."""
    files = [f"{name}.{exporter}" for name in CASES for exporter in ("torchscript", "dynamo")]
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(rows[f]) for f in files if f in rows) + "\n]\n")


if __name__ == "__main__":
    main()
