// Oracle: finite differences (test-support/gradient-spec.ts), sampling places away from the pixels' lines.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { uniform } from "../test-support/random.ts";
import type * as spatial from "./spatial.ts";

const FLOAT = { precision: "float", tolerance: 1e-2, why: "single precision" } as const;

const grids = (mode: string, padding: string, corners: number) => ({
  name: `${mode}, ${padding}, align_corners ${corners}`,
  graph: `(float[N,2,4,5] x, float[N,2,3,2] t) => (y) { g = Sin (t)  y = GridSample <mode = "${mode}", padding_mode = "${padding}", align_corners = ${corners}> (x, g) }`,
  wrt: ["x"],
  ...FLOAT,
});

const SPEC: SpecTable<typeof spatial> = {
  Col2Im: [
    {
      name: "overlapping blocks with pads",
      graph:
        "(float[N,8,4] x) => (y) <int64[2] image = {4, 3}, int64[2] block = {2, 2}> { y = Col2Im <strides = [2, 1], pads = [0, 0, 0, 0]> (x, image, block) }",
      precision: "float",
    },
    {
      name: "dilated, asymmetric pads",
      graph:
        "(float[N,6,21] x) => (y) <int64[2] image = {4, 5}, int64[2] block = {3, 1}> { y = Col2Im <dilations = [2, 1], pads = [1, 0, 2, 2]> (x, image, block) }",
      precision: "float",
    },
  ],
  AffineGrid: [0, 1].map((corners) => ({
    name: `align_corners ${corners}`,
    graph: `(float[2,2,3] x) => (y) <int64[4] size = {2, 1, 3, 4}> { y = AffineGrid <align_corners = ${corners}> (x, size) }`,
    precision: "float" as const,
  })),
  GridSample: [
    ...["zeros", "border"].flatMap((padding) =>
      [0, 1].flatMap((corners) => [grids("linear", padding, corners), grids("nearest", padding, corners)]),
    ),
    {
      name: "by the grid, inside",
      graph: '(float[N,2,3,3] x, float[N,2,2,2] g) => (y) { y = GridSample <mode = "linear"> (x, g) }',
      inputs: { g: uniform(-0.6, -0.1) },
      secondOrder: false,
      ...FLOAT,
      why: "places move over pixels",
    },
    {
      name: "by the grid, outside with border: none",
      graph:
        '(float[1,1,2,2] x, float[1,1,2,2] g) => (y) { y = GridSample <mode = "linear", padding_mode = "border", align_corners = 1> (x, g) }',
      at: { x: [1, 2, 3, 5], g: [0, 3, 0.5, 0] },
      expect: {
        g: [1, 0, 0.75, 1.375],
        x: [0.125, 0.375, 0.625, 0.875],
      },
    },
  ],
};

describeGradients(SPEC);
