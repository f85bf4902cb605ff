// MeanVarianceNormalization: (x − mean)/(σ + 1e-9) over given axes, no scale and bias of its own.
import { attr, dimsOf } from "@snellen/graph";
import type { NormalizationForm } from "../normalization.ts";
import { placed } from "./placement.ts";

export const meanVarianceNormalization: NormalizationForm = {
  id: "mean-variance-normalization",
  title: "MeanVarianceNormalization",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const [input = ""] = node.inputs;
      const rank = dimsOf(context.shapes, input)?.length;
      if (node.opType !== "MeanVarianceNormalization" || node.domain !== "" || rank === undefined) return [];
      const output = node.outputs[0] as string;
      const given = attr.ints(node, "axes") ?? [0, 2, 3];
      const axes = given.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
      const form = "mean-variance-normalization";
      const own = { scale: null, bias: null, affineDims: undefined };
      const core = { form, node, nodes: [node], input, normalized: output, output, axes, ...own };
      return placed(context, { ...core, isCentred: true, epsilon: 1e-9 }) ?? [];
    }),
};
