# Small exports of every kind of normalization, with what is in them, told by the PyTorch or Keras module itself.
# Usage: python normalization_forms.py OUT [--only GLOB], then with TensorFlow's environment: ... OUT --keras
import argparse
import fnmatch
import json
import logging
import os
import warnings

import numpy as np
import onnx

from normalization_cases import C, CLASSES, SIZE, keras2_cases, keras_cases, row, torch_cases

SEED = 7
TORCHSCRIPT_OPSETS = (13, 17, 18, 20)
DYNAMO_OPSETS = (18, 21, 23)
KEPT_METADATA = ("pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.name_scopes", "pkg.onnxscript.rewriter.rule_name")


def randomize(model, frozen):
    """Seeded numbers for everything that is one number throughout; γs named `norm` or `a` stay ones when frozen."""
    import torch

    generator = torch.Generator().manual_seed(SEED)
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if not tensor.is_floating_point() or (frozen and name in ("norm.weight", "norm.a.weight")):
            continue
        if tensor.numel() > 1 and tensor.min() == tensor.max():
            with torch.no_grad():
                around = 0.0 if tensor.flatten()[0] == 0 else 1.0
                tensor.copy_(around + 0.6 * (torch.rand(tensor.shape, generator=generator) - 0.5))


def export_torch(model, x, path, exporter, opset, options):
    import torch

    kept, training = options.get("keep"), options.get("training")
    names = {"opset_version": opset, "input_names": ["input"], "output_names": ["logits"]}
    if exporter == "torchscript":
        mode = torch.onnx.TrainingMode
        kind = mode.TRAINING if training else mode.PRESERVE if kept else mode.EVAL
        axes = {"input": {0: "batch"}, "logits": {0: "batch"}}
        fold = not (kept or training)
        extra = {"dynamo": False, "dynamic_axes": axes, "training": kind, "do_constant_folding": fold}
    else:
        shapes = ({0: torch.export.Dim("batch")},)
        extra = {"dynamo": True, "dynamic_shapes": shapes, "external_data": False, "verbose": False}
        extra["optimize"] = not (kept or training)
    torch.onnx.export(model, (x,), path, **names, **extra)


def torch_files(out, only):
    import torch

    rows, seen, problems = [], {}, []
    for case, (model, expected, options) in torch_cases().items():
        if not fnmatch.fnmatch(case, only):
            continue
        model.train(bool(options.get("training")))
        randomize(model, options.get("frozen"))
        model.requires_grad_(False)
        if options.get("half"):
            model.half()
        x = torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(SEED))
        x = x.half() if options.get("half") else x
        for exporter, opsets in (("torchscript", TORCHSCRIPT_OPSETS), ("dynamo", DYNAMO_OPSETS)):
            for opset in opsets:
                state = {k: v.clone() for k, v in model.state_dict().items()}
                path = f"{out}/{case}.{exporter}-{opset}.onnx"
                try:
                    wanted = model(x).detach().float().numpy()
                    model.load_state_dict(state)
                    export_torch(model, x, path, exporter, opset, options)
                    model.load_state_dict(state)
                except Exception as error:
                    problems.append(f"{case} {exporter} {opset}: {type(error).__name__}: {error}"[:200])
                    continue
                keep_file(path, rows, seen, case, exporter, opset, x.numpy(), wanted, problems)
        parameters = {k: v.float().flatten().tolist() for k, v in model.state_dict().items() if v.numel() <= 200}
        finish(rows, case, expected, options, parameters)
    return rows, problems


def finish(rows, case, expected, options, parameters):
    """Adds what is expected, and the values of the parameters that it names."""
    wanted = {e[k] for e in expected for k in ("scale", "bias")} - {None}
    for r in rows:
        if r["case"] == case:
            values = {k: [round(v, 6) for v in parameters[k]] for k in sorted(wanted)}
            flags = {k: options[k] for k in ("folded", "deviation", "plusOne") if k in options}
            # dynamo's ones of no γ at all look like its ones of a γ that it moved: nobody can tell
            if options.get("filledIn") and r["exporter"] == "dynamo" and r["opsets"][0] < 21:
                flags["filledIn"] = True
            r.update(expected=expected, parameters=values, **flags)


def keep_file(path, rows, seen, case, exporter, opset, x, wanted, problems):
    """Checks a file against the module in ONNX Runtime, strips it, and drops it when an older opset gave the same operators."""
    model = onnx.load(path)
    strip(model)
    onnx.save(model, path)
    got = run(path, x)
    tolerance = 2e-2 if x.dtype == np.float16 else 2e-5
    apart = float(np.abs(got - wanted).max() / np.abs(wanted).max())
    if not apart < tolerance:
        # dynamo writes BatchNormalization with kept statistics in training mode too
        problems.append(f"{case} {exporter} {opset}: ONNX Runtime is {apart:.2e} away, dropped")
        os.remove(path)
        return
    if os.path.getsize(path) > 20_000:
        problems.append(f"{path} has {os.path.getsize(path)} bytes")
    key = (case, exporter, signature(model))
    if key in seen:
        seen[key]["opsets"].append(opset)
        os.remove(path)
        return
    seen[key] = {"case": case, "file": os.path.basename(path), "exporter": exporter, "opsets": [opset]}
    rows.append(seen[key])


