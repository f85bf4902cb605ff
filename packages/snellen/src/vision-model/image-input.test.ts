// Oracle: what exporters write for pictures (PyTorch NCHW, Keras NHWC, open axes as symbols or -1).
import { parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { findImageInput } from "./image-input.ts";

const modelOf = (inputs: string) => parseGraphText(`g (${inputs}) => (float[N] y) { }`);

describe("findImageInput", () => {
  it.each([
    ["float[N,3,224,200] x", "NCHW", 3, [224, 200], undefined, "float32"],
    ["float[1,3,32,32] x", "NCHW", 3, [32, 32], 1, "float32"],
    ["float[N,96,64,3] x", "NHWC", 3, [96, 64], undefined, "float32"],
    ["uint8[1,224,224,3] x", "NHWC", 3, [224, 224], 1, "uint8"],
    ["float16[N,1,28,28] x", "NCHW", 1, [28, 28], undefined, "float16"],
    ["float[N,28,28,1] x", "NHWC", 1, [28, 28], undefined, "float32"],
    ["float[N,3,H,W] x", "NCHW", 3, [undefined, undefined], undefined, "float32"],
    ["float[N,H,W,3] x", "NHWC", 3, [undefined, undefined], undefined, "float32"],
    ["float[N,C,H,W] x", "NCHW", 3, [undefined, undefined], undefined, "float32"],
    ["float[?,?,?,?] x", "NCHW", 3, [undefined, undefined], undefined, "float32"],
    ["int64[N] ids, float[N,3,8,8] x", "NCHW", 3, [8, 8], undefined, "float32"],
  ])("reads %s", (inputs, layout, channels, size, fixedBatch, dataType) => {
    expect(findImageInput(modelOf(inputs))).toEqual({
      name: "x",
      layout,
      channels,
      size,
      fixedBatch,
      dataType,
    });
  });

  it.each([
    ["float[N,10] x", "no-image-input"],
    ["int64[N,3,8,8] x", "no-image-input"],
    ["float[N,8,8,8] x", "no-image-input"],
    ["float[N,3,8] x", "no-image-input"],
    ["float[N,3,8,8] a, float[N,3,8,8] b", "several-image-inputs"],
  ])("refuses %s with %s", (inputs, code) => {
    expect(() => findImageInput(modelOf(inputs))).toThrow(expect.objectContaining({ code }));
  });

  it("takes the input that is named, and says what is wrong with it", () => {
    const model = modelOf("float[N,3,8,8] a, float[N,3,8,8] b, float[N,7] c");
    expect(findImageInput(model, "b").name).toBe("b");
    expect(() => findImageInput(model, "d")).toThrow(
      '--input: the model has no input "d". Its inputs: "a" float32[N, 3, 8, 8]',
    );
    expect(() => findImageInput(model, "c")).toThrow('input "c" float32[N, 7] takes no images.');
  });
});
