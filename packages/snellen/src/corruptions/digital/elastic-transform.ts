// Elastic transform: a smooth random field shifts every pixel (Simard et al. 2003). Constants and recipe: `imagecorruptions`
// (Michaelis et al. 2019), which leaves out ImageNet-C's random affine map.
import { defineCorruption } from "../corruption.ts";
import { displace } from "../parts/bilinear.ts";
import { blurField } from "../parts/gaussian.ts";

/** Independent uniform numbers in [0, 1), one for every pixel. */
interface ElasticDraw {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Of the height, both ways: the largest shift before smoothing. */
const LARGEST = 0.005;
/** Of the side. */
const SMOOTHING = 0.01;

export const elasticTransform = defineCorruption<number, ElasticDraw>({
  id: "elastic_transform",
  family: "digital",
  imagenetC: "common",
  summary: "shifts every pixel by a smooth random field",
  unit: "factor of the smoothed field",
  levels: [12.5, 16.25, 21.25, 25, 30],
  draw: (random, { width, height }) => ({
    x: random.uniforms(width * height),
    y: random.uniforms(width * height),
  }),
  apply(pixels, factor, { x, y }) {
    const { width, height } = pixels;
    const largest = LARGEST * height;
    const field = (uniforms: Float32Array): Float32Array => {
      const shifts = new Float32Array(uniforms.length);
      for (let i = 0; i < shifts.length; i++) shifts[i] = factor * (2 * uniforms[i]! - 1) * largest;
      return blurField(shifts, pixels, {
        sigma: { down: SMOOTHING * height, along: SMOOTHING * width },
        truncate: 3,
        border: "reflect",
      });
    };
    return displace(pixels, field(x), field(y));
  },
});
