// LayerNormalization as a node: over the channels, one position at a time, or over the whole map.
import type { NormalizationForm } from "../normalization.ts";
import { lastAxesCore } from "./last-axes-core.ts";
import { placed } from "./placement.ts";

export const layerNormalization: NormalizationForm = {
  id: "layer-normalization",
  title: "LayerNormalization",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const core = lastAxesCore(context, node, "layer-normalization", true);
      return core === undefined ? [] : (placed(context, core) ?? []);
    }),
};
