// RMSNormalization (opset 23) and ONNX Runtime's SimplifiedLayerNormalization as nodes.
import type { NormalizationForm } from "../normalization.ts";
import { lastAxesCore } from "./last-axes-core.ts";
import { placed } from "./placement.ts";

export const rmsNormalization: NormalizationForm = {
  id: "rms-normalization",
  title: "RMSNormalization or SimplifiedLayerNormalization",
  find: (context) =>
    context.index.graph.nodes.flatMap((node) => {
      const core = lastAxesCore(context, node, "rms-normalization", false);
      return core === undefined ? [] : (placed(context, core) ?? []);
    }),
};
