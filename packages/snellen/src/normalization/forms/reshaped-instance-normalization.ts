// Group normalization as PyTorch exports it: Reshape to [N, G, rest] → InstanceNormalization → Reshape back → Mul → Add.
// Where the InstanceNormalization has a γ and β that are not ones and zeros, they are those of the groups.
import type { NormalizationForm } from "../normalization.ts";
import { sandwichOf, withInnerAffine } from "./core.ts";
import { instanceCore } from "./instance-core.ts";
import { placed } from "./placement.ts";

export const reshapedInstanceNormalization: NormalizationForm = {
  id: "reshaped-instance-normalization",
  title: "Reshape → InstanceNormalization → Reshape",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const bare = instanceCore(context, node, "reshaped-instance-normalization");
      const core = bare && withInnerAffine(context, bare);
      const sandwich = core && sandwichOf(context, core);
      return sandwich === undefined || core === undefined ? [] : (placed(context, core, sandwich) ?? []);
    }),
};
