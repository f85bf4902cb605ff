// BatchNormalization as a node, with kept statistics or in training mode. What was folded into a convolution leaves no node, and
// a product and a sum with constants, as frozen and folded ones become, is no normalization.
import { attr, dimsOf } from "@snellen/graph";
import type { NormalizationForm } from "../normalization.ts";
import { givenAffine, isConstant, ofOneNode } from "./support.ts";

export const batchNormalization: NormalizationForm = {
  id: "batch-normalization",
  title: "BatchNormalization",
  find: ({ index, shapes }) =>
    index.graph.nodes.flatMap((node) => {
      const [input = "", scale = "", bias = ""] = node.inputs;
      const channels = dimsOf(shapes, input)?.[1];
      if (node.opType !== "BatchNormalization" || node.domain !== "" || channels === undefined) return [];
      // with statistics that are computed from its input, it is part of another normalization
      const isKept = node.inputs.slice(3).every((name) => isConstant(index, name));
      if (!isKept && attr.int(node, "training_mode", 0) === 0) return [];
      return [
        {
          ...ofOneNode("batch-normalization", node, input),
          kind: "batch" as const,
          channelAxis: 1,
          channels,
          groups: null,
          acrossPositions: true,
          epsilon: attr.float(node, "epsilon", 1e-5),
          ...givenAffine(index, scale, bias),
          perGroup: false,
        },
      ];
    }),
};
