// Python code that does to a PyTorch model what `padKernels` did to its export, so that it can be fine-tuned there.
import { oneLine } from "../../python.ts";
import type { KernelChange } from "./kernel-padding.ts";

/**
 * A Python file with `pad_state_dict` and `enlarge_kernels`. Convolutions whose module no name tells, pooling and those that are
 * not two-dimensional stand in it as comments.
 * @param file name of the ONNX file that the changes are in, for its heading
 */
export function pytorchSnippet(changes: readonly KernelChange[], file: string): string {
  const rows = changes.map((change) => (isWritten(change) ? row(change) : remark(change)));
  return `${HEAD(file)}\n\n${TABLE}\n    ${rows.join("\n    ")}\n}\n${CODE}`;
}

const isWritten = ({ module, kernel, weight }: KernelChange): boolean =>
  module !== null && weight !== null && kernel.after.length === 2;

function row({ module, kernel, pads }: KernelChange): string {
  const [rows, columns] = kernel.after.map((size, axis) => size - (kernel.before[axis] as number));
  const [, , bottom, right] = pads.after.map((size, i) => size - (pads.before[i] as number));
  return `${JSON.stringify(module)}: ((0, ${columns}, 0, ${rows}), (0, ${right}, 0, ${bottom})),`;
}

const remark = ({ node, operator, weight, kernel, pads }: KernelChange): string =>
  `# ${oneLine(`${operator} ${node}${weight === null ? "" : `, weight ${weight}`}`)}: kernel ${kernel.before} to ${kernel.after}, pads ${pads.after}: do by hand`;

const HEAD = (
  file: string,
): string => `# Pads a PyTorch model's kernels as in ${oneLine(file)} (snellen fix kernel-padding). Outputs stay what they are; then fine-tune.
#
#     enlarge_kernels(model)                        # a model with its weights
#     model.load_state_dict(pad_state_dict(state))  # weights of the old sizes into an enlarged model
import torch.nn as nn
import torch.nn.functional as F`;

const TABLE = `# module: (zeros put around its weight, zeros put around its input); left, right, top, bottom
KERNELS = {`;

const CODE = `

class PaddedConv2d(nn.Conv2d):
    """A convolution whose input gets zeros before its own padding; its weights keep their names."""

    def forward(self, x):
        return super().forward(F.pad(x, self.zeros))


def pad_state_dict(state):
    """Pads the weights of a state_dict in place, and returns it."""
    for name, (zeros, _) in KERNELS.items():
        state[name + ".weight"] = F.pad(state[name + ".weight"], zeros)
    return state


def enlarge_kernels(model):
    """Gives a model the larger kernels, their new places zero, and returns it. Make optimizers afterwards."""
    for name, (zeros, input_zeros) in KERNELS.items():
        conv = model.get_submodule(name)
        if type(conv) is not nn.Conv2d:
            raise TypeError(f"{name} is {type(conv).__name__}, which may pad or scale by itself: enlarge it by hand")
        if any(input_zeros) and conv.padding_mode != "zeros":
            raise TypeError(f"{name} pads by {conv.padding_mode}, behind which zeros would have to come: enlarge it by hand")
        conv.weight = nn.Parameter(F.pad(conv.weight.detach(), zeros), requires_grad=conv.weight.requires_grad)
        conv.kernel_size = tuple(conv.weight.shape[2:])
        if any(input_zeros):
            conv.__class__, conv.zeros = PaddedConv2d, input_zeros
    return model
`;
