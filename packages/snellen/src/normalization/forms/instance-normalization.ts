// InstanceNormalization as a node, with no Reshapes around it that make groups of its channels.
import type { NormalizationForm } from "../normalization.ts";
import { instanceCore } from "./instance-core.ts";
import { placed } from "./placement.ts";

export const instanceNormalization: NormalizationForm = {
  id: "instance-normalization",
  title: "InstanceNormalization",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const core = instanceCore(context, node, "instance-normalization");
      return core === undefined ? [] : (placed(context, core) ?? []);
    }),
};
