// Python code that makes parameter groups for timm's create_optimizer_v2(…, param_group_fn=…) (as of timm 1.0.31): the plan's γ,
// and the rest as in pytorch-plan.ts.
import type { PlannedGamma } from "./gamma-plan.ts";
import { type Entry, planCode } from "./pytorch-plan.ts";

/**
 * A Python file with `param_group_fn(model, decay, no_decay)`. γ whose names are guesses stand in it as comments.
 * @param file name of the ONNX file that the plan is for, for its heading
 */
export const timmPlan = (gammas: readonly PlannedGamma[], file: string): string =>
  planCode(gammas, file, TIMM);

const TIMM: Entry = {
  usage: [
    'optimizer = create_optimizer_v2(model, "adamw", lr=1e-3, weight_decay=0.05, param_group_fn=param_group_fn)',
    "",
    "timm leaves the grouping to this function alone: it does not look at filter_bias_and_bn and layer_decay then.",
  ],
  code: `def param_group_fn(model, decay=(), no_decay=()):
    """Groups for timm: what decays by the optimizer's weight_decay, and what does not. \`decay\` and \`no_decay\` are names, or
    patterns with *, that have the last word. Raises ValueError where the plan or a rule does not fit the model."""
    decaying, others = split_parameters(model, decay, no_decay)
    return [{"params": decaying}, {"params": others, "weight_decay": 0.0}]
`,
};
