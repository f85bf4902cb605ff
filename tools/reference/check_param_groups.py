# Checks the Python code that `snellen gammas --format pytorch` and `--format timm` write, on real networks of torchvision and timm:
#
#     npx tsc -b && nice python tools/reference/check_param_groups.py [--only GLOB | --practice]
#
# Of every network: the code runs; its groups hold each trainable parameter once; a step without gradients shrinks exactly what is to
# decay, by both frameworks' optimizers; γ decay as the plan says; everything else as timm's own param_groups_weight_decay has it,
# but for what TIMM_DECAYS names. Then wrapped (DataParallel, torch.compile), frozen, shared and γ-less modules, an export without
# names matched by a list and by values, and the mistakes that the code must name. Prints a line a network; the first failure ends it.
# --practice compares the code without a plan, on some 380 networks of timm and torchvision, with timm's groups, and prints what differs:
# scales of shape [C, 1, 1] and position tables, which timm decays by their number of axes; no rule knows EfficientViM's alpha.
import argparse
import collections
import copy
import fnmatch
import json
import pathlib
import re
import subprocess
import tempfile
import warnings

import onnx
import timm
import torch
import torchvision
from safetensors.torch import save_file
from timm.optim import create_optimizer_v2, param_groups_weight_decay
from torch import nn

SNELLEN = pathlib.Path(__file__).resolve().parents[2] / "packages/cli/bin/snellen.js"
EXPORTERS = ("torchscript", "dynamo")

# network: how it is made, side of the picture
NETWORKS = {
    "resnet50": (lambda: torchvision.models.resnet50(), 64),
    "convnext_tiny_tv": (lambda: torchvision.models.convnext_tiny(), 64),
    "vit_b_16_tv": (lambda: torchvision.models.VisionTransformer(64, 16, 2, 3, 96, 192), 64),
    "swin_t_tv": (lambda: torchvision.models.swin_t(), 64),
    "vit_tiny": (lambda: timm.create_model("vit_tiny_patch16_224", img_size=64), 64),
    "convnext_atto": (lambda: timm.create_model("convnext_atto"), 64),
    "efficientnet_b0": (lambda: timm.create_model("efficientnet_b0"), 64),
    "swin_tiny": (lambda: timm.create_model("swin_tiny_patch4_window7_224", img_size=112), 112),
}

# Position tables that torchvision keeps as parameters of several axes, and has no no_weight_decay() for.
TIMM_DECAYS = re.compile(r"pos_embedding|relative_position_bias_table|class_token|layer_scale")


def export(model, side, path, exporter):
    model = copy.deepcopy(model).eval().requires_grad_(False)
    x = torch.randn(2, 3, side, side)
    if exporter == "torchscript":
        torch.onnx.export(
            model, (x,), path, dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False, input_names=["input"], output_names=["logits"],
        )
    else:
        torch.onnx.export(model, (x,), path, dynamo=True, optimize=False, external_data=False, verbose=False)


def snellen(*args):
    run = subprocess.run(["node", SNELLEN, "gammas", *map(str, args), "--quiet"], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"snellen gammas {' '.join(map(str, args))}: {run.stderr}")
    return run.stdout


def plan_of(path, *flags):
    return {gamma["parameter"]: gamma for gamma in json.loads(snellen(path, *flags, "--json"))["gammas"]}


def code_of(path, form, *flags):
    space = {}
    exec(compile(snellen(path, *flags, "--format", form), f"<{form}>", "exec"), space)
    return space


def names_in(model, group):
    names = {parameter: name for name, parameter in model.named_parameters()}
    return [names[parameter] for parameter in group["params"]]


def check_partition(model, groups):
    grouped = [name for group in groups for name in names_in(model, group)]
    trainable = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert len(grouped) == len(set(grouped)), "a parameter is in two groups"
    assert set(grouped) == trainable, f"left over: {trainable ^ set(grouped)}"


def shrunk(model, make_optimizer):
    """Names of the parameters that a step without gradients changes: those that decay. The model is a copy."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)  # zeros would not show it
    optimizer = make_optimizer(model)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return {name for name, parameter in model.named_parameters() if not torch.equal(parameter, before[name])}


def by_pytorch(space):
    return lambda model: torch.optim.SGD(space["param_groups"](model, weight_decay=0.1), lr=0.1, momentum=0.9)


def by_timm(space):
    return lambda model: create_optimizer_v2(
        model, "adamw", lr=0.1, weight_decay=0.1, param_group_fn=space["param_group_fn"]
    )


def is_norm_scale(module, leaf):
    return leaf == "weight" and "norm" in type(module).__name__.lower()


def scales_of(model):
    """Every γ by the modules' types, and layer scales by their names."""
    norms = {n for n, m in model.named_modules() if "weight" in m._parameters and is_norm_scale(m, "weight")}
    layer_scales = {n for n, _ in model.named_parameters() if n.split(".")[-1] in ("gamma", "layer_scale")}
    return {f"{name}.weight" for name in norms} | layer_scales


