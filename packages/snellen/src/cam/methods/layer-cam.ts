// LayerCAM: activations weighted position by position with the positive part of their gradient.
// Jiang et al., "LayerCAM: exploring hierarchical class activation maps", IEEE TIP 2021, equations 6 and 7.
import type { LayerMethod } from "../method.ts";

export const layerCam: LayerMethod = {
  kind: "layer",
  id: "layer-cam",
  title: "LayerCAM",
  summary: "Activations weighted by the positive part of their gradient at each position.",
  paper: "Jiang et al., IEEE TIP 2021, doi:10.1109/TIP.2021.3089943, eq. 6-7",
  rectified: true,
  unit: "own",
  cells: ({ b, activations, gradients, sum }) => sum(b.op("Mul", [activations, b.op("Relu", [gradients])])),
};
