// Python code that makes parameter groups for torch.optim: γ by the plan, everything else as practice has it. What it does to
// real networks is checked by tools/reference/check_param_groups.py.
import { oneLine } from "../../python.ts";
import type { NameSource } from "../naming/parameter-names.ts";
import type { PlannedGamma } from "./gamma-plan.ts";
import { guidelineLines } from "./guidelines.ts";

/**
 * A Python file with `param_groups(model, weight_decay, decay, no_decay)`. γ whose names are guesses stand in it as comments.
 * @param file name of the ONNX file that the plan is for, for its heading
 */
export const pytorchPlan = (gammas: readonly PlannedGamma[], file: string): string =>
  planCode(gammas, file, PYTORCH);

/** What a framework adds to the code that they share. */
export interface Entry {
  /** Lines that show how it is called. */
  readonly usage: readonly string[];
  /** The function that is called, which calls `split_parameters`. */
  readonly code: string;
}

/** The whole file: heading with the guidelines, table of γ, what is called, what they share. */
export function planCode(gammas: readonly PlannedGamma[], file: string, { usage, code }: Entry): string {
  const heading = [
    `Weight decay for ${oneLine(file)}: gammas by the plan of snellen gammas (arXiv:2205.07260), the rest as practice has it.`,
    "",
    ...usage.map((line) => `    ${line}`),
    "",
    ...guidelineLines(),
  ];
  const comments = heading.map((line) => `# ${line}`.trimEnd()).join("\n");
  const rows = gammas.map((gamma) => `    ${rowOf(gamma)}\n`).join("");
  return `${comments}\n${IMPORTS}\n\n${TABLE}\nGAMMAS = {\n${rows}}\n\n\n${code}\n\n${SPLIT}`;
}

function rowOf(gamma: PlannedGamma): string {
  const { parameter, named, decay } = gamma;
  const entry = `${literal(parameter)}: ${decay ? "True" : "False"},`;
  return named.sure === "guess"
    ? `# ${entry}  # ${remarkOf(gamma)}; ${GUESSED[named.source]}: put in the parameter's name`
    : `${entry}  # ${remarkOf(gamma)}${named.sure === "likely" ? `; a likely name, ${FOUND[named.source]}` : ""}`;
}

/** A string that Python reads, without characters that a terminal or an editor takes for an end of line. */
const literal = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

function remarkOf({ category, nearly, stream, decidedBy, evidence }: PlannedGamma): string {
  const how = nearly ? ", nearly" : stream ? ", starts the stream" : "";
  const against = evidence?.agrees === false ? `; contradicted: ${oneLine(evidence.verdict)}` : "";
  const open = decidedBy === "open" ? "; not decided: measure with --images" : "";
  return `${category}${how}${open}${against}`;
}

const FOUND: Readonly<Record<NameSource, string>> = {
  name: "in the file",
  scope: "after its module",
  list: "of the list given",
  values: "by its values",
  order: "by size and order in the list given",
  graph: "of the graph",
};

const GUESSED: Readonly<Record<NameSource, string>> = {
  ...FOUND,
  order: "a guess by size and order",
  graph: "only the graph's own name is known",
};

const PYTORCH: Entry = {
  usage: ["optimizer = torch.optim.SGD(param_groups(model, weight_decay=1e-4), lr=0.1, momentum=0.9)"],
  code: `def param_groups(model, weight_decay=1e-4, decay=(), no_decay=()):
    """Groups for torch.optim: what decays, and what does not. \`decay\` and \`no_decay\` are names, or patterns with *, that have
    the last word. Raises ValueError where the plan or a rule does not fit the model."""
    decaying, others = split_parameters(model, decay, no_decay)
    return [{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
`,
};

const IMPORTS = `import re
import warnings
from fnmatch import fnmatchcase

import torch.nn as nn`;

const TABLE = "# whether each gamma decays";

