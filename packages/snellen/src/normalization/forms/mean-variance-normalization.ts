// MeanVarianceNormalization: (x − mean)/(σ + 1e-9) over given axes, no scale and bias of its own.
import { attr, dimsOf } from "@snellen/graph";
import type { NormalizationForm } from "../normalization.ts";
import { placed } from "./placement.ts";
import { frontAxes, ofOneNode } from "./support.ts";

export const meanVarianceNormalization: NormalizationForm = {
  id: "mean-variance-normalization",
  title: "MeanVarianceNormalization",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const [input = ""] = node.inputs;
      const rank = dimsOf(context.shapes, input)?.length;
      if (node.opType !== "MeanVarianceNormalization" || node.domain !== "" || rank === undefined) return [];
      const core = {
        ...ofOneNode("mean-variance-normalization", node, input),
        axes: frontAxes(attr.ints(node, "axes") ?? [0, 2, 3], rank),
        isCentred: true,
        epsilon: 1e-9,
        scale: null,
        bias: null,
        affineDims: undefined,
      };
      return placed(context, core) ?? [];
    }),
};
