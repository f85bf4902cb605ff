// Group normalization as PyTorch exports it: Reshape to [N, G, rest] → InstanceNormalization → Reshape back → Mul → Add.
// Where the InstanceNormalization has a γ and β that are not ones and zeros, they are those of the groups.
import type { Node } from "@snellen/graph";
import type { FormContext, NormalizationForm } from "../normalization.ts";
import { sandwichOf, withInnerAffine } from "./core.ts";
import { instanceCore } from "./instance-core.ts";
import { placed } from "./placement.ts";
import { isFilledWith } from "./support.ts";

export const reshapedInstanceNormalization: NormalizationForm = {
  id: "reshaped-instance-normalization",
  title: "Reshape → InstanceNormalization → Reshape",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const bare = instanceCore(context, node, "reshaped-instance-normalization");
      const core = bare && withInnerAffine(context, bare);
      const sandwich = core && sandwichOf(context, core);
      if (sandwich === undefined || core === undefined) return [];
      const neutral =
        isNeutral(context, node) && placed(context, { ...core, scale: null, bias: null }, sandwich);
      return (neutral && neutral.scale !== null ? neutral : placed(context, core, sandwich)) ?? [];
    }),
};

/** Ones and zeros in front of a scale of its own are none. */
const isNeutral = ({ index }: FormContext, { inputs: [, scale = "", bias = ""] }: Node): boolean =>
  isFilledWith(index, scale, 1) && isFilledWith(index, bias, 0);
