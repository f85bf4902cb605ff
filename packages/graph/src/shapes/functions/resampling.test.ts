import fc from "fast-check";
import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { agreesWithRuntime, inferAndRun } from "../test-support/agrees-with-runtime.ts";

const opset = (version: number) => `<ir_version: 8, opset_import: ["": ${version}]>`;

it.each([
  "g (float[1,3,4,5] x) => (y) <float[4] s = {1, 1, 2.6, 0.6}> { y = Resize (x, , s) }",
  "g (float[1,3,4,5] x) => (y) <int64[4] s = {1, 3, 7, 9}> { y = Resize (x, , , s) }",
  "g (float[1,3,4,5] x) => (y) <float[0] roi = {}, float[0] none = {}, int64[4] s = {1, 3, 7, 9}> { y = Resize (x, roi, none, s) }",
  "g (float[1,3,4,5] x) => (y) <int64[2] s = {7, 9}> { y = Resize <axes = [2, 3]> (x, , , s) }",
  "g (float[1,3,4,5] x) => (y) <float[2] s = {1.5, 2}> { y = Resize <axes = [-2, -1]> (x, , s) }",
  'g (float[1,3,4,5] x) => (y) <int64[2] s = {7, 9}> { y = Resize <axes = [2, 3], keep_aspect_ratio_policy = "not_larger"> (x, , , s) }',
  'g (float[1,3,4,5] x) => (y) <int64[2] s = {7, 9}> { y = Resize <axes = [2, 3], keep_aspect_ratio_policy = "not_smaller"> (x, , , s) }',
  `${opset(10)} g (float[1,3,4,5] x) => (y) <float[4] s = {1, 1, 2, 2}> { y = Resize (x, s) }`,
  `${opset(9)} g (float[1,3,4,5] x) => (y) <float[4] s = {1, 1, 2, 2}> { y = Upsample (x, s) }`,
  `${opset(7)} g (float[1,3,4,5] x) => (y) { y = Upsample <scales = [1.0, 1.0, 2.0, 2.0]> (x) }`,
  "g (float[2,3,4,5] x, float[2,6,7,2] grid) => (y) { y = GridSample (x, grid) }",
  "g (float[2,2,3] t) => (y) <int64[4] s = {2, 3, 4, 5}> { y = AffineGrid (t, s) }",
  "g (float[2,12,4,5] x) => (y) { y = DepthToSpace <blocksize = 2> (x) }",
  "g (float[2,3,4,6] x) => (y) { y = SpaceToDepth <blocksize = 2> (x) }",
  "g (float[2,8,6,1] x) => (y) { y = DFT (x) }",
  "g (float[2,8,6,1] x) => (y) <int64 axis = {1}> { y = DFT <onesided = 1> (x, , axis) }",
  `${opset(17)} g (float[2,8,6,1] x) => (y) <int64 n = {5}> { y = DFT <axis = 1> (x, n) }`,
  "g (float[2,8,6,2] x) => (y) { y = DFT <inverse = 1> (x) }",
  "g (float[2,8,6] x) => (y) <int64[2] s = {5, 9}> { y = CenterCropPad <axes = [1, 2]> (x, s) }",
])("%s", agreesWithRuntime);

it("rounds sizes from any scale as ONNX Runtime does", async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 20 }),
    fc.float({ min: Math.fround(0.3), max: 3, noNaN: true }),
    async (size, scale) => {
      fc.pre(Math.floor(size * scale) > 0);
      const text = `g (float[1,1,${size}] x) => (y) <float[3] s = {1, 1, ${scale}}> { y = Resize (x, , s) }`;
      const { inferred, computed } = await inferAndRun(parseGraphText(text));
      expect([text, inferred.get("y")?.dims]).toEqual([text, computed.get("y")?.dims]);
    },
  );
  await fc.assert(property, { seed: 20261123, numRuns: Number(process.env.SNELLEN_RUNS ?? 40) });
});
