// Properties of upsampling at every size and edge: Gaussian kernels keep sums, commute with mirroring, peak at their centres.
// Oracle: those properties, and torch.nn.functional.interpolate(align_corners=False) for a hand-sized bilinear case.
import { createBuilder, inferShapes, parseGraphText, serializeModel } from "@snellen/graph";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { gaussianKernel } from "./gaussian.ts";
import { upsampling, upsamplings } from "./index.ts";
import { parseSigma } from "./sigma.ts";
import { evenCentres } from "./upsampling.ts";

const axis = fc
  .record({
    cells: fc.integer({ min: 1, max: 24 }),
    pixels: fc.integer({ min: 1, max: 96 }),
    sigma: fc.double({ min: 0.2, max: 3, noNaN: true }),
  })
  .filter(({ cells, pixels }) => cells <= pixels);

describe("gaussianKernel", () => {
  it("gives every cell a sum of one inside the image, whatever its centre", () => {
    fc.assert(
      fc.property(axis, fc.double({ min: -40, max: 40, noNaN: true }), ({ cells, pixels, sigma }, offset) => {
        const even = evenCentres(cells, pixels);
        const kernel = gaussianKernel(cells, pixels, { ...even, first: even.first + offset }, sigma);
        for (let j = 0; j < cells; j++) {
          const row = kernel.subarray(j * pixels, (j + 1) * pixels);
          expect(row.reduce((a, v) => a + v, 0)).toBeCloseTo(1, 5);
          expect(row.every((v) => v >= 0)).toBe(true);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("mirrors with the image", () => {
    fc.assert(
      fc.property(axis, ({ cells, pixels, sigma }) => {
        const kernel = gaussianKernel(cells, pixels, evenCentres(cells, pixels), sigma);
        const mirrored = Float32Array.from(kernel).reverse();
        for (const [i, v] of mirrored.entries()) expect(v).toBeCloseTo(kernel[i] as number, 5);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it("keeps sums and mirrors where it is narrower than a pixel", () => {
    const even = [...gaussianKernel(2, 8, evenCentres(2, 8), 1e-4)];
    expect(even).toEqual([0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0]);
    expect([...gaussianKernel(1, 3, { first: 1.25, spacing: 3 }, 1e-4)]).toEqual([0, 1, 0]);
  });

  it("peaks at the cell's centre, and moves with it by whole pixels", () => {
    const at = (first: number) => gaussianKernel(4, 65, { first, spacing: 16 }, 0.3).subarray(65, 130);
    expect(at(0).indexOf(Math.max(...at(0)))).toBe(16);
    expect(at(5).indexOf(Math.max(...at(5)))).toBe(21);
  });
});

/** Upsamples one map of [h, w] cells by ONNX Runtime. */
async function run(
  id: string,
  cells: readonly number[],
  dims: readonly [number, number],
  size: readonly [number, number],
) {
  const model = parseGraphText(
    `agraph (float[N,${dims[0]},${dims[1]}] cells) => (float[N,${dims[0]},${dims[1]}] cells) { }`,
  );
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, inferShapes(model));
  const centres = [evenCentres(dims[0], size[0]), evenCentres(dims[1], size[1])] as const;
  const map = b.output(upsampling(id).build({ b, cells: "cells", size, centres, sigma: { strides: 0.5 } }));
  const session = await InferenceSession.create(serializeModel(b.build()));
  const result = await session.run({ cells: new Tensor("float32", Float32Array.from(cells), [1, ...dims]) });
  await session.release();
  const out = result[map] as Tensor;
  return { values: [...(out.data as Float32Array)], dims: out.dims };
}

describe("upsampling", () => {
  it.each(upsamplings.map((u) => u.id))(
    "%s: positive scaling passes through, sizes are as asked",
    async (id) => {
      const cells = [1, -2, 0.5, 3, 0, 1];
      const once = await run(id, cells, [2, 3], [7, 10]);
      const twice = await run(
        id,
        cells.map((v) => 2 * v),
        [2, 3],
        [7, 10],
      );
      expect(once.dims).toEqual([1, 7, 10]);
      for (const [i, v] of twice.values.entries()) expect(v).toBeCloseTo(2 * (once.values[i] as number), 5);
    },
  );

  it("gaussian keeps the sum of signed cells; the others do not", async () => {
    const cells = [1, -2, 0.5, 3, 0, 1];
    const sum = (values: readonly number[]) => values.reduce((a, v) => a + v, 0);
    for (const { id, conservative } of upsamplings) {
      const { values } = await run(id, cells, [2, 3], [8, 12]);
      expect(Math.abs(sum(values) - sum(cells)) < 1e-4).toBe(conservative);
    }
  });

  it("bilinear is that of torch.nn.functional.interpolate", async () => {
    const { values } = await run("bilinear", [0, 4], [1, 2], [1, 4]);
    expect(values).toEqual([0, 1, 3, 4]);
  });

  it("nearest repeats cells as blocks", async () => {
    expect((await run("nearest", [1, 2], [1, 2], [2, 4])).values).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});

describe("sigma", () => {
  it.each([
    ["stride", [{ strides: 1 }]],
    [0.75, [{ strides: 0.75 }]],
    ["2", [{ strides: 2 }]],
    ["16px", [{ pixels: [16, 16] }]],
    ["16x2.5px", [{ pixels: [16, 2.5] }]],
    ["16x2.5px,stride", [{ pixels: [16, 2.5] }, { strides: 1 }]],
  ])("%s", (text, widths) => {
    expect(parseSigma(text)).toEqual(widths);
  });
  it("asks for a measurement where it is to be that of the field", () => {
    expect(() => parseSigma("erf")).toThrow(
      expect.objectContaining({ code: "sigma-not-measured", message: expect.stringContaining("erfSigma") }),
    );
  });
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "", "3 px", "1;5", "3x4", "0x4px", "3px,"])(
    "refuses %s",
    (text) => {
      expect(() => parseSigma(text)).toThrow(expect.objectContaining({ code: "bad-sigma" }));
    },
  );
});

describe("translation", () => {
  it("moves the map by a stride when what a cell holds moves by a cell, away from the edges", async () => {
    const at = async (i: number) => {
      const cells = Array.from({ length: 9 }, (_, j) => (j === i ? 1 : 0));
      return (await run("gaussian", cells, [1, 9], [1, 72])).values;
    };
    const [here, there] = [await at(4), await at(5)];
    for (let x = 8; x < 72; x++) expect(there[x]).toBeCloseTo(here[x - 8] as number, 6);
  });
});
