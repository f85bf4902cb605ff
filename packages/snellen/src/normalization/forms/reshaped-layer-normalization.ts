// Group normalization by LayerNormalization: Reshape to [N, G, rest] → LayerNormalization over the last axes → Reshape back → Mul →
// Add. What `x.view(n, groups, -1)` with mean and variance becomes, as the written-out statistics are fused before.
import type { NormalizationForm } from "../normalization.ts";
import { sandwichOf, withInnerAffine } from "./core.ts";
import { lastAxesCore } from "./last-axes-core.ts";
import { placed } from "./placement.ts";

export const reshapedLayerNormalization: NormalizationForm = {
  id: "reshaped-layer-normalization",
  title: "Reshape → LayerNormalization → Reshape",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const bare = lastAxesCore(context, node, "reshaped-layer-normalization", true);
      const core = bare && withInnerAffine(context, bare);
      const sandwich = core && sandwichOf(context, core);
      const found = sandwich && core && placed(context, core, sandwich);
      const isWithinPositions = found?.kind === "layer" && !found.acrossPositions;
      const gainsAffine = core?.scale === null && (found?.scale !== null || found?.bias !== null);
      // Reshapes that only merge positions are no part of it, unless γ stands behind them: the plain form takes the node
      return found === undefined || (isWithinPositions && !gainsAffine) ? [] : [found];
    }),
};