def signature(model):
    """Operators with their attributes, and which of their inputs are constants."""
    constants = {t.name for t in model.graph.initializer}
    nodes = [
        (n.domain, n.op_type, *(i in constants for i in n.input), *sorted(a.SerializeToString() for a in n.attribute))
        for n in model.graph.node
    ]
    return repr(nodes)


def strip(model):
    model.graph.ClearField("value_info")
    model.ClearField("metadata_props")
    model.graph.ClearField("metadata_props")
    for value in [*model.graph.initializer, *model.graph.input, *model.graph.output]:
        value.ClearField("metadata_props")
    for node in model.graph.node:
        node.ClearField("doc_string")
        kept = [(p.key, p.value) for p in node.metadata_props if p.key in KEPT_METADATA]
        node.ClearField("metadata_props")
        for key, value in kept:
            node.metadata_props.add(key=key, value=value)


def run(path, x):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0].astype(np.float32)


def keras_files(out, only):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tf_keras

    rows, seen, problems = [], {}, []
    for library, cases in ((keras, keras_cases(keras.layers)), (tf_keras, keras2_cases(tf_keras.layers))):
        for case, (layer, kind, groups, across) in cases.items():
            if not fnmatch.fnmatch(case, only):
                continue
            library.backend.clear_session()
            model, x, wanted = keras_model(library, layer, case.endswith("training"))
            for opset in (15, 18):
                path = f"{out}/{case}.tf2onnx-{opset}.onnx"
                export_keras(model, path, opset, case)
                keep_file(path, rows, seen, case, "tf2onnx", opset, x, wanted, problems)
            name = lambda w: getattr(w, "path", w.name).split(":")[0]
            parameters = {name(w): np.asarray(w).flatten().tolist() for w in layer.weights}
            find = lambda *ends: next((p for p in parameters if p.split("/")[-1] in ends), None)
            expected = (
                [row(kind, C, groups, across, layer.epsilon, find("gamma", "scale"), find("beta"))] if kind else []
            )
            flags = {"folded": 1} if case in ("keras-batch", "keras2-batch") else {}
            finish(rows, case, expected, flags, parameters)
    return rows, problems


def keras_model(library, layer, training):
    """Conv → layer → ReLU → Conv with seeded weights, an input and its output."""
    random = np.random.default_rng(SEED)
    layers = library.layers
    image = layers.Input((SIZE, SIZE, 3)) if library.__name__ == "tf_keras" else library.Input((SIZE, SIZE, 3))
    stem = layers.Conv2D(C, 1, use_bias=False)(image)
    model = library.Model(image, layers.Conv2D(CLASSES, 1)(layers.ReLU()(layer(stem))))
    for weight in model.weights:
        spread = 0.5 if "kernel" in weight.name else 1
        weight.assign(random.uniform(0.7, 1.3, weight.shape) * spread)
    x = random.normal(size=(2, SIZE, SIZE, 3)).astype(np.float32)
    return model, x, np.asarray(model(x, training=training))


def export_keras(model, path, opset, case):
    import tensorflow as tf
    import tf2onnx

    spec = (tf.TensorSpec((None, SIZE, SIZE, 3), tf.float32, name="input"),)
    if case.startswith("keras2"):
        all_of_them = tf2onnx.optimizer._get_optimizers()
        kept = {k: v for k, v in all_of_them.items() if not (case.endswith("kept") and k == "remove_back_to_back")}
        tf2onnx.convert.from_keras(model, spec, opset=opset, output_path=path, optimizers=kept)
        return
    training = case.endswith("training")
    call = tf.function(lambda input: model(input, training=training), input_signature=spec)
    tf2onnx.convert.from_function(call, input_signature=spec, opset=opset, output_path=path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--only", default="*")
    parser.add_argument("--keras", action="store_true")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.makedirs(args.out, exist_ok=True)
    rows, problems = (keras_files if args.keras else torch_files)(args.out, args.only)
    listing = f"{args.out}/{'keras' if args.keras else 'torch'}.json"
    if args.only == "*":
        with open(listing, "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    size = sum(os.path.getsize(os.path.join(args.out, r["file"])) for r in rows)
    print(f"{len(rows)} files, {size} bytes")
    print("\n".join(problems))


if __name__ == "__main__":
    main()
