// Python code that gives a PyTorch model the advised numbers of groups, by module name.
import { oneLine } from "../../python.ts";
import type { LayerAdvice } from "./layer-advice.ts";

/**
 * A Python file with `set_groups`, each module once. Layers whose module no name tells, and those without advice, stand in it as comments.
 * @param file name of the ONNX file that the advice is for, for its heading
 */
export function pytorchGroups(layers: readonly LayerAdvice[], file: string): string {
  const first = (layer: LayerAdvice, i: number): boolean =>
    layer.module === null || layers.findIndex(({ module }) => module === layer.module) === i;
  const rows = layers
    .filter(first)
    .map((layer) =>
      layer.module === null || layer.advised === null
        ? `# ${oneLine(layer.node)}: ${layer.advised === null ? "nothing is advised" : `${layer.advised} groups; no name tells its module`}`
        : `${JSON.stringify(layer.module)}: ${layer.advised},  # of ${layer.channels} channels${before(layer)}`,
    );
  return `${HEAD(file)}\n\nGROUPS = {\n    ${rows.join("\n    ")}\n}\n${CODE}`;
}

const before = ({ kind, groups }: LayerAdvice): string =>
  kind === "batch" ? "; batch normalization before" : `; ${groups} before`;

const HEAD = (
  file: string,
): string => `# Numbers of groups that let the gradient pass isometrically through ${oneLine(file)} (snellen groups, arXiv:2302.03193).
#
#     set_groups(model)  # scales and biases stay; then train
import torch.nn as nn`;

const CODE = `

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)


def group_norm(norm, groups, name):
    """A group normalization with the scale and bias of a batch or instance normalization."""
    kind = type(norm)
    if kind.__name__ == "BatchNormAct2d":  # timm's, with the activation inside
        from timm.layers import GroupNormAct

        new = GroupNormAct(norm.num_features, groups, norm.eps, affine=norm.affine)
        new.drop, new.act = norm.drop, norm.act
    elif kind in NORMS:
        new = nn.GroupNorm(groups, norm.num_features, norm.eps, affine=norm.affine)
    else:
        raise TypeError(f"{name} is {kind.__name__}: give it {groups} groups by hand")
    if norm.affine:
        new.weight, new.bias = norm.weight, norm.bias
    return new.train(norm.training)


def set_groups(model):
    """Sets num_groups by module name, replaces batch and instance normalization by group normalization, and returns the model.
    Make optimizers afterwards."""
    for name, groups in GROUPS.items():
        norm = model.get_submodule(name)
        if isinstance(norm, nn.GroupNorm):
            norm.num_groups = groups
            continue
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, group_norm(norm, groups, name))
    return model
`;
