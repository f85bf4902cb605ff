"""Records hand labels of every normalization scale (gamma) of real architectures (gamma_cases.py), and exports the graphs
without their weights.

Usage: nice -n 10 python gamma_labels.py <folder> [--only NAME ...]
(writes <name>.labels.json and <file>.onnx.gz; committed as packages/snellen/src/normalization/gammas/fixtures, and read by
gammas/test-support/labelled.ts, whose types say what the fields are)

Each label is checked on PyTorch in float64, batch statistics in the BatchNorms, epsilons next to nothing: gamma and beta
doubled leave the logits as they were (1e-6) exactly where the label is scale-invariant and not `nearly`. Each export gives
PyTorch's logits in ONNX Runtime (1e-4), on another batch than the traced one.
"""

import argparse
import copy
import gzip
import json
import os
import re
import tempfile

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from gamma_cases import NETWORKS
from oracle import ort_run, prepare, relative_error, seed_everything, smooth_input

DECAYED = {"branch-last", "scale-invariant"}
EXTERNAL_ABOVE = 256
INVARIANT = 1e-6
SAME = 1e-4


def is_norm(module):
    return "Norm" in type(module).__name__ and isinstance(getattr(module, "weight", None), nn.Parameter)


def gamma_names(model):
    """Of norms by the modules' types, of layer scales by the parameters' names; in the order of the state_dict."""
    norms = {f"{name}.weight" for name, module in model.named_modules() if is_norm(module) and module.weight.ndim == 1}
    return [n for n in model.state_dict() if n in norms or n.split(".")[-1] in ("gamma", "layer_scale")]


def label_of(name, labels):
    """The one label whose pattern matches, filled in; two or none are a mistake above."""
    matches = [(label, m) for label in labels if (m := re.fullmatch(label.pattern, name.removesuffix(".weight")))]
    if len(matches) != 1:
        raise SystemExit(f"{name}: {len(matches)} labels match")
    label, match = matches[0]
    flags = {flag: True for flag in ("stream", "nearly", "evidence") if getattr(label, flag)}
    kind = {} if label.kind == "normalization" else {"kind": label.kind}
    why = label.why.format(*match.groups())
    return label, {
        "parameter": name, **kind, "category": label.category, "decay": label.category in DECAYED, **flags,
        "why": why[0].upper() + why[1:],
    }


def labelled(model, labels):
    found = [label_of(name, labels) for name in gamma_names(model)]
    unused = set(labels) - {label for label, _ in found}
    if unused:
        raise SystemExit(f"labels of no gamma: {[label.pattern for label in unused]}")
    return [entry for _, entry in found]


@torch.no_grad()
def add_changes(model, entries, x):
    """Adds `change`, |y(2) - y| / |y| of the logits when gamma and beta are doubled, and checks the labels by it."""
    model, x = copy.deepcopy(model).double(), x.double()
    for module in model.modules():
        if is_norm(module):
            module.eps = 1e-12
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()
    parameters = dict(model.named_parameters())
    before = model(x)
    for entry in entries:
        name = entry["parameter"]
        scaled = [parameters[n] for n in {name, re.sub(r"\.weight$", ".bias", name)} if n in parameters]
        for parameter in scaled:
            parameter.mul_(2)
        change = ((model(x) - before).norm() / before.norm()).item()
        for parameter in scaled:
            parameter.mul_(0.5)
        exact = entry["category"] == "scale-invariant" and "nearly" not in entry
        if (change < INVARIANT) != exact:
            raise SystemExit(f"{name} is labelled {entry['category']}, but doubling it changes the logits by {change:.1e}")
        entry["change"] = 0 if exact else float(f"{change:.2g}")


def export(model, x, path, exporter):
    """Gammas kept as they are, batch dynamic."""
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if exporter == "torchscript":
        torch.onnx.export(
            model, (x,), path, dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False, dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, **names,
        )
    else:
        torch.onnx.export(
            model, (x,), path, dynamo=True, optimize=False, external_data=False, verbose=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},), **names,
        )


# Of dynamo's notes on a node only these tell where it comes from.
KEPT_NOTES = {"pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"}


def strip(graph):
    for node in graph.node:
        node.doc_string = ""
        kept = [p for p in node.metadata_props if p.key in KEPT_NOTES and "Norm" in node.op_type]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    del graph.metadata_props[:]
    for value in (*graph.value_info, *graph.input, *graph.output, *graph.initializer):
        value.doc_string = ""
        del value.metadata_props[:]