const SPLIT = `def split_parameters(model, decay=(), no_decay=()):
    """Two lists: trainable parameters that decay, and those that do not; each parameter once."""
    decay, no_decay = ([names] if isinstance(names, str) else list(names) for names in (decay, no_decay))
    plan = {own_name(name): decays for name, decays in GAMMAS.items()}
    uses, modules = uses_of(model)
    check_names(plan, decay + no_decay, uses, modules)
    exempt = exempt_names(model)
    shared = {}  # every use of a parameter
    for name, (module, leaf, parameter) in uses.items():
        if parameter.requires_grad:
            shared.setdefault(parameter, []).append((name, module, leaf))
    lists, unknown, unplanned = {True: [], False: []}, [], []
    for parameter, places in shared.items():
        names = [name for name, _, _ in places]
        planned = [plan[name] for name in names if name in plan]
        if matches(names, no_decay):
            verdict = False
        elif matches(names, decay):
            verdict = True
        elif matches(names, exempt):
            verdict = False
        elif planned:
            verdict = all(planned)  # a shared one decays only if each use lets it
        else:
            verdicts = [practice(parameter, module, leaf) for _, module, leaf in places]
            verdict = None if None in verdicts else all(verdicts)
            unplanned += [name for name, module, leaf in places if is_scale(parameter, module, leaf)]
        if verdict is None:
            unknown += names
        else:
            lists[verdict].append(parameter)
    if unknown:
        raise ValueError(f"no rule says whether these decay: {listed(unknown)}. Name them in decay= or no_decay=.")
    if unplanned:
        warnings.warn(f"scales of normalizations that are not in the plan do not decay: {listed(unplanned)}.", stacklevel=3)
    return lists[True], lists[False]


def practice(parameter, module, leaf):
    """Whether a parameter outside the plan decays; None where no rule knows it."""
    # Biases and vectors (temperatures, scales without a plan): they are few, and no layer's function gets simpler as an offset
    # or a scale goes to zero.
    if parameter.ndim <= 1 or leaf.endswith("bias"):
        return False
    # An embedding's rows are looked up: in a step most get no gradient, but all would shrink. A LayerNorm over several axes has
    # a scale of several.
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag, nn.LayerNorm)):
        return False
    # Matrices and kernels.
    if "weight" in leaf:
        return True
    # Position embeddings, class and register tokens, tables of relative positions: they are added to a signal or to the logits
    # of an attention, inputs or biases rather than maps. A layer scale [C, 1, 1] is a vector.
    if ADDED.search(leaf) or parameter.numel() == max(parameter.shape):
        return False
    return None


ADDED = re.compile(r"(^|_)(pos|position|rel)(_|$)|embed|token|bias")


def is_scale(parameter, module, leaf):
    return leaf == "weight" and parameter.ndim == 1 and "norm" in type(module).__name__.lower()


def uses_of(model):
    """Module, attribute and parameter by name, under each name of a shared one; and modules by their name and a dot."""
    uses, modules = {}, {}
    for path, module in model.named_modules(remove_duplicate=False):
        prefix = own_name(path + ".") if path else ""
        modules[prefix] = module
        for leaf, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            if uses.setdefault(prefix + leaf, (module, leaf, parameter))[2] is not parameter:
                raise ValueError(f"two parameters are called {prefix + leaf}.")
    return uses, modules


def check_names(plan, patterns, uses, modules):
    missing = [name for name in plan if name not in uses and not is_fixed(name, modules)]
    if missing:
        raise ValueError(
            f"the model lacks {listed(missing)}. Is it the network of the plan? If it is and names differ, make the plan again "
            "with snellen gammas --parameters and a list of the names and shapes of model.named_parameters()."
        )
    unused = [pattern for pattern in patterns if not matches(uses, [pattern])]
    if unused:
        raise ValueError(f"no parameter is called {listed(unused)}.")


def is_fixed(name, modules):
    """A normalization with affine=False, or with its scale in a buffer: nothing to decay."""
    prefix, dot, leaf = name.rpartition(".")
    return hasattr(modules.get(prefix + dot), leaf)


def exempt_names(model):
    """Names, or patterns, that the outermost modules exempt themselves (no_weight_decay() of timm's models)."""
    names, inside = [], []
    for path, module in model.named_modules():
        prefix = own_name(path + ".") if path else ""
        exempts = getattr(module, "no_weight_decay", None)
        if callable(exempts) and not prefix.startswith(tuple(inside)):
            inside.append(prefix)
            names += [own_name(prefix + name) for name in exempts()]
    return names


# What wrappers put before names: DataParallel, torch.compile, FSDP, activation checkpointing.
WRAPPED = re.compile(r"(^|(?<=\\.))(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\\.")


def own_name(name):
    return re.sub(r"^(module\\.)+", "", WRAPPED.sub("", name))


def matches(names, patterns):
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def listed(names):
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
`;
