// Oracle: `named_modules()` of torchvision's ResNet-18, RegNetY-400MF and MobileNetV2, whose exports (torch 2.15.0, both exporters)
// gave these names.
import { makeNode } from "@snellen/graph";
import { expect, it } from "vitest";
import { modulePath } from "./module-path.ts";

const conv = (name: string, metadata: Record<string, string> = {}) => ({
  ...makeNode("Conv", ["x", "w"], ["y"], { name }),
  source: { metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
});

it.each([
  ["layer2.0.downsample.0.weight", "node_Conv_305", "layer2.0.downsample.0"],
  ["trunk_output.block1.block1-0.proj.0.weight", "node_Conv_787", "trunk_output.block1.block1-0.proj.0"],
  ["onnx::Conv_193", "/conv1/Conv", "conv1"],
  ["onnx::Conv_214", "/layer2/layer2.0/downsample/downsample.0/Conv", "layer2.0.downsample.0"],
  ["onnx::Conv_538", "/features/features.0/features.0.0/Conv", "features.0.0"],
  ["onnx::Conv_541", "/features/features.2/conv/conv.1/conv.1.0/Conv", "features.2.conv.1.0"],
  ["W", "Conv_12", null],
  ["model/conv2d/Conv2D/ReadVariableOp:0", "model/conv2d/BiasAdd", null],
])("%s of %s: %s", (weight, node, module) => {
  expect(modulePath(conv(node), weight)).toBe(module);
});

it("reads the scopes of a convolution, not those of a normalization that was folded into one", () => {
  const scopes = { "pkg.torch.onnx.name_scopes": "['', 'stem', 'stem.1', 'op']" };
  const of = (type: string) => ({
    ...scopes,
    "pkg.torch.onnx.class_hierarchy": `['Net', 'Stem', '${type}', 'op']`,
  });
  expect(modulePath(conv("n", of("torch.nn.modules.conv.Conv2d")), "val_3")).toBe("stem.1");
  expect(modulePath(conv("n", of("torch.nn.modules.batchnorm.BatchNorm2d")), "val_3")).toBeNull();
});

it("reads the scopes of a normalization where those are asked for", () => {
  const scopes = {
    "pkg.torch.onnx.name_scopes": "['', 'layer1.0.bn1', 'op']",
    "pkg.torch.onnx.class_hierarchy": "['Net', 'torch.nn.modules.batchnorm.BatchNorm2d', 'op']",
  };
  expect(modulePath(conv("n", scopes), "", /\.\w*Norm\w*$/)).toBe("layer1.0.bn1");
  expect(modulePath(conv("n", scopes), "")).toBeNull();
});
