// Oracle: which recorded export had its BatchNormalization folded, as the script that made them knows
// (tools/reference/normalization_forms.py: the same network, exported with and without γ), and hand-written graphs.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { foldedNormalization } from "./folded.ts";
import { type Found, findIn, findInFile, numbers } from "./test-support/find-in.ts";
import { findInRecorded, recorded } from "./test-support/recorded.ts";

const folded = ({ model, shapes, normalizations }: Found) =>
  foldedNormalization(model, shapes, normalizations);

/** What keeps γ in the same network: files of the same folder (`batch-kept`, `keras2-batch-kept`, `keras-batch-training`) show it. */
const ADVICE: Readonly<Record<string, string>> = {
  torchscript: "do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE",
  dynamo: "dynamo=True, optimize=False",
  tf2onnx: "model(x, training=True)",
};

it.each(recorded.filter((r) => r.folded !== undefined))(
  "sees that $file was folded",
  ({ file, exporter, folded: count }) => {
    const found = folded(findInRecorded(file));
    expect(found.folded).toBe(count);
    expect(found.convolutions).toBe(2);
    expect(found.advice).toContain(ADVICE[exporter]);
  },
);

describe("on graphs written by hand", () => {
  const conv = (name: string, weight: string, bias: string, more = "", body = "") =>
    folded(
      findIn(
        "float[N,3,6,6]",
        [numbers(`"${weight}"`, [4, 3, 3, 3], 0), numbers(`"${bias}"`, [4], 0), more]
          .filter(Boolean)
          .join(", "),
        `["${name}"] c = Conv (x, "${weight}", "${bias}")\n ${body || "y = Relu (c)"}`,
      ),
    );

  it.each([
    ["numbers as names, as old PyTorch wrote", "Conv_0", "193", "194", 1],
    ["a bias named after its weight", "node_Conv_1", "conv1.weight", "conv1.weight_bias", 1],
    ["names of a parameter", "/conv1/Conv", "conv1.weight", "conv1.bias", 0],
    [
      "a module that is called after a normalization",
      "/batchnorm_conv/Conv",
      "batchnorm_conv.weight",
      "batchnorm_conv.bias",
      0,
    ],
    [
      "a weight alone without a name, as standardized ones are",
      "/conv1/Conv",
      "onnx::Conv_12",
      "conv1.bias",
      0,
    ],
    [
      "the name of Keras 2's normalization",
      "model/conv2d/BiasAdd",
      "model/conv2d/BiasAdd_weights_fused_bn",
      "model/conv2d/BiasAdd_bias_fused_bn",
      1,
    ],
  ])("%s", (_, name, weight, bias, count) => {
    const found = conv(name, weight, bias);
    expect([found.convolutions, found.folded]).toEqual([1, count]);
    expect(found.how).toMatch(count === 1 ? /^1 of 1 convolutions/ : /^No convolution bears a trace/);
    expect(found.advice === null).toBe(count === 0);
  });

  it("takes no convolution for folded whose normalization is there", () => {
    const more = `${numbers("g", [4])}, ${numbers("b", [4], 0)}, ${numbers("m", [4], 0)}, ${numbers("v", [4])}`;
    expect(conv("Conv_0", "193", "194", more, "y = BatchNormalization (c, g, b, m, v)").folded).toBe(0);
  });

  it.each([
    ["a product and a sum along the channels", [4, 1, 1], "s = Mul (c, k)\n y = Add (s, k)", 1],
    ["a product alone, as a layer scale is", [4, 1, 1], "s = Mul (c, k)\n y = Relu (s)", 0],
    ["a product and a sum along rows", [4, 1], "s = Mul (c, k)\n y = Add (s, k)", 0],
  ])("%s", (_, dims, body, count) => {
    expect(conv("a", "conv.weight", "conv.bias", numbers("k", dims), body).folded).toBe(count);
  });

  it("takes the preprocessing of the image for none", () => {
    const body = `s = Mul (x, k)\n p = Add (s, k)\n y = Conv (p, W)`;
    const found = findIn("float[N,3,6,6]", `${numbers("k", [3, 1, 1])}, ${numbers("W", [4, 3, 3, 3])}`, body);
    expect(folded(found)).toMatchObject({ convolutions: 1, folded: 0, advice: null });
  });

  it("says that nothing tells, where every convolution has a bias and nothing is normalized", () => {
    const body = "d = Conv (c, W2, b2)\n y = Relu (d)";
    const found = conv(
      "a",
      "conv.weight",
      "conv.bias",
      `${numbers("W2", [4, 4, 1, 1])}, ${numbers("b2", [4])}`,
      body,
    );
    expect(found).toMatchObject({ convolutions: 2, folded: 0 });
    expect(found.how).toMatch(/left no trace/);
    expect(found.advice).toMatch(/^If the network has BatchNormalization/);
  });

  it("has nothing to say of a network without convolutions", () => {
    const found = findIn("float[N,5]", numbers("W", [5, 3]), "y = MatMul (x, W)");
    expect(folded(found)).toMatchObject({ convolutions: 0, folded: 0, advice: null });
  });
});

const shared = new URL("../../../../../shared/models/", import.meta.url);

/** Hand labels: the authors' networks have a BatchNormalization behind all convolutions but these. */
describe.skipIf(!existsSync(shared))("on real networks", () => {
  it.each([
    ["cifar10_resnet20_dynamo", 19, 19],
    ["cifar10_resnet20_legacy_folded", 19, 19],
    ["cifar10_resnet20_legacy_bn", 19, 0],
    // two projections on shortcuts have none
    ["cifar10_resnet8_keras_nhwc", 9, 7],
    // the classifier is a convolution
    ["mobilenet_v1_050_160_tflite", 28, 27],
    ["vww_mobilenetv1_keras_nhwc", 27, 27],
    ["face_slim_320", 42, 0],
    ["squeezenet1_1", 26, 0],
  ])("%s", (name, convolutions, count) => {
    const found = folded(findInFile(fileURLToPath(new URL(`${name}.onnx`, shared))));
    expect(found).toMatchObject({ convolutions, folded: count });
  });
});