def expected_decay(model, plan):
    """γ by the plan, others by timm."""
    exempt = getattr(model, "no_weight_decay", set)()
    decaying, = [g for g in param_groups_weight_decay(model, 0.1, no_weight_decay_list=exempt) if g["weight_decay"] > 0]
    by_practice = {name for name in names_in(model, decaying) if not TIMM_DECAYS.search(name)}
    return (by_practice - plan.keys()) | {name for name, gamma in plan.items() if gamma["decay"]}


def check_network(name, model, path):
    plan = plan_of(path)
    assert plan.keys() == scales_of(model), f"plan and modules differ: {plan.keys() ^ scales_of(model)}"
    spaces = {form: code_of(path, form) for form in ("pytorch", "timm")}
    check_partition(model, spaces["pytorch"]["param_groups"](model))
    check_partition(model, spaces["timm"]["param_group_fn"](model))
    expected = expected_decay(model, plan)
    for make in (by_pytorch(spaces["pytorch"]), by_timm(spaces["timm"])):
        found = shrunk(model, make)
        assert found == expected, f"{name}: decay differs for {found ^ expected}"
    return spaces["pytorch"]["param_groups"], plan


def raises(groups, model, text, **flags):
    try:
        groups(model, **flags)
    except ValueError as error:
        assert text in str(error), f"{error} says nothing of {text}"
        return
    raise SystemExit(f"no error about {text}")


def decaying(groups, model, **flags):
    """Names as the bare model has them."""
    yes, no = groups(model, **flags)
    return {re.sub(r"^(module|_orig_mod)\.", "", name) for name in names_in(model, yes)}, names_in(model, no)


