// ONNX Runtime's SkipLayerNormalization and SkipSimplifiedLayerNormalization: a residual sum and its normalization in one node.
// Their sum is seen only after `expandFusedNormalizations` (find-normalizations.ts).
import { attr, dimsOf } from "@snellen/graph";
import type { NormalizationForm, NormalizationKind } from "../normalization.ts";
import { givenAffine, ofOneNode } from "./support.ts";

const KINDS: Readonly<Record<string, NormalizationKind | undefined>> = {
  SkipLayerNormalization: "layer",
  SkipSimplifiedLayerNormalization: "rms",
};

export const skipNormalization: NormalizationForm = {
  id: "skip-normalization",
  title: "SkipLayerNormalization of ONNX Runtime",
  find: ({ index, shapes }) =>
    index.graph.nodes.flatMap((node) => {
      const kind = node.domain === "com.microsoft" ? KINDS[node.opType] : undefined;
      const [first = "", , scale = "", bias = ""] = node.inputs;
      const dims = dimsOf(shapes, first);
      if (kind === undefined || dims === undefined) return [];
      return [
        {
          ...ofOneNode("skip-normalization", node, node.outputs[3] || first),
          kind,
          channelAxis: dims.length - 1,
          channels: dims.at(-1) as number,
          groups: 1,
          acrossPositions: false,
          epsilon: attr.float(node, "epsilon", 1e-12),
          ...givenAffine(index, scale, kind === "layer" ? bias : ""),
          perGroup: false,
        },
      ];
    }),
};
