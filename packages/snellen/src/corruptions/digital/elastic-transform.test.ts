import { expect, it } from "vitest";
import { noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { elasticTransform } from "./elastic-transform.ts";

equalsReference(elasticTransform, ({ array }) => ({ x: array("u_dx"), y: array("u_dy") }));
matchesDistribution(elasticTransform);
takesPicturesOfAnySize(elasticTransform);

it("shifts by the height on both axes", () => {
  // uniforms of 1 and 1/2 shift everything by 5 * 0.005 * 40 = 1 pixel and by none
  const { width, height, data } = noisePicture(64, 40);
  const draw = { x: new Float32Array(64 * 40).fill(1), y: new Float32Array(64 * 40).fill(0.5) };
  const made = elasticTransform.apply({ width, height, data }, 5, draw);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width - 1; x++)
      expect(Math.abs(made[3 * (y * width + x)]! - data[3 * (y * width + x + 1)]!)).toBeLessThanOrEqual(1);
});