def without_weights(proto, state):
    """Floats of the state_dict above 256 bytes point to a file that nobody keeps; those below are as `state` has them."""
    offset = 0
    for tensor in proto.graph.initializer:
        if tensor.name not in state or tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        value = state[tensor.name].numpy()
        if list(tensor.dims) != list(value.shape):
            raise SystemExit(f"{tensor.name} is {list(tensor.dims)} in the graph, {value.shape} in the state_dict")
        length = value.nbytes
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
        if length <= EXTERNAL_ABOVE:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, text in (("location", "weights.bin"), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(text))
        offset += length


def anonymous(proto, state):
    """Renames weights as the TorchScript exporter names folded ones, by operator and number; nodes keep their names."""
    readers = {name: node.op_type for node in proto.graph.node for name in node.input}
    new = {
        tensor.name: f"onnx::{readers[tensor.name]}_{number}"
        for number, tensor in enumerate(proto.graph.initializer, start=123) if tensor.name in state
    }
    for tensor in proto.graph.initializer:
        tensor.name = new.get(tensor.name, tensor.name)
    for node in proto.graph.node:
        node.input[:] = [new.get(name, name) for name in node.input]
    return {anonymous: name for name, anonymous in new.items()}


def write_graph(path, proto):
    data = gzip.compress(proto.SerializeToString(deterministic=True), 9, mtime=0)
    with open(path, "wb") as file:
        file.write(data)
    return len(data)


def write_graphs(folder, name, net, model, state, x):
    """Every file of a network, checked on another batch than the traced one; by file, what labels.json says of it."""
    files = {}
    with torch.no_grad():
        expected = model(x).numpy()
    for exporter in ("torchscript", "dynamo") if net.dynamo else ("torchscript",):
        file = name if exporter == "torchscript" else f"{name}.dynamo"
        with tempfile.TemporaryDirectory() as temporary:
            path = os.path.join(temporary, "model.onnx")
            export(model, x[:2], path, exporter)
            apart = relative_error(ort_run(path, x.numpy()), expected)
            proto = onnx.load(path)
        if not apart < SAME:
            raise SystemExit(f"{file}: ONNX Runtime's logits are {apart:.1e} from PyTorch's")
        strip(proto.graph)
        without_weights(proto, state)
        missing = [n for n in gamma_names(model) if n not in {t.name for t in proto.graph.initializer}]
        if missing:
            raise SystemExit(f"{file}: no initializers {missing}")
        opset = next(o.version for o in proto.opset_import if o.domain in ("", "ai.onnx"))
        facts = {"exporter": exporter, "opset": opset}
        size = write_graph(f"{folder}/{file}.onnx.gz", proto)
        files[file] = facts
        print(f"{file}: {size / 1000:.1f} kB, {len(proto.graph.node)} nodes, ORT {apart:.1e}", flush=True)
        if net.renamed and exporter == "torchscript":
            names = anonymous(proto, state)
            write_graph(f"{folder}/{name}.renamed.onnx.gz", proto)
            files[f"{name}.renamed"] = {**facts, "names": names}
    return files


def lines(rows):
    return "[\n" + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]"


def write_labels(path, net, files, entries, state):
    head = {"source": net.source, "reading": net.reading, "input": [3, net.size, net.size], "files": files}
    rows = {"gammas": entries, "stateDict": [[name, list(tensor.shape)] for name, tensor in state.items()]}
    parts = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts += [f"  {json.dumps(key)}: {lines(value)}" for key, value in rows.items()]
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(parts) + "\n}\n")


def initial_state(model):
    """As built, with every gamma 1 (some builders start with zeros)."""
    for module in model.modules():
        if is_norm(module):
            nn.init.ones_(module.weight)
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def record(folder, name, net):
    seed_everything(0)
    model = net.build().eval().requires_grad_(False)
    state = initial_state(model)
    prepare(model, net.size, 0)
    x = smooth_input((3, 3, net.size, net.size), 1)
    entries = labelled(model, net.labels)
    add_changes(model, entries, x[:2])
    files = write_graphs(folder, name, net, model, state, x)
    write_labels(f"{folder}/{name}.labels.json", net, files, entries, state)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--only", nargs="*", choices=NETWORKS, default=NETWORKS)
    options = arguments.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    # the fused encoder layer has no export
    torch.backends.mha.set_fastpath_enabled(False)
    for name in options.only:
        record(options.folder, name, NETWORKS[name])


if __name__ == "__main__":
    main()
