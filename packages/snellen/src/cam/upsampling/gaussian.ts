// Gaussian upsampling: each cell spreads as a Gaussian of its receptive field's shape, normalized to one inside the image,
// so that the map sums to what the cells summed to. Kim et al., arXiv:2001.05153 (idea); normalization derived here.
import { floatTensor } from "@snellen/graph";
import { inStrides } from "./sigma.ts";
import type { AxisCentres, Upsampling } from "./upsampling.ts";

/**
 * One axis of the kernel, [cells, pixels]: row j is N(x; c_j, σ) over pixel centres, normalized to sum one inside the image.
 * A centre outside the image is moved to its edge, so that no row is empty.
 * @param sigma in multiples of the spacing, above 0
 */
export function gaussianKernel(
  cells: number,
  pixels: number,
  { first, spacing }: AxisCentres,
  sigma: number,
): Float32Array {
  const kernel = new Float32Array(cells * pixels);
  for (let j = 0; j < cells; j++) {
    const centre = Math.min(Math.max(first + j * spacing, 0), pixels - 1);
    const row = Float64Array.from({ length: pixels }, (_, x) =>
      Math.exp(-0.5 * ((x - centre) / (sigma * spacing)) ** 2),
    );
    // so narrow that it is zero at every pixel's centre: the nearest one, or the nearest two
    if (row.every((v) => v === 0))
      for (const x of [Math.ceil(centre - 0.5), Math.floor(centre + 0.5)]) row[x] = 1;
    const sum = row.reduce((a, v) => a + v, 0);
    for (let x = 0; x < pixels; x++) kernel[j * pixels + x] = (row[x] as number) / sum;
  }
  return kernel;
}

// U = Gyᵀ · L · Gx: two small products.
export const gaussian: Upsampling = {
  id: "gaussian",
  summary: "Each cell spread as a Gaussian that sums to one inside the image; the map sums to the score.",
  conservative: true,
  build({ b, cells, size, centres, sigma }) {
    const [h, w] = b.dims(cells).slice(1) as [number, number];
    const [height, width] = size;
    const columns = b.tensor(
      floatTensor([w, width], gaussianKernel(w, width, centres[1], inStrides(sigma, 1, centres[1].spacing))),
      "gaussian_columns",
    );
    const rows = b.tensor(
      floatTensor(
        [h, height],
        gaussianKernel(h, height, centres[0], inStrides(sigma, 0, centres[0].spacing)),
      ),
      "gaussian_rows",
    );
    return b.op("MatMul", [b.op("Transpose", [rows], { perm: [1, 0] }), b.op("MatMul", [cells, columns])]);
  },
};