def check_modules(groups, plan, model):
    """What training code does to a ResNet-50."""
    plain, _ = decaying(groups, model)
    for wrapped in (nn.DataParallel(model), torch.compile(model), nn.DataParallel(torch.compile(model))):
        check_partition(wrapped, groups(wrapped))
        found = {re.sub(r"^(module|_orig_mod)\.", "", name) for name in decaying(groups, wrapped)[0]}
        assert found == plain, f"{type(wrapped).__name__}: {found ^ plain}"
    inside = copy.deepcopy(model)
    inside.layer1 = torch.compile(inside.layer1)
    assert {name.replace("_orig_mod.", "") for name in decaying(groups, inside)[0]} == plain

    frozen = copy.deepcopy(model)
    frozen.layer1.requires_grad_(False)
    check_partition(frozen, groups(frozen))
    assert decaying(groups, frozen)[0] == {name for name in plain if not name.startswith("layer1.")}

    shared = copy.deepcopy(model)  # bn2 decays, the shortcut's does not: both 256 wide
    shared.layer2[0].bn3.weight = shared.layer2[0].downsample[1].weight
    check_partition(shared, groups(shared))
    assert "layer2.0.bn3.weight" not in decaying(groups, shared)[0]
    shared.layer2[0].bn3.weight = shared.layer2[1].bn3.weight
    assert "layer2.0.bn3.weight" in decaying(groups, shared)[0]

    without = copy.deepcopy(model)
    without.layer1[0].bn1 = nn.BatchNorm2d(64, affine=False)
    without.layer1[0].bn2 = torchvision.ops.FrozenBatchNorm2d(64)
    check_partition(without, groups(without))

    raises(groups, torchvision.models.resnet18(), "layer1.0.bn3.weight")
    odd = copy.deepcopy(model)
    odd.mixing = nn.Parameter(torch.randn(3, 4))
    odd.extra = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 1), nn.LayerNorm(4))
    odd.extra[1].weight_scale = nn.Parameter(torch.ones(()))
    raises(groups, odd, "mixing")
    raises(groups, odd, "mixed", decay=["mixing"], no_decay=["mixed"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yes, no = decaying(groups, odd, decay="mixing", no_decay=["layer4.*"])
    assert yes - plain == {"mixing", "extra.1.weight"}, yes - plain
    assert plain - yes == {name for name in plain if name.startswith("layer4.")}
    assert any("extra.2.weight" in str(w.message) for w in caught), "no warning of a scale that is not in the plan"


def check_names(model, path, folder):
    """An export whose weights and nodes lost their names, told by a list and by values."""
    proto = onnx.load(path)
    new = {tensor.name: f"w{i}" for i, tensor in enumerate(proto.graph.initializer)}
    for tensor in proto.graph.initializer:
        tensor.name = new[tensor.name]
    for i, node in enumerate(proto.graph.node):
        node.name = f"n{i}"
        node.input[:] = [new.get(name, name) for name in node.input]
        del node.metadata_props[:]
    nameless = folder / "nameless.onnx"
    onnx.save(proto, nameless)
    names, values = folder / "names.json", folder / "values.safetensors"
    names.write_text(json.dumps({k: list(v.shape) for k, v in model.named_parameters()}))
    save_file(model.state_dict(), values)
    named = {name: (gamma["category"], gamma["decay"]) for name, gamma in plan_of(path).items()}
    for file, source, sure in ((names, "order", "likely"), (values, "values", "certain")):
        plan = plan_of(nameless, "--parameters", file)
        assert {name: (gamma["category"], gamma["decay"]) for name, gamma in plan.items()} == named, file
        assert all(gamma["named"] == {"source": source, "sure": sure} for gamma in plan.values()), file
        check_partition(model, code_of(nameless, "pytorch", "--parameters", file)["param_groups"](model))
    guessed = code_of(nameless, "pytorch")
    assert guessed["GAMMAS"] == {}, "guesses belong into comments"


def check_hostile_names(path, folder):
    """Names that try to break out of the string or the comment that they stand in."""
    proto = onnx.load(path)
    readers = {name: node.op_type for node in proto.graph.node for name in node.input}
    scales = [t.name for t in proto.graph.initializer if readers.get(t.name) == "BatchNormalization" and t.name.endswith(".weight")]
    evil = '"}\n\r\x0c\u2028\x85import antigravity\\'
    new = {name: f"{evil}{i}" + ("/gamma" if i % 2 else "") for i, name in enumerate(scales)}
    for tensor in proto.graph.initializer:
        tensor.name = new.get(tensor.name, tensor.name)
    for i, node in enumerate(proto.graph.node):
        node.name = f"n{i}"
        node.input[:] = [new.get(name, name) for name in node.input]
    onnx.save(proto, folder / "hostile.onnx")
    for form in ("pytorch", "timm"):
        found = code_of(folder / "hostile.onnx", form)["GAMMAS"]
        assert found.keys() == {name for name in new.values() if name.endswith("/gamma")}, found.keys()


def varied(model):
    """No two γ alike: exporters store equal parameters once."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return model


def families():
    """One network of each name of timm's modules, and every one of torchvision's, without memory for their weights."""
    firsts = {(timm.models._registry._model_to_module[name], name.split("_")[0]): name for name in reversed(timm.list_models())}
    builds = [(name, timm.create_model) for name in sorted(firsts.values())]
    builds += [(name, torchvision.models.get_model) for name in torchvision.models.list_models(torchvision.models)]
    for name, build in builds:
        try:
            with torch.device("meta"):
                yield name, build(name)
        except Exception:  # initialized by values that are not there
            continue


def check_practice(code):
    """Where the code, its plan taken out, and timm's own groups differ; by the last two parts of names."""
    space, differences, count = {}, collections.Counter(), 0
    exec(re.sub(r"GAMMAS = \{.*?\n\}", "GAMMAS = {}", code, flags=re.S), space)
    warnings.simplefilter("ignore")
    for name, model in families():
        try:
            groups = space["param_groups"](model)
        except ValueError as error:
            print(f"{name}: {error}")
            continue
        check_partition(model, groups)
        exempt = getattr(model, "no_weight_decay", set)()
        by_timm = {p for g in param_groups_weight_decay(model, 0.1, no_weight_decay_list=exempt) if g["weight_decay"] for p in g["params"]}
        names = {parameter: parameter_name for parameter_name, parameter in model.named_parameters()}
        for parameter in by_timm ^ set(groups[0]["params"]):
            parts = re.sub(r"\d+", "#", names[parameter]).split(".")[-2:]
            differences[f"{'.'.join(parts)}: {'timm decays it' if parameter in by_timm else 'timm does not'}"] += 1
        count += 1
    for difference, times in differences.most_common():
        print(f"{times} x {difference}")
    print(f"{count} networks: each parameter in one group")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="*")
    parser.add_argument("--practice", action="store_true")
    flags = parser.parse_args()
    only = flags.only
    torch.manual_seed(0)
    torch.set_num_threads(2)
    if flags.practice:
        with tempfile.TemporaryDirectory() as temporary:
            path = pathlib.Path(temporary) / "net.onnx"
            export(torchvision.models.resnet18(), 64, str(path), "torchscript")
            check_practice(snellen(path, "--format", "pytorch"))
        return
    for name, (build, side) in NETWORKS.items():
        if not fnmatch.fnmatch(name, only):
            continue
        model = varied(build())
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            for exporter in EXPORTERS:
                path = folder / f"{name}.{exporter}.onnx"
                export(model, side, str(path), exporter)
                groups, plan = check_network(name, model, path)
                decay = sum(gamma["decay"] for gamma in plan.values())
                print(f"{name} ({exporter}): {len(plan)} γ, {decay} decay; groups as planned", flush=True)
                if name == "resnet50" and exporter == "torchscript":
                    check_modules(groups, plan, model)
                    check_names(model, path, folder)
                    check_hostile_names(path, folder)
                    print("resnet50: wrapped, frozen, shared, renamed, and mistakes as they should be", flush=True)


if __name__ == "__main__":
    main()
