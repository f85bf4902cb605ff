// The Python code by its text; what it does was compared with ONNX Runtime by hand, for timm, torchvision and Hugging Face.
import { expect, it } from "vitest";
import { pytorchPreLayerNorm } from "./pytorch-prelayernorm.ts";

const NORM = { scale: "patch_embed.norm.weight", bias: "patch_embed.norm.bias" };

it("names the module, the file and the initializers", () => {
  const code = pytorchPreLayerNorm(
    { before: null, after: NORM, module: "patch_embed.proj" },
    { file: "fixed.onnx", epsilon: 1e-6 },
  );
  expect(code).toContain(`FILE = "fixed.onnx"
MODULE = "patch_embed.proj"
PATCH_NORM = None  # of each flattened patch, before the projection
NORM = ("patch_embed.norm.weight", "patch_embed.norm.bias")  # of each patch's vector, behind the projection
EPSILON = 0.000001
`);
  expect(code).toMatch(
    /^# Puts PreLayerNorm .* as in fixed\.onnx \(snellen fix prelayernorm, arXiv:2111\.08413\)\.$/m,
  );
});

it("looks for the layer where no name tells it, and lets no name break out of its place", () => {
  const code = pytorchPreLayerNorm(
    { before: { scale: 'a"\nimport os', bias: "b" }, after: null, module: null },
    { file: "x\nimport os.onnx", epsilon: 1e-6 },
  );
  expect(code).toContain("MODULE = None  # no name tells it");
  expect(code).toContain('PATCH_NORM = ("a\\"\\nimport os", "b")');
  expect(code).not.toMatch(/^import os/m);
});
