import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseModel } from "../protobuf.ts";
import { compareWithRun } from "./test-support/compare-with-run.ts";

const folder = new URL("../../../../../shared/models/", import.meta.url);

/** Both exporters, tf2onnx, tflite2onnx, a quantized model; folder absent in a plain checkout. */
it
  .skipIf(!existsSync(folder))
  .each([
    "cifar10_resnet20_legacy_bn",
    "cifar10_resnet8_keras_nhwc",
    "cifar10_vit_smmk47_legacy",
    "cifar10_vit_smmk47_dynamo",
    "face_slim_320",
    "mobilenet_v2_100_224_uint8_qdq",
  ])("every value of %s has the type, dimensions and contents of a run", async (name) => {
  const model = parseModel(new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder))));
  expect(await compareWithRun(model)).toMatchObject({ unknown: [], differences: [] });
});
