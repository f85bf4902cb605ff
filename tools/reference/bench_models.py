# Full-size models for bench/: seeded random weights, TorchScript exporter, opset 17, dynamic batch, 224x224.
# Usage: python bench_models.py --out DIR
import argparse
import json
import os

import numpy as np
import timm
import torch
import torchvision

from oracle import export_onnx, gradients_of, ort_run, prepare, relative_error, seed_everything

MODELS = {
    "resnet50": lambda: torchvision.models.resnet50(),
    "mobilenet_v3_large": lambda: torchvision.models.mobilenet_v3_large(),
    "efficientnet_b0": lambda: torchvision.models.efficientnet_b0(),
    "convnext_tiny": lambda: torchvision.models.convnext_tiny(),
    "vit_base_patch16_224": lambda: timm.create_model("vit_base_patch16_224"),
    "swin_t": lambda: torchvision.models.swin_t(),
    "mobilenet_v2": lambda: torchvision.models.mobilenet_v2(),
    "resnet18": lambda: torchvision.models.resnet18(),
    "deit_tiny_patch16_224": lambda: timm.create_model("deit_tiny_patch16_224"),
}

# normalizations as nodes of their own, as advice on them needs
KEPT = {
    "resnet50_gn": lambda: timm.create_model("resnet50_gn"),
    "resnet50_bn": lambda: torchvision.models.resnet50(),
}


def export_kept(out):
    for name, build in KEPT.items():
        seed_everything(0)
        torch.onnx.export(
            build().eval(),
            (torch.zeros(2, 3, 224, 224),),
            f"{out}/{name}.onnx",
            dynamo=False,
            opset_version=17,
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE,
            input_names=["input"],
            output_names=["logits"],
            dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
        )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", required=True)
    out = arguments.parse_args().out
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(1)
    export_kept(out)
    rows = []
    for name, build in MODELS.items():
        path = f"{out}/{name}.onnx"
        seed_everything(0)
        model = prepare(build(), 224, 0)
        export_onnx(model, torch.zeros(2, 3, 224, 224), path, "torchscript", opset=17)
        print(name, "exported", os.path.getsize(path), flush=True)
        record = gradients_of(model, (2, 3, 224, 224), (100, 101, 102))
        arrays = {k: np.asarray(record[k], np.float32) for k in ("x", "seed", "logits", "grad", "grad64") if k in record}
        np.savez(f"{out}/{name}.npz", **arrays)
        rows.append(
            {
                "family": name,
                "onnx": path,
                "npz": f"{out}/{name}.npz",
                "f32Rel": record["f32Rel"],
                "gradNorm": float(record["grad"].norm()),
                "ortRel": relative_error(ort_run(path, arrays["x"]), arrays["logits"]),
            }
        )
        print(rows[-1], flush=True)
        with open(f"{out}/manifest.json", "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
